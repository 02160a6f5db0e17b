/**
 * nginx: reads `listen`, `root` and `index` of its first server, serves files, writes its logs where the image's
 * links lead, and obeys QUIT, TERM and HUP. What it does not do: upstreams, rewrites, TLS, any other directive.
 */

import type { CoroutineProgram, Proc, Routine } from '../../kernel/program.ts'
import { Connection, header, readHead } from '../../kernel/userland/lib/http.ts'
import { isErrno } from '../../vfs/errno.ts'

const types: Record<string, string> = {
  html: 'text/html',
  htm: 'text/html',
  css: 'text/css',
  js: 'application/javascript',
  json: 'application/json',
  txt: 'text/plain',
  png: 'image/png',
  jpg: 'image/jpeg',
  svg: 'image/svg+xml',
  ico: 'image/x-icon',
}
const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1')

interface Site {
  port: number
  root: string
  index: string[]
}

/** What a running server consists of: its descriptors and its configuration. */
interface State extends Site {
  socket: number
  log: number
  error: number
}

export const program: CoroutineProgram = {
  kind: 'coroutine',
  name: 'nginx',
  *main(p, saved) {
    const version = p.marker.version ?? '1.27.4'
    if (p.argv.includes('-v') || p.argv.includes('-V')) {
      yield { op: 'write', fd: 2, data: bytes(`nginx version: nginx/${version}\n`) }
      return 0
    }
    if (p.argv.includes('-t')) {
      yield {
        op: 'write',
        fd: 2,
        data: bytes(
          'nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\nnginx: configuration file /etc/nginx/nginx.conf test is successful\n',
        ),
      }
      return 0
    }
    // A restored server goes on from what it had stored: nothing may be read again before it waits.
    if (saved !== undefined) return yield* serve(p, version, saved as unknown as State)
    return yield* start(p, yield* readSite(p), version)
  },
}

function* start(p: Proc, site: Site, version: string): Routine<number> {
  const open = (path: string, fallback: number): number => {
    try {
      return p.open(path, { write: true, append: true, create: true }, 0o644)
    } catch (error) {
      if (isErrno(error)) return fallback
      throw error
    }
  }
  const error = open('/var/log/nginx/error.log', 2)
  const log = open('/var/log/nginx/access.log', 1)
  let socket: number
  try {
    socket = p.listen('0.0.0.0', site.port, 'tcp')
  } catch (thrown) {
    if (!isErrno(thrown)) throw thrown
    yield {
      op: 'write',
      fd: error,
      data: bytes(
        `${stamp(p)} [emerg] ${p.pid}#${p.pid}: bind() to 0.0.0.0:${site.port} failed (${thrown.code === 'EADDRINUSE' ? '98: Address already in use' : `13: ${thrown.message}`})\n`,
      ),
    }
    return 1
  }
  for (const signal of ['QUIT', 'TERM', 'INT', 'HUP']) p.sigaction(signal, 'catch')
  const workers = 2
  const lines = [
    'using the "epoll" event method',
    `nginx/${version}`,
    'built by gcc 12.2.0 (Debian 12.2.0-14) ',
    `OS: Linux ${p.uname().release}`,
    'getrlimit(RLIMIT_NOFILE): 1048576:1048576',
    'start worker processes',
    ...Array.from({ length: workers }, (_, at) => `start worker process ${28 + at}`),
  ]
  for (const line of lines)
    yield { op: 'write', fd: error, data: bytes(`${stamp(p)} [notice] ${p.pid}#${p.pid}: ${line}\n`) }
  p.setTitle('nginx', ['nginx: master process nginx -g daemon off;'])
  const state: State = { ...site, socket, log, error }
  p.checkpoint({ ...state })
  return yield* serve(p, version, state)
}

/** `2026/11/23 12:00:00`. */
function stamp(p: Proc): string {
  return new Date(p.now()).toISOString().slice(0, 19).replace('T', ' ').replaceAll('-', '/')
}

function* serve(p: Proc, version: string, state: State): Routine<number> {
  for (;;) {
    let fd: number
    try {
      fd = (yield { op: 'accept', fd: state.socket }) as number
    } catch (thrown) {
      if (!isErrno(thrown, 'EINTR')) throw thrown
      const signal = p.takeSignal()
      if (signal === undefined || signal === 'HUP') {
        p.checkpoint({ ...state })
        continue
      }
      const number = { QUIT: 3, TERM: 15, INT: 2 }[signal] ?? 15
      yield {
        op: 'write',
        fd: state.error,
        data: bytes(
          `${stamp(p)} [notice] ${p.pid}#${p.pid}: signal ${number} (SIG${signal}) received, ${signal === 'QUIT' ? 'shutting down' : 'exiting'}\n${stamp(p)} [notice] ${p.pid}#${p.pid}: exit\n`,
        ),
      }
      return 0
    }
    yield* answer(p, version, state, fd)
    p.checkpoint({ ...state })
  }
}

