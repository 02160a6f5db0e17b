/** The program `registry` of the image registry:2, as a process of the simulated kernel. */

import type { CoroutineProgram, Json, Proc, Routine } from '../kernel/program.ts'
import { toBytes } from '../kernel/userland/lib/bytes.ts'
import { Connection, eachBodyPart, header, readHead } from '../kernel/userland/lib/http.ts'
import { isErrno } from '../vfs/errno.ts'
import { type FileCall, type RegistryAnswer, type RegistryRequest, type RegistrySettings, serving } from './serve.ts'

const VERSION = '2.8.3'
const GO = 'go1.20.8'
const USAGE =
  '`registry`\n\nUsage: \n  registry [flags]\n  registry [command]\n\nAvailable Commands: \n  serve           `serve` stores and distributes Docker images\n  garbage-collect `garbage-collect` deletes layers not referenced by any manifests\n  help            Help about any command\n\nFlags:\n  -h, --help=false: help for registry\n  -v, --version=false: show the version and exit\n\n\nUse "registry help [command]" for more information about a command.\n'
/** Longest body of a request that is taken in. */
const BODY_MAX = 512 << 20
/** A client that says nothing for so long is let go, in ms. */
const IDLE = 60_000
const reasons: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  206: 'Partial Content',
  304: 'Not Modified',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Request Entity Too Large',
  416: 'Requested Range Not Satisfiable',
}
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** What is kept between requests. */
interface State {
  socket: number
  instance: string
}

export const program: CoroutineProgram = {
  kind: 'coroutine',
  name: 'registry',
  *main(p, saved) {
    const [, verb] = p.argv
    if (verb === '-v' || verb === '--version') {
      yield* print(1, `${p.argv[0]} github.com/docker/distribution ${VERSION}\n`)
      return 0
    }
    if (verb !== 'serve') {
      yield* print(1, USAGE)
      return 0
    }
    // As process 1 a Go program ends with status 2 on TERM and INT.
    p.sigaction('TERM', 'catch')
    p.sigaction('INT', 'catch')
    const state = stateOf(saved) ?? (yield* start(p))
    if (typeof state === 'number') return state
    const root = p.env.get('REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY') ?? '/var/lib/registry'
    const settings = { allowDelete: p.env.get('REGISTRY_STORAGE_DELETE_ENABLED') === 'true' }
    for (;;) {
      p.checkpoint({ socket: state.socket, instance: state.instance })
      try {
        const fd = (yield { op: 'accept', fd: state.socket }) as number
        yield* converse(p, fd, root, settings)
      } catch (error) {
        if (!isErrno(error)) throw error
        if (error.code === 'EINTR') return 2
      }
    }
  },
}

function stateOf(saved: Json | undefined): State | undefined {
  if (typeof saved !== 'object' || saved === null || Array.isArray(saved)) return undefined
  const { socket, instance } = saved
  return typeof socket === 'number' && typeof instance === 'string' ? { socket, instance } : undefined
}

/** Says what the real one says, and listens. A number is the status that it ends with. */
function* start(p: Proc): Routine<State | number> {
  const hex = Buffer.from(p.random(16)).toString('hex')
  const instance = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-')
  const log = (level: string, message: string): Routine<void> =>
    print(
      2,
      `time="${new Date(p.now()).toISOString().replace('Z', '000000Z')}" level=${level} msg=${JSON.stringify(message)} go.version=${GO} instance.id=${instance} service=registry version=${VERSION} \n`,
    )
  yield* log(
    'warning',
    'No HTTP secret provided - generated random secret. This may cause problems with uploads if multiple registries are behind a load-balancer. To provide a shared secret, fill in http.secret in the configuration file or set the REGISTRY_HTTP_SECRET environment variable.',
  )
  yield* log('info', 'redis not configured')
  yield* log('info', 'using inmemory blob descriptor cache')
  const address = p.env.get('REGISTRY_HTTP_ADDR') ?? ':5000'
  const [, host = '', port = '5000'] = /^(.*):(\d+)$/.exec(address) ?? []
  try {
    const socket = p.listen(host === '' ? '::' : host, Number(port), 'tcp')
    yield* log('info', `listening on ${host === '' ? '[::]' : host}:${port}`)
    return { socket, instance }
  } catch (error) {
    if (!isErrno(error)) throw error
    yield* log('fatal', `listen tcp ${address}: bind: ${error.message.toLowerCase()}`)
    return 1
  }
}

