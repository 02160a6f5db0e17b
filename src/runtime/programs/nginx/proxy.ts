/** proxy_pass: the request handed on to another server, and its answer handed back. */
import type { Proc, Routine } from '../../../kernel/program.ts'
import { Connection, eachBodyPart, type Headers, header, readResponseHead } from '../../../kernel/userland/lib/http.ts'
import { isErrno } from '../../../vfs/errno.ts'
import type { HttpReply } from '../../http-server.ts'
import { inherited, isAddress, splitHost } from './site.ts'
import { type Exchange, expand } from './variables.ts'

/** Names that were resolved when the configuration was read: nginx keeps to them until it is reloaded. */
export type Resolved = Record<string, string[]>

/** How many requests each upstream group has had: whose turn it is. */
export type Turns = Record<string, number>

export interface ProxyFailure {
  readonly status: 502 | 504
  /** For the error log, after which come the client and the request. */
  readonly words: string
  readonly upstream: string
}

const connectPatience = 60_000
const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te', 'trailer', 'expect'])

/** Asks the server that a proxy_pass names. Tries the servers of a group in turn. */
export function* proxy(
  p: Proc,
  x: Exchange,
  pass: string,
  prefix: string | undefined,
  resolved: Resolved,
  turns: Turns,
): Routine<HttpReply | ProxyFailure> {
  const url = expand(x, pass)
  const [, scheme = 'http', authority = '', rest] = /^(https?):\/\/([^/]*)(\/.*)?$/.exec(url) ?? []
  const path = upstreamPath(x, rest, prefix)
  const group = x.site.upstreams.get(authority)
  const { host, port } = splitHost(authority, scheme === 'https' ? 443 : 80)
  const ring: Target[] = group
    ? group.servers
        .filter(each => !each.down)
        .flatMap(each =>
          addressesOf(resolved, each.address).flatMap(address =>
            Array.from({ length: each.backup ? 1 : each.weight }, () => ({
              address,
              port: each.port,
              backup: each.backup,
            })),
          ),
        )
    : addressesOf(resolved, host).map(address => ({ address, port, backup: false }))
  if (!group && ring.length === 0) {
    const found = (yield { op: 'resolve', name: host }) as string[]
    if (found.length === 0)
      return { status: 502, words: `${host} could not be resolved (3: Host not found)`, upstream: '' }
    ring.push(...found.map(address => ({ address, port, backup: false })))
  }
  const main = ring.filter(each => !each.backup)
  const turn = turns[authority] ?? 0
  turns[authority] = turn + 1
  const start = main.length > 0 ? turn % main.length : 0
  const order = unique([...main.slice(start), ...main.slice(0, start), ...ring.filter(each => each.backup)])
  let failure: ProxyFailure = { status: 502, words: 'no live upstreams while connecting to upstream', upstream: url }
  for (const target of order) {
    const upstream = `${scheme}://${target.address}:${target.port}${path}`
    x.upstream = { address: `${target.address}:${target.port}`, status: '502', host: authority }
    try {
      const fd = (yield {
        op: 'connect',
        address: target.address,
        port: target.port,
        protocol: 'tcp',
        timeoutMs: connectPatience,
      }) as number
      try {
        const reply = yield* ask(fd, x, path, authority)
        if (reply) {
          x.upstream = { ...x.upstream, status: String(reply.status) }
          return reply
        }
        failure = {
          status: 502,
          words: 'upstream prematurely closed connection while reading response header from upstream',
          upstream,
        }
      } finally {
        p.close(fd)
      }
    } catch (error) {
      if (!isErrno(error) || error.code === 'EINTR') throw error
      failure = connectFailure(error.code, upstream)
    }
  }
  return failure
}

interface Target {
  readonly address: string
  readonly port: number
  readonly backup: boolean
}

const unique = (targets: Target[]): Target[] => [
  ...new Map(targets.map(each => [`${each.address}:${each.port}`, each])).values(),
]

