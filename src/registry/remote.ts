/** A registry over HTTP (the distribution spec): pulling from it, and pushing to it. */
import { createHash } from 'node:crypto'
import { EngineError, invalid, messageOf, notFound } from '../errors.ts'
import { type Descriptor, dockerList, ociIndex, ociManifest } from '../image/manifest.ts'
import { fullName, type Reference, withDefaultTag } from '../image/reference.ts'
import { basic, type Challenge, type Credentials, challengeOf, Tokens } from './auth.ts'
import { type Answer, type Call, headerOf, type Limits, limits, type Transport, textOf } from './http.ts'
import type { RegistrySettings } from './settings.ts'
import {
  accessDenied,
  type Document,
  type ImageSource,
  type LayerSupply,
  type LayerWatch,
  manifestUnknown,
} from './source.ts'
import { uploadBlob, withDigest } from './upload.ts'

export const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json'
const manifestTypes = [dockerManifest, dockerList, ociIndex, ociManifest].join(', ')
const schema1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+/
/** How often a request is tried, and the first pause in ms; later ones are longer (429, 5xx, broken connections). */
const ATTEMPTS = 4
const PAUSE = 250
/** Longest pause that a registry may ask for, in ms. */
const PAUSE_MAX = 30_000
/** Longest text of an error that is looked at, in bytes. */
const ERROR_MAX = 1 << 16
/** Attempts at one layer, and seconds that the pause before the next grows by (moby distribution/xfer). */
const LAYER_ATTEMPTS = 5
const LAYER_PAUSE = 5

export interface RemoteOptions {
  credentials?: Credentials
  settings: RegistrySettings
  /** ms since the epoch. */
  now: () => number
  sleep: (ms: number) => Promise<void>
  limits?: Limits
}

export class RemoteRegistry implements ImageSource {
  readonly atOnce = 3
  readonly #host: string
  readonly #transport: Transport
  readonly #options: RemoteOptions
  readonly #tokens: Tokens
  #challenge: Promise<Challenge | undefined> | undefined

  /** `host` with its port. */
  constructor(host: string, transport: Transport, options: RemoteOptions) {
    this.#host = host
    this.#transport = transport
    this.#options = options
    this.#tokens = new Tokens(host, options.settings, options.credentials, options.now, options.limits)
  }

  /** Finds out whether the registry answers at all, and what it wants to know. @throws EngineError when it does not */
  async ping(): Promise<void> {
    this.#challenge ??= this.#ask()
    await this.#challenge
  }

