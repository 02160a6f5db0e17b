/** start-stop-daemon: starts a program unless it runs, or stops those that do (busybox and dpkg). */
import { isErrno } from '../../vfs/errno.ts'
import { toBytes } from './lib/bytes.ts'
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { credGroups } from './lib/group-list.ts'
import { textOf } from './lib/interfaces.ts'
import type { ProcessInfo } from './lib/processes.ts'
import { processes } from './lib/processes.ts'
import { signalName, signalNumber } from './lib/signal-names.ts'
import { findGid, findUid, readAccounts } from './lib/users.ts'

export const options = {
  start: '-S --start  start',
  stop: '-K --stop  stop',
  statusOnly: 'gnu: -T --status  only say whether it runs',
  user: '-u=USER --user=USER  only processes of this user',
  name: '-n=NAME --name=NAME  only processes with this name',
  exec: '-x=FILE --exec=FILE  this program',
  startas: '-a=FILE --startas=FILE  name it by this',
  pidfile: '-p=FILE --pidfile=FILE  the process whose number is in the file',
  background: '-b --background  in the background',
  nice: '-N=N --nicelevel=N  niceness',
  chuid: '-c=USER --chuid=USER  as this user (and :GROUP)',
  makePidfile: '-m --make-pidfile  write the number to the file',
  signal: '-s=SIG --signal=SIG  signal instead of TERM',
  test: '-t --test  do nothing',
  ok: '-o --oknodo  status 0 when nothing is done',
  verbose: '-v --verbose  verbose',
  quiet: '-q --quiet  quiet',
  chdir: '-d=DIR --chdir=DIR  go to DIR first',
  retry: 'gnu: -R=SCHEDULE --retry=SCHEDULE  accepted',
  removePidfile: 'gnu: --remove-pidfile  remove the file afterwards',
}

export const program = command(
  'start-stop-daemon',
  options,
  function* ({ p, out, options: given, args, gnu, error }) {
    const stopping = given.has('stop')
    if (!stopping && !given.has('start') && !given.has('statusOnly'))
      throw new UsageError(gnu ? 'need one of --start or --stop or --status' : '')
    const exec = given.value('exec')
    const startas = given.value('startas') ?? exec
    const pidfile = given.value('pidfile')
    if (!stopping && startas === undefined) throw new UsageError(gnu ? '--start needs --exec or --startas' : '')
    if (stopping && exec === undefined && pidfile === undefined && !given.has('name') && !given.has('user'))
      throw new UsageError('')
    const accounts = yield* readAccounts(p)
    const signal = signalNumber(given.value('signal') ?? 'TERM')
    if (signal === undefined) throw new Failure(`bad signal name '${given.value('signal')}'`)
    const pid = pidfile === undefined ? undefined : Number((yield* textOf(p, pidfile)).trim())
    const uid = given.has('user') ? findUid(accounts, given.value('user') ?? '') : undefined
    const matches = (info: ProcessInfo): boolean => {
      if (pidfile !== undefined && info.pid !== pid) return false
      if (uid !== undefined && info.euid !== uid) return false
      if (given.has('name') && info.comm !== given.value('name')?.slice(0, 15)) return false
      return exec === undefined || info.argv[0] === exec || executable(info.pid) === exec
    }
    const found = (yield* processes(p)).filter(info => info.pid !== p.pid && info.state !== 'Z' && matches(info))
    if (given.has('statusOnly')) return found.length > 0 ? 0 : 3
    const what =
      given.value('name') ??
      exec ??
      (pidfile === undefined ? (given.value('user') ?? '') : `process in pidfile '${pidfile}'`)
    if (stopping) {
      // With a pidfile alone, busybox signals that process without a look at it.
      const blind =
        !gnu && pid !== undefined && pid > 0 && exec === undefined && uid === undefined && !given.has('name')
      const targets = blind ? [pid] : found.map(info => info.pid)
      if (targets.length === 0) {
        if (!given.has('quiet'))
          yield* out.write(gnu ? `No ${what} found running; none killed.\n` : `no ${what} found; none killed\n`)
        return given.has('ok') ? 0 : 1
      }
      const killed: number[] = []
      for (const target of targets) {
        if (given.has('test')) continue
        try {
          p.kill(target, signalName(signal))
          killed.push(target)
        } catch (thrown) {
          if (!isErrno(thrown)) throw thrown
          yield* error(
            gnu
              ? `warning: failed to kill ${target}: ${thrown.message}`
              : `warning: killing process ${target}: ${thrown.message}`,
          )
        }
      }
      if (!given.has('quiet') && !gnu && killed.length > 0)
        yield* out.write(`stopped ${what} (pid ${killed.join(' ')})\n`)
      if (given.has('removePidfile') && pidfile !== undefined) p.unlink(pidfile)
      return killed.length > 0 || given.has('ok') || given.has('test') ? 0 : 1
    }
    if (found.length > 0) {
      if (!given.has('quiet'))
        yield* out.write(`${exec ?? startas} ${gnu ? 'already running' : 'is already running'}${gnu ? '.' : ''}\n`)
      return given.has('ok') ? 0 : 1
    }
    if (given.has('test')) return 0
    const dir = given.value('chdir')
    if (dir !== undefined) p.chdir(dir)
    if (given.has('nice')) p.nice(Number(given.value('nice')))
    const chuid = given.value('chuid')
    let cred: { uid: number; gid: number; groups: number[] } | undefined
    if (chuid !== undefined) {
      const [user = '', group] = chuid.split(':')
      const account = accounts.users.find(one => one.name === user || String(one.uid) === user)
      const number = findUid(accounts, user)
      if (number === undefined) throw new Failure(`unknown user ${user}`)
      const gid = group === undefined ? (account?.gid ?? number) : (findGid(accounts, group) ?? number)
      cred = { uid: number, gid, groups: account ? credGroups(accounts, account) : [gid] }
    }
    const argv = [given.value('startas') ?? exec ?? '', ...args]
    const path = exec ?? startas ?? ''
    try {
      if (given.has('background')) {
        const devNull = p.open('/dev/null', { read: true, write: true })
        const child = p.spawn({
          path,
          argv,
          newSession: true,
          fds: new Map([
            [0, devNull],
            [1, devNull],
            [2, devNull],
          ]),
          ...(cred ? { cred: { ...cred, caps: cred.uid === 0 ? p.cred.caps : 0n } } : {}),
        })
        if (given.has('makePidfile') && pidfile !== undefined) yield* writePid(pidfile, child)
        return 0
      }
      if (given.has('makePidfile') && pidfile !== undefined) yield* writePid(pidfile, p.pid)
      if (cred) {
        p.setCred({ gid: cred.gid, groups: cred.groups })
        p.setCred({ uid: cred.uid })
      }
      yield { op: 'exec', path, argv, env: p.env }
      return 0
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      throw new Failure(
        gnu ? `unable to start ${path} (${thrown.message})` : `can't execute '${path}': ${thrown.message}`,
        gnu ? 2 : 1,
      )
    }

    function* writePid(file: string, number: number) {
      const fd = p.open(file, { write: true, create: true, truncate: true }, 0o644)
      yield { op: 'write' as const, fd, data: toBytes(`${number}\n`) }
      p.close(fd)
    }

    function executable(number: number): string | undefined {
      try {
        return p.readlink(`/proc/${number}/exe`)
      } catch (thrown) {
        if (isErrno(thrown)) return undefined
        throw thrown
      }
    }
  },
  { stopAtOperand: true },
)