const addressesOf = (resolved: Resolved, host: string): string[] => (isAddress(host) ? [host] : (resolved[host] ?? []))

function connectFailure(code: string, upstream: string): ProxyFailure {
  if (code === 'ETIMEDOUT')
    return {
      status: 504,
      words: 'upstream timed out (110: Connection timed out) while connecting to upstream',
      upstream,
    }
  const reason =
    code === 'EHOSTUNREACH'
      ? '113: Host is unreachable'
      : code === 'ENETUNREACH'
        ? '101: Network is unreachable'
        : '111: Connection refused'
  return { status: 502, words: `connect() failed (${reason}) while connecting to upstream`, upstream }
}

/** A URI in proxy_pass takes the place of the location's prefix; without one the request goes on as it came. */
function upstreamPath(x: Exchange, replacement: string | undefined, prefix: string | undefined): string {
  const query = x.args === '' ? '' : `?${x.args}`
  if (replacement === undefined) {
    const original = (x.request.target.split('?', 1)[0] ?? '/').replace(/^https?:\/\/[^/]*/, '')
    return safeDecode(original) === x.uri ? original + query : encodeURI(x.uri) + query
  }
  if (prefix === undefined) return replacement
  return encodeURI(replacement + x.uri.slice(prefix.length)) + query
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function* ask(fd: number, x: Exchange, path: string, authority: string): Routine<HttpReply | undefined> {
  const own = inherited(x.level, 'proxy_set_header')
  const protocol = inherited(x.level, 'proxy_http_version').at(-1)?.args[0] ?? '1.0'
  const set = new Map<string, [string, string]>([
    ['host', ['Host', authority]],
    ['connection', ['Connection', 'close']],
  ])
  for (const { args } of own) {
    const [name = '', value = ''] = args
    set.set(name.toLowerCase(), [name, expand(x, value)])
  }
  const lines: Headers = []
  for (const [name, value] of set.values()) if (value !== '') lines.push([name, value])
  if (x.request.body.length > 0 && !set.has('content-length'))
    lines.push(['Content-Length', String(x.request.body.length)])
  for (const [name, value] of x.request.headers) {
    const key = name.toLowerCase()
    if (!set.has(key) && !hopByHop.has(key) && key !== 'content-length' && key !== 'host') lines.push([name, value])
  }
  const head = `${x.request.method} ${path} HTTP/${protocol}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
  yield { op: 'write', fd, data: Buffer.concat([Buffer.from(head, 'latin1'), x.request.body]) }
  const connection = new Connection(fd, () => connectPatience)
  const answer = yield* readResponseHead(connection)
  if (!answer || answer.status === 0) return undefined
  const parts: Uint8Array[] = []
  if (x.request.method !== 'HEAD' && answer.status !== 204 && answer.status !== 304)
    // biome-ignore lint/correctness/useYield: a part of the body is only kept
    yield* eachBodyPart(connection, answer.headers, function* (part) {
      parts.push(part.slice())
    })
  const hidden = new Set(inherited(x.level, 'proxy_hide_header').map(each => (each.args[0] ?? '').toLowerCase()))
  const kept = answer.headers.filter(([name]) => {
    const key = name.toLowerCase()
    return !hopByHop.has(key) && !hidden.has(key) && key !== 'server' && key !== 'date' && key !== 'content-length'
  })
  const body = Buffer.concat(parts)
  const length = header(answer.headers, 'Content-Length')
  const sized: Headers =
    length === undefined
      ? [['Transfer-Encoding', 'chunked']]
      : [['Content-Length', x.request.method === 'HEAD' ? length : String(body.length)]]
  const reason = answer.statusLine.replace(/^\S+ \d+ ?/, '')
  return {
    status: answer.status,
    reason,
    headers: [
      ...kept.filter(([name]) => name.toLowerCase() === 'content-type'),
      ...sized,
      ...kept.filter(([name]) => name.toLowerCase() !== 'content-type'),
    ],
    body,
  }
}
