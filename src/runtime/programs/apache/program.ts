/** Apache httpd in the foreground: files of its document root, its pages and its logs, as images run it. */
import type { CoroutineProgram, Json, Proc, Routine } from '../../../kernel/program.ts'
import { header } from '../../../kernel/userland/lib/http.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { commonLogTime } from '../../clock-words.ts'
import { type HttpReply, type HttpRequest, type Serving, serveHttp } from '../../http-server.ts'
import { textNow } from '../../whole-file.ts'
import { type ApacheConfig, readApacheConfig } from './config.ts'
import { answerFile } from './files.ts'

interface State {
  serving: Serving
  config: ApacheConfig
  errorLog: number
  accessLog: number
}

export const program: CoroutineProgram = {
  kind: 'coroutine',
  name: 'httpd',
  *main(p, saved) {
    const state = (saved as unknown as State | undefined) ?? (yield* begin(p))
    if (typeof state === 'number') return state
    const { serving, config } = state
    const note = (module: string, level: string, text: string) => errorLine(p, state.errorLog, module, level, text)
    yield* serveHttp(p, serving, {
      *answer(request) {
        const reply = answerFile(p, config, request)
        if (reply.problem)
          yield note('core', 'error', `[client ${request.peer.address}:${request.peer.port}] ${reply.problem}`)
        yield logLine(p, state, request, reply)
        return reply
      },
      *signal(name) {
        if (name === 'HUP' || name === 'USR1') {
          yield note(
            'mpm_event',
            'notice',
            `AH0049${name === 'HUP' ? '4' : '3'}: SIG${name} received.  Attempting to restart`,
          )
          return false
        }
        const gracefully = name === 'WINCH'
        yield note(
          'mpm_event',
          'notice',
          gracefully ? 'AH00492: caught SIGWINCH, shutting down gracefully' : 'AH00491: caught SIGTERM, shutting down',
        )
        return true
      },
      idle: () => p.checkpoint(state as unknown as Json),
    })
    return 0
  },
}

const out = (fd: number, text: string) => ({ op: 'write' as const, fd, data: Buffer.from(text, 'latin1') })

/** Options that only tell something, then the configuration, the sockets and the words of a start. */
function* begin(p: Proc): Routine<State | number> {
  const words = p.argv.slice(1)
  for (const signal of ['TERM', 'INT', 'WINCH', 'HUP', 'USR1']) p.sigaction(signal, 'catch')
  p.sigaction('PIPE', 'ignore')
  const version = p.marker['version'] ?? '2.4.63'
  // Debian's binary is called apache2 and reads /etc/apache2.
  const debian = p.name === 'apache2'
  const platform = debian ? 'Debian' : 'Unix'
  if (words.includes('-v') || words.includes('-V')) {
    yield out(1, `Server version: Apache/${version} (${platform})\nServer built:   Jan 21 2025 22:06:40\n`)
    return 0
  }
  const config = readApacheConfig(p, debian)
  if (typeof config === 'string') {
    yield out(2, config)
    return 1
  }
  const address = ownAddress(p)
  const unnamed = `AH00558: ${p.name}: Could not reliably determine the server's fully qualified domain name, using ${address}. Set the 'ServerName' directive globally to suppress this message\n`
  if (words.includes('-t')) {
    if (!config.serverName) yield out(2, unnamed)
    yield out(2, 'Syntax OK\n')
    return 0
  }
  if (!config.serverName) yield out(2, unnamed + unnamed)
  const listeners: number[] = []
  for (const { host, port } of config.listen) {
    try {
      listeners.push(p.listen(host || '::', port, 'tcp'))
    } catch (error) {
      if (!isErrno(error)) throw error
      const code = error.code === 'EACCES' ? '(13)' : '(98)'
      yield out(
        2,
        `${code}${error.message}: AH00072: make_sock: could not bind to address ${host || '[::]'}:${port}\nno listening sockets available, shutting down\nAH00015: Unable to open logs\n`,
      )
      return 1
    }
  }
  const open = (path: string, standard: number): number => {
    if (path === '/proc/self/fd/1' || path === '/dev/stdout') return 1
    if (path === '/proc/self/fd/2' || path === '/dev/stderr') return 2
    try {
      return p.open(path, { write: true, append: true, create: true }, 0o644)
    } catch (error) {
      if (!isErrno(error)) throw error
      return standard
    }
  }
  const state: State = {
    serving: { listeners, open: [] },
    config: { ...config, server: `Apache/${version} (${platform})${config.php ? ` PHP/${config.php}` : ''}` },
    errorLog: open(config.errorLog, 2),
    accessLog: open(config.accessLog, 1),
  }
  p.memory(6_500_000)
  // The php image's Apache forks, as mod_php needs it.
  const mpm = config.php ? 'mpm_prefork' : 'mpm_event'
  const configured = config.php ? 'AH00163' : 'AH00489'
  yield errorLine(
    p,
    state.errorLog,
    mpm,
    'notice',
    `${configured}: ${state.config.server} configured -- resuming normal operations`,
  )
  yield errorLine(p, state.errorLog, 'core', 'notice', `AH00094: Command line: '${commandLine(p)}'`)
  return state
}

const commandLine = (p: Proc): string =>
  [p.name, ...p.argv.slice(1).map(word => word.replace(/^-D(?=.)/, '-D '))].join(' ')

/** The address that the container's name has, which Apache falls back on. */
function ownAddress(p: Proc): string {
  const { nodename } = p.uname()
  const hosts = textNow(p, '/etc/hosts') ?? ''
  const line = hosts.split('\n').find(each => each.split(/\s+/).slice(1).includes(nodename))
  return line?.split(/\s+/)[0] ?? '127.0.0.1'
}

/** `[Mon Nov 30 18:49:11.123456 2026] [core:notice] [pid 1:tid 1] …`. */
function errorLine(p: Proc, fd: number, module: string, level: string, text: string) {
  const at = new Date(p.now())
  const [day, date, month, year] = at.toUTCString().replace(',', '').split(' ')
  const time = `${at.toISOString().slice(11, 23)}${String(Math.floor((p.now() % 1) * 1000)).padStart(3, '0')}`
  return out(fd, `[${day} ${month} ${date} ${time} ${year}] [${module}:${level}] [pid ${p.pid}:tid ${p.pid}] ${text}\n`)
}

/** A line of the access log: the common format, or with the referrer and the agent. */
function logLine(p: Proc, { config, accessLog }: State, request: HttpRequest, reply: HttpReply) {
  const size = request.method === 'HEAD' || reply.body.length === 0 ? '-' : reply.body.length
  const more = config.combined
    ? ` "${header(request.headers, 'Referer') ?? '-'}" "${header(request.headers, 'User-Agent') ?? '-'}"`
    : ''
  return out(
    accessLog,
    `${request.peer.address} - - [${commonLogTime(p.now())}] "${request.line}" ${reply.status} ${size}${more}\n`,
  )
}
