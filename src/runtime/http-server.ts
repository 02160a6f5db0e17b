/**
 * The connections of a modelled HTTP server: accepted, read one request at a time, kept open as the client asks.
 * What it holds is plain data (`Serving`), so that a server can store it in its checkpoint.
 */
import type { Proc, Routine } from '../kernel/program.ts'
import { Connection, eachBodyPart, type Headers, header, readHead } from '../kernel/userland/lib/http.ts'
import { isErrno } from '../vfs/errno.ts'

export interface HttpRequest {
  readonly method: string
  /** Path and query as they came. */
  readonly target: string
  /** `HTTP/1.1`. */
  readonly version: string
  /** The first line. */
  readonly line: string
  readonly headers: Headers
  readonly body: Uint8Array
  readonly peer: { address: string; port: number }
  readonly local: { address: string; port: number }
}

export interface HttpReply {
  readonly status: number
  readonly reason?: string
  /** Complete, but for Content-Length, which is added where a body needs it. */
  readonly headers: Headers
  readonly body: Uint8Array
  /** Sent as it is, without any head (HTTP/0.9 and raw protocols). */
  readonly raw?: boolean
}

/** Listening descriptors, and the connections that wait for their next request. */
export interface Serving {
  listeners: number[]
  open: number[]
}

export interface ServingRules {
  /** undefined: the connection is closed without an answer. */
  answer(request: HttpRequest): Routine<HttpReply | undefined>
  /** Answers to what is no HTTP. Default: the connection is closed. */
  malformed?(line: string, local: HttpRequest['local'], peer: HttpRequest['peer']): Routine<HttpReply | undefined>
  /** true ends serving. */
  signal(name: string): Routine<boolean>
  /** Called when nothing is under way. */
  idle(): void
  /** Largest body taken in, in bytes. */
  mostBody?: number
  /** When to look again even if nobody comes, in ms. */
  tick?: () => number
}

/** A client that sends half a request is let go after so many ms. */
const patience = 60_000
const defaultMostBody = 64 << 20

export const reasons: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  206: 'Partial Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Request Entity Too Large',
  415: 'Unsupported Media Type',
  416: 'Range Not Satisfiable',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Time-out',
}

/** Serves until a signal says to end. */
export function* serveHttp(p: Proc, serving: Serving, rules: ServingRules): Routine<void> {
  for (;;) {
    rules.idle()
    let ready: number[]
    try {
      const fds = [...serving.listeners, ...serving.open].map(fd => ({ fd, event: 'in' as const }))
      ready = (yield { op: 'poll', fds, ms: rules.tick?.() ?? Number.POSITIVE_INFINITY }) as number[]
    } catch (error) {
      if (!isErrno(error, 'EINTR')) throw error
      for (let name = p.takeSignal(); name !== undefined; name = p.takeSignal()) if (yield* rules.signal(name)) return
      continue
    }
    for (const fd of ready) {
      if (serving.listeners.includes(fd)) yield* accept(serving, fd)
      else if (!(yield* exchange(p, fd, rules))) {
        serving.open = serving.open.filter(each => each !== fd)
        p.close(fd)
      }
    }
  }
}

/** Another process that listens on the same socket may have been faster. */
function* accept(serving: Serving, listener: number): Routine<void> {
  try {
    serving.open.push((yield { op: 'accept', fd: listener, now: true }) as number)
  } catch (error) {
    if (!isErrno(error)) throw error
  }
}

/** One request and its answer. Whether the connection stays open. */
function* exchange(p: Proc, fd: number, rules: ServingRules): Routine<boolean> {
  try {
    const connection = new Connection(fd, () => patience)
    const head = yield* readHead(connection)
    if (!head) return false
    const { local, peer = { address: '', port: 0 } } = p.sockname(fd)
    const [, method, target, version = 'HTTP/0.9'] = /^([A-Za-z]+) (\S+)(?: (HTTP\/\d\.\d))?$/.exec(head.first) ?? []
    if (method === undefined || target === undefined) {
      const reply = yield* rules.malformed?.(head.first, local, peer) ?? nothing()
      if (reply) yield* send(fd, reply, 'GET', false)
      return false
    }
    if (header(head.headers, 'Expect')?.toLowerCase() === '100-continue')
      yield { op: 'write', fd, data: Buffer.from('HTTP/1.1 100 Continue\r\n\r\n') }
    const body = yield* readBody(connection, head.headers, rules.mostBody ?? defaultMostBody)
    const wanted = header(head.headers, 'Connection')?.toLowerCase()
    const keep = version === 'HTTP/1.1' ? wanted !== 'close' : wanted === 'keep-alive'
    const request = { method, target, version, line: head.first, headers: head.headers, body, peer, local }
    const reply = yield* rules.answer(request)
    if (!reply) return false
    yield* send(fd, reply, method, keep)
    return keep && header(reply.headers, 'Connection')?.toLowerCase() !== 'close'
  } catch (error) {
    if (!isErrno(error) || isErrno(error, 'EINTR')) throw error
    return false
  }
}

// biome-ignore lint/correctness/useYield: stands where a rule may answer
function* nothing(): Routine<undefined> {
  return undefined
}

function* readBody(connection: Connection, headers: Headers, most: number): Routine<Uint8Array> {
  if (header(headers, 'Content-Length') === undefined && header(headers, 'Transfer-Encoding') === undefined)
    return new Uint8Array(0)
  const parts: Uint8Array[] = []
  let size = 0
  // biome-ignore lint/correctness/useYield: a part of the body is only kept
  yield* eachBodyPart(connection, headers, function* (part) {
    size += part.length
    if (size <= most) parts.push(part.slice())
  })
  return Buffer.concat(parts)
}

function* send(fd: number, reply: HttpReply, method: string, keep: boolean): Routine<void> {
  if (reply.raw) {
    yield { op: 'write', fd, data: reply.body }
    return
  }
  const headers: Headers = [...reply.headers]
  const bodiless = reply.status === 204 || reply.status === 304
  const set = (name: string): boolean => header(headers, name) !== undefined
  if (!bodiless && !set('Content-Length') && !set('Transfer-Encoding'))
    headers.push(['Content-Length', String(reply.body.length)])
  if (!keep && !set('Connection')) headers.push(['Connection', 'close'])
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const head = `HTTP/1.1 ${reply.status} ${reply.reason ?? reasons[reply.status] ?? 'Unknown'}\r\n${lines}\r\n`
  const body = method === 'HEAD' || bodiless ? new Uint8Array(0) : reply.body
  const chunked = /chunked/i.test(header(headers, 'Transfer-Encoding') ?? '')
  yield { op: 'write', fd, data: Buffer.concat([Buffer.from(head, 'latin1'), chunked ? oneChunk(body) : body]) }
}

function oneChunk(body: Uint8Array): Uint8Array {
  const end = Buffer.from('0\r\n\r\n')
  if (body.length === 0) return end
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n'), end])
}
