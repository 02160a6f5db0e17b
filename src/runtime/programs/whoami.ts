/** traefik/whoami: tells who answers and what was asked. */
import type { CoroutineProgram, Json, Proc, Routine } from '../../kernel/program.ts'
import { type Headers, header } from '../../kernel/userland/lib/http.ts'
import { isErrno } from '../../vfs/errno.ts'
import { httpDate, slashTime } from '../clock-words.ts'
import { type HttpReply, type HttpRequest, type Serving, serveHttp } from '../http-server.ts'
import { textNow } from '../whole-file.ts'

/** A Go program that is asked to end as process 1 does so with this status. */
const TERMINATED = 2

export const program: CoroutineProgram = {
  kind: 'coroutine',
  name: 'traefik-whoami',
  *main(p, saved) {
    const serving = (saved as unknown as Serving | undefined) ?? (yield* start(p))
    if (typeof serving === 'number') return serving
    yield* serveHttp(p, serving, {
      // biome-ignore lint/correctness/useYield: the answer is at hand
      *answer(request) {
        return answer(p, request)
      },
      // biome-ignore lint/correctness/useYield: it just ends
      *signal() {
        return true
      },
      idle: () => p.checkpoint(serving as unknown as Json),
    })
    return TERMINATED
  },
}

/** The value of `-NAME VALUE`, `--NAME=VALUE` or the environment's variable. */
function setting(p: Proc, name: string, variable: string): string | undefined {
  const at = p.argv.findIndex(word => new RegExp(`^--?${name}(=|$)`).test(word))
  const word = p.argv[at]
  if (word === undefined) return p.env.get(variable)
  return word.includes('=') ? word.slice(word.indexOf('=') + 1) : p.argv[at + 1]
}

function* start(p: Proc): Routine<Serving | number> {
  for (const signal of ['TERM', 'INT']) p.sigaction(signal, 'catch')
  const say = (text: string) => ({ op: 'write' as const, fd: 2, data: Buffer.from(`${slashTime(p.now())} ${text}\n`) })
  const port = setting(p, 'port', 'WHOAMI_PORT_NUMBER') ?? '80'
  yield say(`Starting up on port ${port}`)
  try {
    return { listeners: [p.listen('::', Number(port), 'tcp')], open: [] }
  } catch (error) {
    if (!isErrno(error)) throw error
    yield say(`listen tcp :${port}: bind: ${error.message.toLowerCase()}`)
    return 1
  }
}

function answer(p: Proc, request: HttpRequest): HttpReply {
  const [path = '/', query = ''] = request.target.split('?')
  const text = (body: string, status = 200): HttpReply => ({
    status,
    headers: [
      ['Date', httpDate(p.now())],
      ['Content-Length', String(Buffer.byteLength(body, 'latin1'))],
      ['Content-Type', 'text/plain; charset=utf-8'],
    ],
    body: Buffer.from(body, 'latin1'),
  })
  const name = setting(p, 'name', 'WHOAMI_NAME')
  const hostname = p.uname().nodename
  if (path === '/health') return text('')
  if (path === '/bench') return text('1')
  if (path === '/data') return text(sized(new URLSearchParams(query)))
  if (path === '/api') {
    const facts = {
      hostname,
      ip: addresses(p),
      headers: grouped(request.headers),
      url: request.target,
      host: header(request.headers, 'Host') ?? '',
      method: request.method,
      ...(name && { name }),
      remoteAddr: remote(request),
    }
    const body = Buffer.from(`${JSON.stringify(facts)}\n`)
    const headers: Headers = [
      ['Content-Type', 'application/json'],
      ['Date', httpDate(p.now())],
    ]
    return { status: 200, headers, body }
  }
  const lines = [
    ...(name ? [`Name: ${name}`] : []),
    `Hostname: ${hostname}`,
    ...addresses(p).map(address => `IP: ${address}`),
    `RemoteAddr: ${remote(request)}`,
  ]
  return text(`${lines.join('\n')}\n${asGoWritesIt(request)}`)
}

const remote = ({ peer }: HttpRequest): string =>
  peer.address.includes(':') ? `[${peer.address}]:${peer.port}` : `${peer.address}:${peer.port}`

/** The addresses of the container's interfaces: loopback's, and those that /etc/hosts has for its name. */
function addresses(p: Proc): string[] {
  const { nodename } = p.uname()
  const own = (textNow(p, '/etc/hosts') ?? '').split('\n').flatMap(line => {
    const [address = '', ...names] = line.trim().split(/\s+/)
    return names.includes(nodename) ? [address] : []
  })
  return ['127.0.0.1', '::1', ...own]
}

function grouped(headers: Headers): Record<string, string[]> {
  const found = new Map<string, string[]>()
  for (const [name, value] of headers) {
    if (name.toLowerCase() === 'host') continue
    found.set(canonical(name), [...(found.get(canonical(name)) ?? []), value])
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

const canonical = (name: string): string => name.toLowerCase().replace(/(^|-)[a-z]/g, letter => letter.toUpperCase())

/** The request as Go's http.Request.Write has it: the host and the user agent first, the others by name. */
function asGoWritesIt(request: HttpRequest): string {
  const agent = header(request.headers, 'User-Agent')
  const others = request.headers
    .map(([name, value]): [string, string] => [canonical(name), value])
    .filter(([name]) => name !== 'Host' && name !== 'User-Agent')
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const lines = [
    `${request.method} ${request.target} HTTP/1.1`,
    `Host: ${header(request.headers, 'Host') ?? ''}`,
    ...(agent === undefined ? [] : [`User-Agent: ${agent}`]),
    ...others.map(([name, value]) => `${name}: ${value}`),
  ]
  return `${lines.map(line => `${line}\r\n`).join('')}\r\n`
}

/** `/data?size=2&unit=KB`: so many characters between bars, at most 1 MB. */
function sized(query: URLSearchParams): string {
  const units: Readonly<Record<string, number>> = { kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3, tb: 1024 ** 4 }
  const size = Number(query.get('size') ?? 1) * (units[(query.get('unit') ?? '').toLowerCase()] ?? 1)
  const length = Math.max(0, Math.min(Number.isFinite(size) ? size : 1, 1 << 20))
  return `|${'ABCDEFGHIJKLMNOPQRSTUVWXYZ-'.repeat(Math.ceil(length / 27)).slice(0, Math.max(0, length - 2))}|`
}