/** Answers the requests of one connection. */
function* converse(p: Proc, fd: number, root: string, settings: RegistrySettings): Routine<void> {
  try {
    const connection = new Connection(fd, () => IDLE)
    for (let head = yield* readHead(connection); head; head = yield* readHead(connection)) {
      const [method = '', path = '/', version = 'HTTP/1.1'] = head.first.split(' ')
      const parts: Uint8Array[] = []
      let length = 0
      const hasBody =
        header(head.headers, 'Content-Length') !== undefined || header(head.headers, 'Transfer-Encoding') !== undefined
      if (hasBody) {
        // biome-ignore lint/correctness/useYield: a part of the body is only kept
        yield* eachBodyPart(connection, head.headers, function* (part) {
          length += part.length
          if (length <= BODY_MAX) parts.push(part.slice())
        })
      }
      const headers = Object.fromEntries(head.headers.map(([name, value]) => [name.toLowerCase(), value]))
      const answer = yield* answerTo(p, root, { method, path, headers, body: Buffer.concat(parts) }, settings)
      const last = /close/i.test(headers['connection'] ?? '') || version === 'HTTP/1.0'
      yield* reply(p, fd, answer, last)
      yield* accessLog(p, fd, head.first, answer, headers)
      if (last) return
    }
  } catch (error) {
    if (!isErrno(error) || error.code === 'EINTR') throw error
  } finally {
    p.close(fd)
  }
}

function* reply(p: Proc, fd: number, answer: RegistryAnswer, last: boolean): Routine<void> {
  const date = new Date(p.now()).toUTCString()
  const headers = { ...answer.headers, 'x-content-type-options': 'nosniff', date, ...(last && { connection: 'close' }) }
  const lines = Object.entries(headers).map(([name, value]) => `${title(name)}: ${value}\r\n`)
  const head = `HTTP/1.1 ${answer.status} ${reasons[answer.status] ?? 'Unknown'}\r\n${lines.join('')}\r\n`
  yield { op: 'write', fd, data: Buffer.concat([toBytes(head), answer.body]) }
}

const title = (name: string): string => name.replace(/(^|-)[a-z]/g, start => start.toUpperCase())

function* accessLog(
  p: Proc,
  fd: number,
  request: string,
  answer: RegistryAnswer,
  headers: Readonly<Record<string, string>>,
): Routine<void> {
  const time = new Date(p.now())
  const two = (n: number): string => String(n).padStart(2, '0')
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(two).join(':')
  const stamp = `${two(time.getUTCDate())}/${months[time.getUTCMonth()]}/${time.getUTCFullYear()}:${clock} +0000`
  const from = p.sockname(fd).peer?.address ?? '-'
  const agent = headers['user-agent'] ?? ''
  yield* print(1, `${from} - - [${stamp}] "${request}" ${answer.status} ${answer.body.length} "" "${agent}"\n`)
}

/** Lets the registry work over the container's files. */
function* answerTo(
  p: Proc,
  root: string,
  request: RegistryRequest & { body: Uint8Array },
  settings: RegistrySettings,
): Routine<RegistryAnswer> {
  const work = serving(request, settings)
  let step = work.next()
  while (!step.done) step = work.next(yield* fileCall(p, root, step.value))
  return step.value
}

function* fileCall(p: Proc, root: string, call: FileCall): Routine<unknown> {
  const path = `${root}/${call.path}`
  try {
    if (call.op === 'read') return yield* readWhole(p, path)
    if (call.op === 'list')
      return p
        .readdir(path)
        .map(entry => entry.name)
        .sort()
    if (call.op === 'remove') removeTree(p, path)
    else yield* writeWhole(p, path, call.data)
    return undefined
  } catch (error) {
    if (!isErrno(error) || call.op === 'write') throw error
    return call.op === 'list' ? [] : undefined
  }
}

function* readWhole(p: Proc, path: string): Routine<Uint8Array> {
  const fd = p.open(path, { read: true })
  try {
    const parts: Uint8Array[] = []
    for (;;) {
      const part = (yield { op: 'read', fd, length: 1 << 20 }) as Uint8Array
      if (part.length === 0) return Buffer.concat(parts)
      parts.push(part.slice())
    }
  } finally {
    p.close(fd)
  }
}

function* writeWhole(p: Proc, path: string, data: Uint8Array): Routine<void> {
  for (let slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
    try {
      p.mkdir(path.slice(0, slash))
    } catch (error) {
      if (!isErrno(error) || error.code !== 'EEXIST') throw error
    }
  }
  const fd = p.open(path, { write: true, create: true, truncate: true }, 0o644)
  try {
    yield { op: 'write', fd, data }
  } finally {
    p.close(fd)
  }
}

function removeTree(p: Proc, path: string): void {
  if (p.lstat(path).type !== 'dir') return p.unlink(path)
  for (const { name } of p.readdir(path)) removeTree(p, `${path}/${name}`)
  p.rmdir(path)
}

function* print(fd: number, text: string): Routine<void> {
  yield { op: 'write', fd, data: Buffer.from(text) }
}
