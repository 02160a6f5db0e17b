/** Who may do what at a registry: its challenge, and the answer to it (Basic, or a token of another service). */
import { EngineError } from '../errors.ts'
import { type Answer, follow, headerOf, type Limits, textOf } from './http.ts'
import { isInsecure, type RegistrySettings } from './settings.ts'

/** Who pulls or pushes. */
export interface Credentials {
  username: string
  password: string
  /** What a registry gave instead of a password (`identitytoken` of config.json). */
  identityToken?: string
}

/** What a registry asks for in `WWW-Authenticate`. */
export type Challenge = { scheme: 'basic' } | { scheme: 'bearer'; realm: string; service: string; scope: string }

/** Longest answer of a token service, in bytes. */
const TOKEN_MAX = 1 << 20
/** A token whose end is nearer is not used any more, in seconds; one without an end lasts a minute (the spec's default). */
const MARGIN = 5
const LIFE = 60

/** The first challenge that can be answered; undefined when there is none (RFC 9110, 11.6.1). */
export function challengeOf(answer: Pick<Answer, 'headers'>): Challenge | undefined {
  const text = headerOf(answer, 'www-authenticate').slice(0, 8192)
  for (const match of text.matchAll(/(?:^|,)\s*(basic|bearer)\s+((?:[\w-]+\s*=\s*(?:"[^"]*"|[^\s,]*)\s*,?\s*)*)/gi)) {
    if (match[1]?.toLowerCase() === 'basic') return { scheme: 'basic' }
    const words: Record<string, string> = Object.create(null)
    for (const [, name = '', quoted, plain] of (match[2] ?? '').matchAll(/([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s,]*))/g))
      words[name.toLowerCase()] = quoted ?? plain ?? ''
    const { realm = '', service = '', scope = '' } = words
    if (realm !== '') return { scheme: 'bearer', realm, service, scope }
  }
  return undefined
}

/** `Basic …`. */
export function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

/** The tokens of one registry, each asked for once. */
export class Tokens {
  readonly #host: string
  readonly #settings: RegistrySettings
  readonly #credentials: Credentials | undefined
  readonly #now: () => number
  readonly #limits: Limits | undefined
  readonly #known = new Map<string, { token: Promise<string>; until: number }>()

  /** `now`: ms since the epoch. */
  constructor(
    host: string,
    settings: RegistrySettings,
    credentials: Credentials | undefined,
    now: () => number,
    limits?: Limits,
  ) {
    this.#host = host
    this.#settings = settings
    this.#credentials = credentials
    this.#now = now
    this.#limits = limits
  }

  /** A token for a scope such as `repository:team/app:pull,push`; anonymous without credentials. */
  async get(challenge: Challenge & { scheme: 'bearer' }, scope: string): Promise<string> {
    const known = this.#known.get(scope)
    if (known && known.until > this.#now()) return known.token
    const entry = { token: Promise.resolve(''), until: this.#now() + LIFE * 1000 }
    entry.token = this.#fetch(challenge, scope).then(({ token, life }) => {
      entry.until = this.#now() + (life - MARGIN) * 1000
      return token
    })
    this.#known.set(scope, entry)
    return entry.token
  }

  /** Forgets what a registry refused. */
  forget(scope: string): void {
    this.#known.delete(scope)
  }

  async #fetch(
    { realm, service }: Challenge & { scheme: 'bearer' },
    scope: string,
  ): Promise<{ token: string; life: number }> {
    const url = this.#realm(realm)
    const credentials = this.#credentials
    if (service !== '') url.searchParams.set('service', service)
    if (scope !== '') url.searchParams.set('scope', scope)
    const refresh = credentials?.identityToken
    if (credentials && refresh === undefined) url.searchParams.set('account', credentials.username)
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      service,
      scope,
      client_id: 'minidock',
      refresh_token: refresh ?? '',
    })
    const path = url.pathname + url.search
    const answer = await follow(
      refresh === undefined ? url : new URL(url.pathname, url),
      refresh === undefined
        ? { method: 'GET', path, headers: credentials ? { authorization: basic(credentials) } : {} }
        : {
            method: 'POST',
            path,
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            body: Buffer.from(form.toString()),
          },
      this.#settings,
      this.#limits,
    )
    if (answer.status === 401 || answer.status === 403) {
      answer.drop()
      throw new EngineError('unauthorized', 'unauthorized: incorrect username or password')
    }
    if (answer.status !== 200) {
      answer.drop()
      throw new EngineError(
        'system',
        `failed to fetch token: unexpected status: ${answer.status} ${answer.reason ?? ''}`,
      )
    }
    const { parseToken } = await import('../image/foreign.ts')
    const { token, expires } = parseToken(await textOf(answer, TOKEN_MAX, this.#limits))
    return { token, life: Math.max(expires ?? LIFE, LIFE) }
  }

  /** Where tokens are given out: over TLS, unless the registry itself does without. */
  #realm(realm: string): URL {
    let url: URL
    try {
      url = new URL(realm)
    } catch {
      throw new EngineError('system', 'invalid token auth challenge realm')
    }
    const plain = url.protocol === 'http:' && isInsecure(this.#host, this.#settings)
    if (url.protocol !== 'https:' && !plain)
      throw new EngineError('system', `refusing to ask for a token at ${url.origin}: it is not https`)
    return url
  }
}
