/** HTTP to registries: one request and its answer, over TLS or not, through a proxy or not, with limits. */
import { type ClientRequest, type IncomingMessage, request as plainRequest, type RequestOptions } from 'node:http'
import { request as secureRequest } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { connect } from 'node:tls'
import { codeOf, EngineError, messageOf } from '../errors.ts'
import { hostname, isInsecure, proxyOf, type RegistrySettings } from './settings.ts'
import { unreachable } from './source.ts'

export interface Answer {
  status: number
  /** The status in words: `Not Found`. */
  reason?: string
  /** By lower-case name. */
  headers: Readonly<Record<string, string | string[] | undefined>>
  /** The body; to be read or dropped. */
  body: AsyncIterable<Uint8Array>
  drop(): void
}

/** What carries a request to a registry and its answer back: HTTP, or the simulated network. */
export type Transport = (host: string, call: Call) => Promise<Answer>

export interface Call {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path and query. */
  path: string
  headers?: Record<string, string>
  body?: Uint8Array | AsyncIterable<Uint8Array>
}

/** How long things may take, in ms, and how long they may be, in bytes. */
export interface Limits {
  /** Longest silence before a call is given up. */
  idle: number
  /** Longest time for a whole document. */
  document: number
  /** Longest time in which a blob must bring `least` bytes more. */
  window: number
  least: number
}

export const limits: Limits = { idle: 60_000, document: 60_000, window: 60_000, least: 16_384 }
/** Longest document that is read; blobs are streamed. */
const TEXT_MAX = 8 << 20
const REDIRECTS = 10

/** The way to real registries: each over the scheme that it answers to. */
export function networkTransport(settings: RegistrySettings, most: Limits = limits): Transport {
  const schemes = new Map<string, 'http' | 'https'>()
  return async (host, call) => {
    const known = schemes.get(host)
    if (known) return follow(new URL(`${known}://${host}${call.path}`), call, settings, most)
    if (!isInsecure(host, settings)) {
      const answer = await follow(new URL(`https://${host}${call.path}`), call, settings, most)
      schemes.set(host, 'https')
      return answer
    }
    // As Docker does: TLS where the registry has it, without a look at the certificate; else plain HTTP.
    if (await speaksTls(host, settings, most)) schemes.set(host, 'https')
    const scheme = schemes.get(host) ?? 'http'
    const answer = await follow(new URL(`${scheme}://${host}${call.path}`), call, settings, most)
    schemes.set(host, scheme)
    return answer
  }
}

/**
 * The way that Docker's client goes by itself (`docker manifest`): TLS first, plain HTTP only where the user lets it,
 * also on the loopback interface. A registry without TLS is no error of the connection: see `isPlainHttp`.
 */
export function clientTransport(settings: RegistrySettings, insecure: boolean): Transport {
  const schemes = new Map<string, 'http' | 'https'>()
  return async (host, call) => {
    if (!schemes.has(host)) {
      try {
        ;(await follow(new URL(`https://${host}/v2/`), { method: 'GET', path: '/v2/' }, settings)).drop()
        schemes.set(host, 'https')
      } catch (error) {
        if (!insecure || !isPlainHttp(error)) throw error
        schemes.set(host, 'http')
      }
    }
    return follow(new URL(`${schemes.get(host)}://${host}${call.path}`), call, settings)
  }
}

/** Whether a call failed because the other side does not speak TLS. */
export function isPlainHttp(error: unknown): boolean {
  return error instanceof EngineError && plainHttp.has(codeOf(error.cause) ?? '')
}

async function speaksTls(host: string, settings: RegistrySettings, most: Limits): Promise<boolean> {
  try {
    const answer = await once(new URL(`https://${host}/v2/`), { method: 'GET', path: '/v2/' }, settings, {
      ...most,
      idle: Math.min(most.idle, 10_000),
    })
    answer.drop()
    return true
  } catch {
    return false
  }
}

/** Sends a request, and goes where the answer points; credentials stay with the host that they are for. */
export async function follow(url: URL, call: Call, settings: RegistrySettings, most: Limits = limits): Promise<Answer> {
  let at = url
  let headers = call.headers ?? {}
  for (let hops = 0; ; hops++) {
    const answer = await once(at, { ...call, headers }, settings, most)
    const location = headerOf(answer, 'location')
    const moves = [301, 302, 303, 307, 308].includes(answer.status) && location !== ''
    if (!moves || (call.method !== 'GET' && call.method !== 'HEAD')) return answer
    answer.drop()
    if (hops === REDIRECTS)
      throw new EngineError('system', `${title(call.method)} ${JSON.stringify(location)}: stopped after 10 redirects`)
    const next = redirected(location, at)
    if (at.protocol === 'https:' && next.protocol === 'http:' && !isInsecure(next.host, settings))
      throw new EngineError('system', `refusing to follow a redirect from https to http (${next.host})`)
    if (next.host !== at.host) {
      const { authorization: _, ...others } = headers
      headers = others
    }
    at = next
  }
}

function redirected(location: string, from: URL): URL {
  try {
    const next = new URL(location, from)
    if (next.protocol === 'http:' || next.protocol === 'https:') return next
  } catch {
    // Told below.
  }
  throw new EngineError('system', `failed to parse Location header ${JSON.stringify(location.slice(0, 200))}`)
}

/** One request, without following anything. @throws EngineError as Docker words it when nothing answers */
async function once(url: URL, call: Call, settings: RegistrySettings, most: Limits): Promise<Answer> {
  const { method, headers = {}, body } = call
  const options: RequestOptions = {
    method,
    headers: { 'user-agent': 'minidock', ...headers, host: url.host },
    rejectUnauthorized: !isInsecure(url.host, settings),
  } as RequestOptions
  const open = await opener(url, options, settings, most)
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => reject(failure(url, method, error))
    const outgoing = open(incoming => resolve(toAnswer(incoming, most)))
    outgoing.setTimeout(most.idle, () => outgoing.destroy(timedOut()))
    outgoing.on('error', fail)
    if (body === undefined || body instanceof Uint8Array) outgoing.end(body)
    else pipeline(Readable.from(body), outgoing).catch(fail)
  })
}

