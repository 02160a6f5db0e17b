/** httpd: busybox's web server: files, an index page, CGI, its error pages. */
import { isErrno } from '../../vfs/errno.ts'
import type { Json, Proc, Routine } from '../program.ts'
import { toBytes } from './lib/bytes.ts'
import { command } from './lib/command.ts'
import { backgroundTask, sendToBackground } from './lib/daemon.ts'
import { Failure } from './lib/failure.ts'
import { answerHttp } from './lib/httpd-answer.ts'
import { decodeUrl, readConfig, type ServerState, settingsOf } from './lib/httpd-config.ts'
import { findGid, findUid, readAccounts } from './lib/users.ts'

export const options = {
  inetd: '-i  inetd mode: one request on standard input',
  foreground: '-f  stay in the foreground',
  verbose: '-v  verbose; -vv more so',
  port: '-p=PORT  [IP:]PORT to bind to (default *:80)',
  user: '-u=USER  user (and :GRP) after binding',
  realm: '-r=REALM  realm of the authentication',
  home: '-h=HOME  home directory (default .)',
  config: '-c=FILE  configuration file (default /etc/httpd.conf)',
  md5: '-m=STRING  MD5 crypt a string',
  encode: '-e=STRING  HTML-encode a string',
  decode: '-d=STRING  URL-decode a string',
}

export const program = command('httpd', options, function* ({ p, out, options: given, saved }) {
  const decode = given.value('decode')
  const encode = given.value('encode')
  if (decode !== undefined) {
    yield* out.write(decodeUrl(decode, true))
    return 0
  }
  if (encode !== undefined) {
    yield* out.write(encode.replace(/[^A-Za-z0-9]/g, c => `&#${c.charCodeAt(0)};`))
    return 0
  }
  if (given.has('md5')) throw new Failure('-m is not modelled by minidock')
  const state = (saved as unknown as ServerState | undefined) ?? (yield* start())
  if (typeof state === 'number') return state
  const settings = settingsOf(state)
  const verbose = given.count('verbose')
  for (;;) {
    p.checkpoint(state as unknown as Json)
    const fd = (yield { op: 'accept', fd: state.socket }) as number
    const { peer } = p.sockname(fd)
    const client = `[::ffff:${peer?.address ?? ''}]:${peer?.port ?? 0}`
    if (verbose > 1) yield* log(`${client}: connected`)
    try {
      const result = yield* answerHttp(p, fd, fd, settings, peer)
      if (verbose > 1 && result.url !== undefined) yield* log(`${client}: url:${result.url}`)
      if (verbose > 0) yield* log(`${client}: response:${result.status}`)
      if (verbose > 1) yield* log(`${client}: closed`)
    } catch (thrown) {
      // The client went away.
      if (!isErrno(thrown)) throw thrown
    }
    p.close(fd)
  }

  /** Everything before the first connection; a number is the status of a call that ends here. */
  function* start(): Routine<ServerState | number> {
    const background = backgroundTask(p) !== undefined
    const home = given.value('home')
    if (home !== undefined && !background) {
      try {
        p.chdir(home)
      } catch (thrown) {
        if (!isErrno(thrown)) throw thrown
        throw new Failure(`can't change directory to '${home}': ${thrown.message}`)
      }
    }
    const config = yield* readConfig(p, given.value('config'))
    const first: ServerState = { ...config, socket: 3, realm: given.value('realm') ?? 'Web Server Authentication' }
    if (given.has('inetd')) {
      yield* answerHttp(p, 0, 1, settingsOf(first))
      return 0
    }
    if (!background) {
      const socket = bind(p, given.value('port') ?? '80')
      const user = given.value('user')
      if (user !== undefined) yield* become(p, user)
      if (!given.has('foreground')) {
        p.dup2(socket, 3)
        sendToBackground(p, 'serve', { keep: [3] })
        return 0
      }
      first.socket = socket
    }
    p.sigaction('CHLD', 'ignore')
    // The real one answers in a child for each connection, which alone ends when its client is gone.
    p.sigaction('PIPE', 'ignore')
    return first
  }

  /** Busybox names the client, not the program, in front of these lines. */
  function* log(text: string): Routine<void> {
    yield { op: 'write', fd: 2, data: toBytes(`${text}\n`) }
  }
})

function bind(p: Proc, text: string): number {
  const match = /^(?:(.*):)?(\d+)$/.exec(text)
  if (!match) throw new Failure(`bad port spec '${text}'`)
  try {
    return p.listen(match[1] ?? '::', Number(match[2]), 'tcp')
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new Failure(`bind: ${error.message}`)
  }
}

function* become(p: Proc, spec: string): Routine<void> {
  const accounts = yield* readAccounts(p)
  const [name = '', group] = spec.split(/[:.]/)
  const uid = findUid(accounts, name)
  if (uid === undefined) throw new Failure(`unknown user ${name}`)
  const gid = group === undefined ? (accounts.users.find(u => u.uid === uid)?.gid ?? uid) : findGid(accounts, group)
  if (gid === undefined) throw new Failure(`unknown group ${group}`)
  p.setCred({ gid, groups: [gid] })
  p.setCred({ uid })
}