  async #ask(): Promise<Challenge | undefined> {
    const answer = await this.#carry({ method: 'GET', path: '/v2/' })
    answer.drop()
    return answer.status === 401 ? challengeOf(answer) : undefined
  }

  async greeting({ path }: Reference): Promise<string[]> {
    await this.ping()
    const challenge = await this.#challenge
    const ping = `ping: GET ${this.#host}/v2/ -> ${challenge ? `401, ${challenge.scheme}` : '200, no login needed'}`
    if (challenge?.scheme !== 'bearer') return [ping]
    const scope = pullScope(path)
    await this.#tokens.get(challenge, scope)
    return [ping, `token: GET ${challenge.realm}?service=${challenge.service}&scope=${scope} -> 200`]
  }

  /** Whether the credentials are good: the status of a ping with them, 200 when they are. */
  async login(): Promise<{ status: number; reason: string }> {
    await this.ping()
    const challenge = await this.#challenge
    if (!challenge) return { status: 200, reason: 'OK' }
    try {
      const headers = await this.#authorization(challenge, '')
      const answer = await this.#carry({ method: 'GET', path: '/v2/', headers })
      answer.drop()
      return { status: answer.status, reason: answer.reason ?? '' }
    } catch (error) {
      if (error instanceof EngineError && error.kind === 'unauthorized') return { status: 401, reason: 'Unauthorized' }
      throw error
    }
  }

  /** Sends a call as who has the credentials. `scope`: what a token must allow. */
  async #send(call: Call, scope: string): Promise<Answer> {
    await this.ping()
    const challenge = await this.#challenge
    for (let again = false; ; again = true) {
      const headers = challenge ? await this.#authorization(challenge, scope, call) : {}
      const answer = await this.#patiently({ ...call, headers: { ...call.headers, ...headers } })
      if (answer.status !== 401 || challenge?.scheme !== 'bearer' || again || isStream(call.body)) return answer
      // The token may have ended early: one more is asked for, once.
      answer.drop()
      this.#tokens.forget(scope)
    }
  }

  async #authorization(challenge: Challenge, scope: string, call?: Call): Promise<{ authorization: string }> {
    if (challenge.scheme === 'bearer')
      return { authorization: `Bearer ${await this.#tokens.get(challenge, scope || challenge.scope)}` }
    const { credentials } = this.#options
    if (credentials) return { authorization: basic(credentials) }
    const reads = call?.method === 'GET'
    const method = call?.path.includes('/manifests/') ? 'Head' : 'Get'
    const where = reads ? `${method} "http://${this.#host}${call.path}": ` : ''
    throw new EngineError('unauthorized', `${where}no basic auth credentials`)
  }

  /** Tries again where that may help; bodies that stream are sent once. */
  async #patiently(call: Call): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const last = attempt === ATTEMPTS || isStream(call.body) || call.method === 'POST' || call.method === 'DELETE'
      let answer: Answer | undefined
      try {
        answer = await this.#carry(call)
        if (last || (answer.status !== 429 && answer.status < 500)) return answer
      } catch (error) {
        if (last || !(error instanceof EngineError) || error.kind !== 'unavailable') throw error
      }
      answer?.drop()
      const asked = answer ? Number(headerOf(answer, 'retry-after')) * 1000 : 0
      await this.#options.sleep(Math.min(PAUSE_MAX, Math.max(asked || 0, PAUSE * 2 ** attempt)))
    }
  }

  #carry(call: Call): Promise<Answer> {
    return this.#transport(this.#host, call)
  }

  async resolve(given: Reference): Promise<Document> {
    const reference = withDefaultTag(given)
    const name = reference.digest ?? reference.tag ?? ''
    const answer = await this.#send(
      { method: 'GET', path: `/v2/${reference.path}/manifests/${name}`, headers: { accept: manifestTypes } },
      pullScope(reference.path),
    )
    if (answer.status >= 300) throw await this.#refusal(answer, reference)
    const type = headerOf(answer, 'content-type').split(';', 1)[0]?.trim() ?? ''
    const text = await this.#text(answer)
    const { parseManifestOrIndex } = await import('../image/foreign.ts')
    if (schema1.test(type) || /^\s*\{\s*"schemaVersion"\s*:\s*1\b/.test(text)) throw outdated(reference)
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`
    if (reference.digest !== undefined && reference.digest !== digest)
      throw new EngineError('dataLoss', `manifest verification failed for digest ${reference.digest}`)
    const parsed = parseManifestOrIndex(text)
    const own = 'index' in parsed ? parsed.index.mediaType : parsed.manifest.mediaType
    if (own && own !== type && manifestTypes.includes(type) && type !== '')
      throw invalid(`mediaType in manifest should be '${type}' not '${own}'`)
    const mediaType = own || type || dockerManifest
    return { text, descriptor: { mediaType, digest, size: Buffer.byteLength(text) } }
  }

  async document(reference: Reference, descriptor: Descriptor): Promise<Document> {
    const { domain, path } = reference
    if (/manifest|index/.test(descriptor.mediaType)) return this.resolve({ domain, path, digest: descriptor.digest })
    const text = await this.#text(await this.#blob(reference, descriptor.digest))
    if (`sha256:${createHash('sha256').update(text).digest('hex')}` !== descriptor.digest)
      throw new EngineError('dataLoss', `image config verification failed for digest ${descriptor.digest}`)
    const { parseConfig } = await import('../image/foreign.ts')
    parseConfig(text)
    return { text, descriptor }
  }

  async layer(
    reference: Reference,
    descriptor: Descriptor,
    _diffID?: string,
    watch: LayerWatch = () => {},
  ): Promise<LayerSupply> {
    return { blob: this.#pieces(reference, descriptor, watch) }
  }

  /** A blob as it comes, checked against its size and digest; after a break it goes on where it was. */
  async *#pieces(
    reference: Reference,
    { digest, size }: Descriptor,
    watch: LayerWatch,
  ): AsyncGenerator<Uint8Array, void> {
    const hash = createHash('sha256')
    const wrong = (): EngineError =>
      new EngineError('dataLoss', `filesystem layer verification failed for digest ${digest}`)
    let got = 0
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await this.#blob(reference, digest, got)
        // A registry that does not know ranges sends all of it again.
        let skip = answer.status === 206 ? 0 : got
        for await (const piece of answer.body) {
          const bytes = skip === 0 ? piece : piece.subarray(Math.min(skip, piece.length))
          skip -= piece.length - bytes.length
          if (bytes.length === 0) continue
          if (got + bytes.length > size) throw wrong()
          hash.update(bytes)
          got += bytes.length
          watch({ got })
          yield bytes
        }
        break
      } catch (error) {
        const again = !(error instanceof EngineError) || error.kind === 'unavailable' || error.kind === 'system'
        if (!again || attempt === LAYER_ATTEMPTS) throw error instanceof EngineError ? error : cutShort(error)
        for (let left = LAYER_PAUSE * attempt; left > 0; left--) {
          watch({ retryIn: left })
          await this.#options.sleep(1000)
        }
      }
    }
    if (got !== size || `sha256:${hash.digest('hex')}` !== digest) throw wrong()
  }

  async tags(reference: Reference): Promise<string[]> {
    const { parseTagList } = await import('../image/foreign.ts')
    const all: string[] = []
    let path = `/v2/${reference.path}/tags/list`
    for (let page = 0; page < 1000; page++) {
      const answer = await this.#send({ method: 'GET', path }, pullScope(reference.path))
      if (answer.status >= 300) throw await this.#refusal(answer, reference)
      const next = /<([^>]+)>\s*;\s*rel="?next"?/.exec(headerOf(answer, 'link'))?.[1]
      all.push(...parseTagList(await this.#text(answer)))
      if (next === undefined) break
      const url = new URL(next, `http://${this.#host}${path}`)
      path = url.pathname + url.search
    }
    return [...new Set(all)].sort()
  }

  async #blob(reference: Reference, digest: string, from = 0): Promise<Answer> {
    const answer = await this.#send(
      {
        method: 'GET',
        path: `/v2/${reference.path}/blobs/${digest}`,
        ...(from > 0 && { headers: { range: `bytes=${from}-` } }),
      },
      pullScope(reference.path),
    )
    if (answer.status === 200) return answer
    const start = /^bytes (\d+)-/.exec(headerOf(answer, 'content-range'))?.[1]
    if (answer.status === 206 && Number(start) === from) return answer
    answer.drop()
    if (answer.status === 404 || answer.status < 400) throw notFound('unknown blob')
    throw this.#unexpected(answer)
  }

  /** The text of an answer that went well. */
  async #text(answer: Answer): Promise<string> {
    if (answer.status < 300) return this.#read(answer)
    answer.drop()
    throw this.#unexpected(answer)
  }

  async #read(answer: Answer, max?: number): Promise<string> {
    try {
      return await textOf(answer, max, this.#options.limits ?? limits)
    } catch (error) {
      throw error instanceof EngineError ? error : cutShort(error)
    }
  }

  readonly #unexpected = ({ status, reason }: Answer): EngineError =>
    new EngineError('system', `received unexpected HTTP status: ${status}${reason ? ` ${reason}` : ''}`)

  /** What an answer that is no success means, in the words of Docker for the registry's (errcode, translatePullError). */
  async #refusal(answer: Answer, reference: Reference): Promise<EngineError> {
    if (answer.status >= 500) {
      answer.drop()
      return this.#unexpected(answer)
    }
    const { errors, text } = await this.#errors(answer)
    const first = errors[0]
    const hub = reference.domain === 'docker.io'
    if (first?.code === 'MANIFEST_UNKNOWN' || (answer.status === 404 && !first && text === ''))
      return manifestUnknown(reference)
    if (first?.code === 'NAME_UNKNOWN')
      return notFound(`repository ${fullName(reference)} not found: ${wordsOf(first)}`)
    if (first?.code === 'DENIED' || (hub && answer.status === 401)) return accessDenied(reference)
    if (first) return new EngineError(answer.status === 401 ? 'unauthorized' : 'unknown', wordsOf(first))
    const name = new Map([
      [401, 'unauthorized'],
      [403, 'denied'],
      [429, 'toomanyrequests'],
    ]).get(answer.status)
    return new EngineError('unknown', `${name ?? 'unknown'}: ${text.trim()}`)
  }

  async #errors(answer: Answer): Promise<{ errors: RegistryError[]; text: string }> {
    const { parseRegistryErrors } = await import('../image/foreign.ts')
    let text = ''
    try {
      text = await this.#read(answer, ERROR_MAX)
    } catch {
      // Too long, or cut short: the status says enough.
    }
    return parseRegistryErrors(text)
  }

  /** Whether the repository has a blob. */
  async has(path: string, digest: string): Promise<boolean> {
    const answer = await this.#send({ method: 'HEAD', path: `/v2/${path}/blobs/${digest}` }, pushScope(path))
    answer.drop()
    return answer.status === 200
  }

  /** Takes a blob over from another repository of the registry; false when that has it no more. */
  async mount(path: string, digest: string, from: string): Promise<boolean> {
    const query = `mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(from)}`
    const answer = await this.#send(
      { method: 'POST', path: `/v2/${path}/blobs/uploads/?${query}` },
      `${pushScope(path)} ${pullScope(from)}`,
    )
    answer.drop()
    return answer.status === 201
  }

  /** Uploads a blob in one piece. */
  async put(path: string, data: Uint8Array, digest: string): Promise<void> {
    const location = await this.#start(path)
    const done = await this.#send(
      {
        method: 'PUT',
        path: withDigest(location, digest),
        headers: { 'content-type': 'application/octet-stream', 'content-length': String(data.length) },
        body: data,
      },
      pushScope(path),
    )
    await this.#expect(done, 201)
  }

  /** Uploads a blob whose digest is known only when it has been sent; `open` gives its bytes, the same each time. */
  upload(path: string, open: () => AsyncIterable<Uint8Array>): Promise<{ digest: string; size: number }> {
    const wire = {
      send: (call: Call) => this.#send(call, pushScope(path)),
      expect: (answer: Answer, status: number) => this.#expect(answer, status),
      location: (answer: Answer) => this.#location(answer),
      sleep: this.#options.sleep,
    }
    return uploadBlob(wire, path, open)
  }

  async #start(path: string): Promise<string> {
    const headers = { 'content-length': '0' }
    const answer = await this.#send({ method: 'POST', path: `/v2/${path}/blobs/uploads/`, headers }, pushScope(path))
    await this.#expect(answer, 202)
    return this.#location(answer)
  }

  /** Where an upload goes on: a path of this registry, whatever host the answer names. */
  #location(answer: Answer): string {
    const location = headerOf(answer, 'location')
    if (location === '') throw new EngineError('system', 'the registry does not say where the upload goes on')
    const url = new URL(location, `http://${this.#host}/`)
    return url.pathname + url.search
  }

  /** @throws EngineError for another status, in the registry's words */
  async #expect(answer: Answer, status: number): Promise<void> {
    if (answer.status === status) return answer.drop()
    if (answer.status >= 500 || answer.status < 400) {
      answer.drop()
      throw this.#unexpected(answer)
    }
    const { errors, text } = await this.#errors(answer)
    const first = errors[0]
    if (first) throw new EngineError(answer.status === 401 ? 'unauthorized' : 'unknown', wordsOf(first))
    if (answer.status === 401) throw new EngineError('unauthorized', 'unauthorized: authentication required')
    throw new EngineError(
      'unknown',
      text.trim() === '' ? messageOf(this.#unexpected(answer)) : `unknown: ${text.trim()}`,
    )
  }

  /** Stores a manifest under a tag or its digest. */
  async putManifest(path: string, reference: string, mediaType: string, text: string): Promise<void> {
    const answer = await this.#send(
      {
        method: 'PUT',
        path: `/v2/${path}/manifests/${reference}`,
        headers: { 'content-type': mediaType },
        body: Buffer.from(text),
      },
      pushScope(path),
    )
    await this.#expect(answer, 201)
  }
}

/** One error of a registry's answer. */
interface RegistryError {
  code: string
  message: string
}

/** `manifest unknown: manifest unknown` (errcode.Error). */
function wordsOf({ code, message }: RegistryError): string {
  const name = code.toLowerCase().replaceAll('_', ' ')
  return message === '' ? name : `${name}: ${message}`
}

const isStream = (body: Call['body']): boolean => body !== undefined && !(body instanceof Uint8Array)
const pullScope = (path: string): string => `repository:${path}:pull`
const pushScope = (path: string): string => `repository:${path}:pull,push`

/** A body that ended too early. */
const cutShort = (cause: unknown): EngineError => new EngineError('unavailable', 'unexpected EOF', { cause })

function outdated(reference: Reference): EngineError {
  return new EngineError(
    'invalid',
    `Docker Image Format v1 and Docker Image manifest version 2, schema 1 support has been removed. Suggest the author of ${fullName(reference)}:${reference.tag ?? reference.digest} to upgrade the image to the OCI Format or Docker Image manifest v2, schema 2. More information at https://docs.docker.com/go/deprecated-image-specs/`,
  )
}