const timedOut = (): Error => Object.assign(new Error('i/o timeout'), { code: 'ETIMEDOUT' })

type Open = (answered: (incoming: IncomingMessage) => void) => ClientRequest

/** How a connection to an address is made: directly, by way of a proxy, or through a tunnel of one. */
async function opener(url: URL, options: RequestOptions, settings: RegistrySettings, most: Limits): Promise<Open> {
  const proxy = proxyOf(url, settings)
  const secure = url.protocol === 'https:'
  if (!proxy) return answered => (secure ? secureRequest : plainRequest)(url, options, answered)
  const login = proxy.username && {
    'proxy-authorization': `Basic ${Buffer.from(decodeURIComponent(`${proxy.username}:${proxy.password}`)).toString('base64')}`,
  }
  const via = { host: hostname(proxy.host), port: proxy.port || 80 }
  if (!secure) {
    const headers = { ...options.headers, ...login }
    return answered => plainRequest({ ...options, ...via, headers, path: url.href }, answered)
  }
  const target = `${hostname(url.host)}:${url.port || 443}`
  const tunnel = plainRequest({ ...via, method: 'CONNECT', path: target, headers: { host: target, ...login } })
  const socket = await new Promise<import('node:net').Socket>((resolve, reject) => {
    const fail = (why: unknown): void => reject(new EngineError('system', `proxyconnect tcp: ${messageOf(why)}`))
    tunnel.on('connect', (answer, opened) => {
      if (answer.statusCode === 200) return resolve(opened as import('node:net').Socket)
      opened.destroy()
      fail(answer.statusMessage)
    })
    tunnel.setTimeout(most.idle, () => tunnel.destroy(timedOut()))
    tunnel.on('error', fail)
    tunnel.end()
  })
  const { rejectUnauthorized = true } = options as { rejectUnauthorized?: boolean }
  return answered =>
    secureRequest(
      url,
      {
        ...options,
        createConnection: () => connect({ socket, servername: hostname(url.host), rejectUnauthorized }),
      },
      answered,
    )
}

function toAnswer(incoming: IncomingMessage, most: Limits): Answer {
  return {
    status: incoming.statusCode ?? 0,
    reason: incoming.statusMessage ?? '',
    headers: incoming.headers,
    body: paced(incoming, most),
    drop: () => void incoming.destroy(),
  }
}

/** A body that comes fast enough: whoever sends a byte now and then does not hold a pull up for ever. */
async function* paced(incoming: IncomingMessage, most: Limits): AsyncGenerator<Uint8Array, void> {
  let came = 0
  let deadline = AbortSignal.timeout(most.window)
  const slow = (): void => void incoming.destroy(timedOut())
  deadline.addEventListener('abort', slow)
  try {
    for await (const bytes of incoming) {
      yield bytes as Uint8Array
      came += (bytes as Uint8Array).length
      if (came < most.least) continue
      came = 0
      deadline.removeEventListener('abort', slow)
      deadline = AbortSignal.timeout(most.window)
      deadline.addEventListener('abort', slow)
    }
  } finally {
    deadline.removeEventListener('abort', slow)
    incoming.destroy()
  }
}

/** Registries say `Get "http://…": dial tcp …` in Go's words. */
function failure(url: URL, method: string, error: unknown): EngineError {
  if (error instanceof EngineError) return error
  const code = codeOf(error)
  const all = error instanceof AggregateError ? error.errors.map(codeOf) : [code]
  if (all.includes('ECONNREFUSED')) return unreachable(url, 'refused')
  if (code === 'ENOTFOUND') return unreachable(url, 'unknown')
  if (code === 'EAI_AGAIN') return unreachable(url, 'unresolved')
  if (all.includes('ENETUNREACH')) return unreachable(url, 'network')
  const why = reasons.get(code ?? '') ?? messageOf(error)
  return new EngineError('unavailable', `${title(method)} "${url.href}": ${why}`, { cause: error })
}

const plainHttp = new Set(['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'])
const title = (method: string): string => method.slice(0, 1) + method.slice(1).toLowerCase()
const reasons = new Map([
  ['ECONNRESET', 'EOF'],
  ['EPIPE', 'write: broken pipe'],
  ['EPROTO', 'http: server gave HTTP response to HTTPS client'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'http: server gave HTTP response to HTTPS client'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'http: server gave HTTP response to HTTPS client'],
  ['ETIMEDOUT', 'i/o timeout'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls: failed to verify certificate: x509: certificate signed by unknown authority'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls: failed to verify certificate: x509: certificate signed by unknown authority'],
  [
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  ],
  ['CERT_HAS_EXPIRED', 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid'],
])

/** A header's value; '' when it is absent. */
export function headerOf({ headers }: Pick<Answer, 'headers'>, name: string): string {
  const value = headers[name]
  return (Array.isArray(value) ? value.join(', ') : value) ?? ''
}

/** The whole body as text. @throws EngineError for one that is too long or too slow */
export async function textOf(answer: Answer, max = TEXT_MAX, most: Limits = limits): Promise<string> {
  const parts: Uint8Array[] = []
  let length = 0
  const deadline = AbortSignal.timeout(most.document)
  for await (const part of answer.body) {
    length += part.length
    if (length > max) throw new EngineError('invalid', 'document too large')
    if (deadline.aborted) throw new EngineError('unavailable', 'i/o timeout')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
