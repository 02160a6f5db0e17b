/** A worker of nginx: takes connections, answers, writes the logs. */
import type { Json, Proc, Routine } from '../../../kernel/program.ts'
import { header } from '../../../kernel/userland/lib/http.ts'
import { readAccounts } from '../../../kernel/userland/lib/users.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { slashTime } from '../../clock-words.ts'
import { type HttpReply, type HttpRequest, type Serving, serveHttp } from '../../http-server.ts'
import type { Directive } from './config.ts'
import { errorPage } from './pages.ts'
import type { Resolved, Turns } from './proxy.ts'
import { resolveHosts } from './resolve.ts'
import { answer, begin, type ServeContext } from './serve.ts'
import { inherited, makeSite, type Site, setting } from './site.ts'
import { type Exchange, expand, logLine } from './variables.ts'

export function* say(fd: number, text: string): Routine<void> {
  yield { op: 'write', fd, data: Buffer.from(text, 'latin1') }
}

const levels = ['debug', 'info', 'notice', 'warn', 'error', 'crit', 'alert', 'emerg']

/** The error log of a process. */
export interface Log {
  fd: number
  level: string
  write(p: Proc, level: string, text: string): Routine<void>
  fds(): number[]
}

/** The error log, where nginx has it by default; standard error when that cannot be opened. */
export function openLogs(p: Proc, known?: number, level = 'notice'): Log {
  const log: Log = {
    fd: known ?? openLog(p, '/var/log/nginx/error.log') ?? 2,
    level,
    *write(proc, at, text) {
      if (levels.indexOf(at) < levels.indexOf(log.level)) return
      yield* say(log.fd, `${slashTime(proc.now())} [${at}] ${proc.pid}#${proc.pid}: ${text}\n`)
    },
    fds: () => [log.fd],
  }
  return log
}