function* answer(p: Proc, version: string, state: State, fd: number): Routine<void> {
  const connection = new Connection(fd)
  try {
    const head = yield* readHead(connection)
    if (!head) return
    const [method = 'GET', target = '/'] = head.first.split(' ')
    const found = yield* find(p, state, decodeURIComponent(target.split('?', 1)[0] ?? '/'))
    const page = `<html>\r\n<head><title>${found.status}</title></head>\r\n<body>\r\n<center><h1>${found.status}</h1></center>\r\n<hr><center>nginx/${version}</center>\r\n</body>\r\n</html>\r\n`
    const body = found.body ?? bytes(page)
    const date = new Date(p.now()).toUTCString()
    const lines = [
      `HTTP/1.1 ${found.status}`,
      `Server: nginx/${version}`,
      `Date: ${date}`,
      `Content-Type: ${found.type}`,
      `Content-Length: ${body.length}`,
      ...(found.location ? [`Location: ${found.location}`] : []),
      'Connection: close',
      '',
      '',
    ]
    yield { op: 'write', fd, data: bytes(lines.join('\r\n')) }
    if (method !== 'HEAD') yield { op: 'write', fd, data: body }
    const peer = p.sockname(fd).peer?.address ?? '-'
    const agent = header(head.headers, 'User-Agent') ?? '-'
    const referer = header(head.headers, 'Referer') ?? '-'
    const time = new Date(p.now()).toUTCString().replace(/^\w+, (\d+) (\w+) (\d+) (.*) GMT$/, '$1/$2/$3:$4 +0000')
    yield {
      op: 'write',
      fd: state.log,
      data: bytes(
        `${peer} - - [${time}] "${head.first}" ${found.status.slice(0, 3)} ${method === 'HEAD' ? 0 : body.length} "${referer}" "${agent}" "-"\n`,
      ),
    }
    if (found.missing)
      yield {
        op: 'write',
        fd: state.error,
        data: bytes(
          `${stamp(p)} [error] 28#28: *1 open() "${found.missing}" failed (2: No such file or directory), client: ${peer}, server: localhost, request: "${head.first}", host: "${header(head.headers, 'Host') ?? ''}"\n`,
        ),
      }
  } catch (error) {
    if (!isErrno(error)) throw error
  } finally {
    p.close(fd)
  }
}

interface Found {
  status: string
  type: string
  body?: Uint8Array
  location?: string
  missing?: string
}

function* find(p: Proc, site: Site, path: string): Routine<Found> {
  const clean = path
    .split('/')
    .filter(part => part !== '' && part !== '.' && part !== '..')
    .join('/')
  const full = `${site.root}/${clean}`.replace(/\/$/, '')
  const notFound = (missing: string): Found => ({ status: '404 Not Found', type: 'text/html', missing })
  try {
    if (p.stat(full || '/').type !== 'dir') return yield* file(p, full)
    if (!path.endsWith('/')) return { status: '301 Moved Permanently', type: 'text/html', location: `${path}/` }
    for (const name of site.index)
      if (p.access(`${full}/${name}`, { read: true })) return yield* file(p, `${full}/${name}`)
    return { status: '403 Forbidden', type: 'text/html' }
  } catch (error) {
    if (isErrno(error, 'EACCES')) return { status: '403 Forbidden', type: 'text/html' }
    if (isErrno(error)) return notFound(full)
    throw error
  }
}

/** Files that a page consists of are small; a large one is cut off at this size. */
const mostBytes = 8 << 20

function* file(p: Proc, path: string): Routine<Found> {
  const fd = p.open(path, { read: true })
  try {
    const body = yield* readAll(fd, mostBytes)
    return { status: '200 OK', type: types[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream', body }
  } finally {
    p.close(fd)
  }
}

function* readAll(fd: number, most: number): Routine<Uint8Array> {
  const parts: Uint8Array[] = []
  for (let left = most; left > 0; ) {
    const data = (yield { op: 'read', fd, length: Math.min(left, 65_536) }) as Uint8Array
    if (data.length === 0) break
    parts.push(data)
    left -= data.length
  }
  return Buffer.concat(parts)
}

/** The first server of the configuration, with nginx's defaults. */
function* readSite(p: Proc): Routine<Site> {
  let text = ''
  for (const path of ['/etc/nginx/conf.d/default.conf', '/etc/nginx/http.d/default.conf', '/etc/nginx/nginx.conf']) {
    try {
      const fd = p.open(path, { read: true })
      text += Buffer.from(yield* readAll(fd, 65_536)).toString('latin1')
      p.close(fd)
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }
  const lines = text.replace(/#[^\n]*/g, '')
  const value = (name: string): string | undefined =>
    new RegExp(`\\b${name}\\s+([^;{}]{1,200});`).exec(lines)?.[1]?.trim()
  const port = /(\d+)/.exec(value('listen') ?? '')?.[1]
  return {
    port: Number(port ?? 80),
    root: value('root') ?? '/usr/share/nginx/html',
    index: (value('index') ?? 'index.html').split(/\s+/),
  }
}
