/** The little of HTTP/1 that clients and servers here speak. */
import { Errno } from '../../../vfs/errno.ts'
import type { Routine } from '../../program.ts'
import { fromBytes } from './bytes.ts'
import { readBytes } from './input.ts'

export interface Url {
  readonly scheme: string
  readonly user: string | undefined
  readonly host: string
  readonly port: number
  /** Path and query, at least `/`. */
  readonly path: string
  /** Whether the port was written out. */
  readonly explicitPort: boolean
}

const defaultPorts: Readonly<Record<string, number>> = { http: 80, https: 443, ftp: 21 }

/** Takes a URL apart; a text without a scheme is HTTP. Undefined when the port is no number. */
export function parseUrl(text: string): Url | undefined {
  const match =
    /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):\/\/)?(?:([^@/?#]*)@)?(\[[0-9a-fA-F:.]+\]|[^:/?#]*)(?::([^/?#]*))?([^#]*)/.exec(text)
  if (!match) return undefined
  const scheme = (match[1] ?? 'http').toLowerCase()
  const port = match[4] === undefined || match[4] === '' ? (defaultPorts[scheme] ?? 80) : Number(match[4])
  if (!Number.isInteger(port) || port < 0 || port > 65_535) return undefined
  const rest = match[5] ?? ''
  return {
    scheme,
    user: match[2],
    host: (match[3] ?? '').replace(/^\[|\]$/g, ''),
    port,
    path: rest === '' ? '/' : rest.startsWith('?') ? `/${rest}` : rest,
    explicitPort: match[4] !== undefined && match[4] !== '',
  }
}

/** The host as a Host header has it. */
export function hostHeader(url: Url): string {
  const host = url.host.includes(':') ? `[${url.host}]` : url.host
  return url.port === defaultPorts[url.scheme] ? host : `${host}:${url.port}`
}

/** A Location header read against the address it came from. */
export function resolveUrl(base: Url, location: string): Url | undefined {
  if (/^[a-zA-Z][a-zA-Z0-9+.-]*:\/\//.test(location)) return parseUrl(location)
  const origin = `${base.scheme}://${base.host.includes(':') ? `[${base.host}]` : base.host}:${base.port}`
  if (location.startsWith('//')) return parseUrl(`${base.scheme}:${location}`)
  if (location.startsWith('/')) return parseUrl(origin + location)
  return parseUrl(`${origin}${base.path.replace(/[^/]*(\?.*)?$/, '')}${location}`)
}

export type Headers = [name: string, value: string][]

/** The first value of a header, whatever the case of its name. */
export function header(headers: Headers, name: string): string | undefined {
  return headers.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
}

export interface ResponseHead {
  /** "HTTP/1.1 200 OK" */
  readonly statusLine: string
  readonly status: number
  readonly headers: Headers
  /** The lines as they came, without line ends. */
  readonly lines: readonly string[]
}

/** Largest head that is read; what is longer is no HTTP. */
const headLimit = 256 * 1024

/** Bytes of a connection that were read ahead, and more of them on demand. */
export class Connection {
  readonly fd: number
  private ahead = new Uint8Array(0)
  private ended = false

  private readonly timeoutMs: () => number

  /** @param timeoutMs asked before each wait: how long it may take */
  constructor(fd: number, timeoutMs: () => number = () => Number.POSITIVE_INFINITY) {
    this.fd = fd
    this.timeoutMs = timeoutMs
  }

  /** Some bytes, at most `length`; empty at the end. ETIMEDOUT when none come within `timeoutMs`. */
  *read(length = 65_536): Routine<Uint8Array> {
    if (this.ahead.length > 0) {
      const part = this.ahead.slice(0, length)
      this.ahead = this.ahead.slice(part.length)
      return part
    }
    if (this.ended) return new Uint8Array(0)
    const data = yield* this.receive(length)
    this.ended = data.length === 0
    return data
  }

  /** A line without its line end; undefined at the end of the connection. */
  *line(): Routine<string | undefined> {
    let at = this.ahead.indexOf(10)
    while (at === -1) {
      if (this.ended || this.ahead.length > headLimit) return this.take()
      const data = yield* this.receive(4096)
      if (data.length === 0) {
        this.ended = true
        return this.take()
      }
      const from = this.ahead.length
      const joined = new Uint8Array(from + data.length)
      joined.set(this.ahead)
      joined.set(data, from)
      this.ahead = joined
      at = this.ahead.indexOf(10, from)
    }
    const line = fromBytes(this.ahead.subarray(0, at))
    this.ahead = this.ahead.slice(at + 1)
    return line.replace(/\r$/, '')
  }

  private *receive(length: number): Routine<Uint8Array> {
    if (!(yield* waitReadable(this.fd, this.timeoutMs()))) throw new Errno('ETIMEDOUT')
    return yield* readBytes(this.fd, length)
  }

  private take(): string | undefined {
    if (this.ahead.length === 0) return undefined
    const rest = fromBytes(this.ahead)
    this.ahead = new Uint8Array(0)
    return rest
  }
}

/** Reads lines up to an empty one. Undefined when the connection ended before the first. */
export function* readHead(
  connection: Connection,
): Routine<{ first: string; headers: Headers; lines: string[] } | undefined> {
  const first = yield* connection.line()
  if (first === undefined) return undefined
  const headers: Headers = []
  const lines = [first]
  for (let line = yield* connection.line(); line !== undefined && line !== ''; line = yield* connection.line()) {
    const colon = line.indexOf(':')
    if (colon > 0) headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()])
    lines.push(line)
    if (lines.length > 1000) break
  }
  return { first, headers, lines }
}

/** Reads a response's head, passing over `100 Continue`. Undefined when the server sent nothing; status 0: not HTTP. */
export function* readResponseHead(connection: Connection): Routine<ResponseHead | undefined> {
  for (;;) {
    const head = yield* readHead(connection)
    if (!head) return undefined
    const match = /^HTTP\/\d+(?:\.\d+)? (\d{3})/.exec(head.first)
    const status = match ? Number(match[1]) : 0
    if (status !== 100) return { statusLine: head.first, status, headers: head.headers, lines: head.lines }
  }
}

/** The body in pieces, by Content-Length, chunked coding, or up to the end of the connection. */
export function* eachBodyPart(
  connection: Connection,
  headers: Headers,
  part: (data: Uint8Array) => Routine<void>,
): Routine<{ complete: boolean }> {
  if (header(headers, 'Transfer-Encoding')?.toLowerCase().includes('chunked')) {
    for (;;) {
      const size = Number.parseInt((yield* connection.line()) ?? '', 16)
      if (Number.isNaN(size)) return { complete: false }
      let left = size
      while (left > 0) {
        const data = yield* connection.read(left)
        if (data.length === 0) return { complete: false }
        left -= data.length
        yield* part(data)
      }
      yield* connection.line()
      if (size === 0) return { complete: true }
    }
  }
  const length = header(headers, 'Content-Length')
  let left = length !== undefined && /^\d+$/.test(length) ? Number(length) : Number.POSITIVE_INFINITY
  while (left > 0) {
    const data = yield* connection.read(Math.min(left, 65_536))
    if (data.length === 0) break
    left -= data.length
    yield* part(data)
  }
  return { complete: left === 0 || left === Number.POSITIVE_INFINITY }
}

/** Waits until a connection has something to read. False when `ms` pass first. */
export function* waitReadable(fd: number, ms: number): Routine<boolean> {
  if (ms === Number.POSITIVE_INFINITY) return true
  const ready = (yield { op: 'poll', fds: [{ fd, event: 'in' }], ms }) as number[]
  return ready.length > 0
}