export function openLog(p: Proc, path: string): number | undefined {
  try {
    return p.open(path, { write: true, append: true, create: true }, 0o644)
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

interface Kept {
  directives: Directive[]
  resolved: Resolved
  turns: Turns
  serving: Serving
  logs: Record<string, number>
  errorLog: number
  errorLevel: string
  number: number
}

export function* work(
  p: Proc,
  version: string,
  task: { listeners: number[] },
  saved: Json | undefined,
  load: () => { directives: Directive[]; site: Site },
): Routine<number> {
  let kept: Kept
  let site: Site
  if (saved === undefined) {
    for (const signal of ['QUIT', 'TERM']) p.sigaction(signal, 'catch')
    for (const signal of ['INT', 'HUP', 'USR1', 'WINCH']) p.sigaction(signal, 'ignore')
    const loaded = load()
    site = loaded.site
    p.memory(2_600_000)
    p.setTitle('nginx', ['nginx: worker process'])
    kept = {
      directives: loaded.directives,
      resolved: yield* resolveHosts(site),
      turns: {},
      serving: { listeners: task.listeners, open: [] },
      logs: {},
      errorLog: 2,
      errorLevel: 'error',
      number: 0,
    }
    yield* openSiteLogs(p, site, kept)
    if (!(yield* dropRoot(p, loaded.directives))) return 2
  } else {
    kept = saved as unknown as Kept
    site = makeSite(kept.directives)
  }
  const notice = (text: string): Routine<void> => openLogs(p, kept.errorLog, kept.errorLevel).write(p, 'notice', text)
  yield* serveHttp(p, kept.serving, {
    // What changes is copied: a journal that is run again begins with what was there at this moment.
    idle: () =>
      p.checkpoint({
        ...kept,
        turns: { ...kept.turns },
        serving: { listeners: [...kept.serving.listeners], open: [...kept.serving.open] },
      } as unknown as Json),
    mostBody: 64 << 20,
    answer: request => respond(p, site, kept, version, request),
    malformed: (line, local, peer) => malformed(p, site, kept, version, line, local, peer),
    *signal(name) {
      if (name === 'QUIT') yield* notice('gracefully shutting down')
      yield* notice('exiting')
      yield* notice('exit')
      return true
    },
  })
  return 0
}

function* openSiteLogs(p: Proc, site: Site, kept: Kept): Routine<void> {
  const paths = new Set<string>(['/var/log/nginx/access.log'])
  const visit = (directives: readonly Directive[]): void => {
    for (const each of directives) {
      if (
        each.name === 'access_log' &&
        each.args[0] !== 'off' &&
        !each.args[0]?.includes('$') &&
        !each.args[0]?.startsWith('syslog:')
      )
        paths.add(each.args[0] ?? '')
      if (each.block) visit(each.block)
    }
  }
  visit(site.http.directives)
  for (const path of paths) {
    const fd = openLog(p, path.startsWith('/') ? path : `/etc/nginx/${path}`)
    if (fd !== undefined) kept.logs[path] = fd
  }
  const main = kept.directives.filter(each => each.name === 'error_log').at(-1)
  const own = inherited(site.http, 'error_log').at(-1) ?? main
  const path = own?.args[0] ?? '/var/log/nginx/error.log'
  kept.errorLevel = own?.args[1] ?? 'error'
  kept.errorLog = path === 'stderr' ? 2 : (openLog(p, path) ?? 2)
}

/** Becomes the workers' user; false when it may not, which ends the worker for good. */
function* dropRoot(p: Proc, directives: readonly Directive[]): Routine<boolean> {
  if (p.cred.uid !== 0) return true
  const name = directives.find(each => each.name === 'user')?.args[0] ?? 'nobody'
  const accounts = yield* readAccounts(p)
  const user = accounts.users.find(each => each.name === name)
  if (!user) return true
  const log = openLogs(p)
  try {
    p.setCred({ gid: user.gid, groups: [user.gid] })
  } catch (error) {
    if (!isErrno(error)) throw error
    yield* log.write(p, 'emerg', `setgid(${user.gid}) failed (1: Operation not permitted)`)
    return false
  }
  try {
    p.setCred({ uid: user.uid })
  } catch (error) {
    if (!isErrno(error)) throw error
    yield* log.write(p, 'emerg', `setuid(${user.uid}) failed (1: Operation not permitted)`)
    return false
  }
  return true
}

function* respond(
  p: Proc,
  site: Site,
  kept: Kept,
  version: string,
  request: HttpRequest,
): Routine<HttpReply | undefined> {
  const id = Buffer.from(p.random(16)).toString('hex')
  kept.number++
  let x: Exchange | undefined
  const context: ServeContext = {
    p,
    site,
    version,
    resolved: kept.resolved,
    turns: kept.turns,
    prefix: '/etc/nginx',
    *error(level, words) {
      if (setting(x?.level, 'log_not_found') === 'off' && words.includes('(2: No such file')) return
      const [text = '', upstream] = words.split(', UPSTREAM:')
      const host = header(request.headers, 'Host')
      const tail = [
        `client: ${request.peer.address}`,
        `server: ${x?.server.names[0] ?? ''}`,
        `request: "${request.line}"`,
        ...(upstream ? [`upstream: "${upstream}"`] : []),
        ...(host === undefined ? [] : [`host: "${host}"`]),
        ...(header(request.headers, 'Referer') === undefined
          ? []
          : [`referrer: "${header(request.headers, 'Referer')}"`]),
      ]
      yield* openLogs(p, kept.errorLog, kept.errorLevel).write(p, level, `*${kept.number} ${text}, ${tail.join(', ')}`)
    },
  }
  x = begin(context, request, p.pid, id)
  if (!x) return undefined
  // A server that speaks TLS there is not reached by plain HTTP.
  if (x.server.listens.some(each => each.ssl && each.port === request.local.port)) {
    const page =
      errorPage(400, `nginx/${version}`)
        ?.replace(
          '<center><h1>400 Bad Request</h1></center>',
          '<center><h1>400 Bad Request</h1></center>\r\n<center>The plain HTTP request was sent to HTTPS port</center>',
        )
        .replace('<title>400 Bad Request', '<title>400 The plain HTTP request was sent to HTTPS port') ?? ''
    return {
      status: 400,
      headers: [
        ['Server', `nginx/${version}`],
        ['Date', new Date(p.now()).toUTCString()],
        ['Content-Type', 'text/html'],
        ['Connection', 'close'],
      ],
      body: Buffer.from(page),
    }
  }
  const badHost = request.version === 'HTTP/1.1' && header(request.headers, 'Host') === undefined
  const reply = badHost ? plainError(p, version, 400) : yield* answer(context, x)
  if (badHost) {
    x.status = 400
    x.bodyBytes = reply.body.length
  }
  yield* accessLog(p, kept, x)
  return reply
}

function plainError(p: Proc, version: string, status: number): HttpReply {
  const body = Buffer.from(errorPage(status, `nginx/${version}`) ?? '', 'latin1')
  return {
    status,
    headers: [
      ['Server', `nginx/${version}`],
      ['Date', new Date(p.now()).toUTCString()],
      ['Content-Type', 'text/html'],
      ['Content-Length', String(body.length)],
      ['Connection', 'close'],
    ],
    body,
  }
}

function* malformed(
  p: Proc,
  site: Site,
  kept: Kept,
  version: string,
  line: string,
  local: HttpRequest['local'],
  peer: HttpRequest['peer'],
): Routine<HttpReply | undefined> {
  const request: HttpRequest = {
    method: 'GET',
    target: '/',
    version: 'HTTP/1.0',
    line,
    headers: [],
    body: new Uint8Array(0),
    peer,
    local,
  }
  const x = begin(
    { p, site, version, resolved: {}, turns: {}, prefix: '/etc/nginx', error: () => say(2, '') },
    request,
    p.pid,
    '',
  )
  const reply = plainError(p, version, 400)
  if (x) {
    x.status = 400
    x.bodyBytes = reply.body.length
    yield* accessLog(p, kept, x)
  }
  return reply
}

function* accessLog(p: Proc, kept: Kept, x: Exchange): Routine<void> {
  const logs = inherited(x.level, 'access_log')
  const wanted = logs.length > 0 ? logs.map(each => each.args) : [['/var/log/nginx/access.log', 'combined']]
  for (const [path = '', format = 'combined', ...more] of wanted) {
    if (path === 'off') continue
    const test = more.find(each => each.startsWith('if='))
    if (test !== undefined && ['', '0'].includes(expand(x, test.slice(3)))) continue
    const fd = kept.logs[path] ?? openLog(p, expand(x, path))
    if (fd !== undefined) yield* say(fd, logLine(x, format))
  }
}
