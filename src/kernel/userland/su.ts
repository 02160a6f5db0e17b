/** su: becomes another user (busybox and util-linux). Root needs no password; nobody else has a terminal to give one. */
import { isErrno } from '../../vfs/errno.ts'
import type { Env } from '../program.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { credGroups } from './lib/group-list.ts'
import { becomeProgram } from './lib/run.ts'
import { readAccounts, userName } from './lib/users.ts'

export const options = {
  login: '-l --login  as a fresh login: clean environment, home directory',
  command: '-c=CMD --command=CMD  run a command',
  shell: "-s=SH --shell=SH  this shell instead of the user's",
  preserve: '-m -p --preserve-environment  keep HOME, SHELL, USER and LOGNAME',
  fast: 'gnu: -f --fast  accepted',
  group: 'gnu: -g=GROUP --group=GROUP  primary group',
  pty: 'gnu: -P --pty  accepted',
}

export const program = command(
  'su',
  options,
  function* ({ p, options: given, args, gnu }) {
    const rest = [...args]
    const dash = rest[0] === '-'
    if (dash) rest.shift()
    const login = dash || given.has('login')
    const name = rest.shift() ?? 'root'
    const accounts = yield* readAccounts(p)
    const user = accounts.users.find(one => one.name === name)
    if (!user)
      throw new Failure(
        gnu
          ? `user ${name} does not exist or the user entry does not contain all the required fields`
          : `unknown user ${name}`,
      )
    if (!gnu && p.cred.uid !== 0) throw new Failure('must be suid to work properly')
    const { uid: asker } = p.realIds()
    if (asker !== 0) {
      // A password is asked for and none fits: accounts of images are locked.
      yield { op: 'write', fd: gnu ? 2 : 1, data: Buffer.from(gnu ? 'Password: ' : 'Password: \n') }
      throw new Failure(gnu ? 'Authentication failure' : 'incorrect password')
    }
    const become = (change: Parameters<typeof p.setCred>[0], what: string): void => {
      try {
        p.setCred(change)
      } catch (thrown) {
        throw isErrno(thrown) ? new Failure(`${what}: ${thrown.message}`) : thrown
      }
    }
    const shell =
      given.value('shell') ??
      (given.has('preserve') ? p.env.get('SHELL') : undefined) ??
      (user.shell === '' ? '/bin/sh' : user.shell)
    const keep = given.has('preserve') && !login
    const env: Env = login ? new Map() : new Map(p.env)
    if (login) {
      const term = p.env.get('TERM')
      if (term !== undefined) env.set('TERM', term)
      const standard =
        user.uid === 0
          ? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
          : '/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games'
      env.set('PATH', gnu ? standard : user.uid === 0 ? '/sbin:/usr/sbin:/bin:/usr/bin' : '/bin:/usr/bin')
    }
    if (!keep) {
      // Without -l, USER and LOGNAME of root's own calls stay as they are.
      if (login || user.uid !== 0) {
        env.set('USER', user.name)
        env.set('LOGNAME', user.name)
      }
      env.set('HOME', user.home)
      env.set('SHELL', shell)
    }
    const from = userName(accounts, asker)
    if (from !== undefined && !gnu && !keep && user.uid === 0 && !login) env.set('USER', from)
    become({ gid: user.gid, groups: credGroups(accounts, user) }, gnu ? 'cannot set groups' : "can't set groups")
    become({ uid: user.uid }, gnu ? 'cannot set user id' : 'setuid')
    if (login) {
      try {
        p.chdir(user.home)
      } catch {
        const text = gnu
          ? `su: warning: cannot change directory to ${user.home}: No such file or directory\n`
          : `su: can't change directory to '${user.home}'\n`
        yield { op: 'write', fd: 2, data: Buffer.from(text, 'latin1') }
        p.chdir('/')
      }
    }
    const base = shell.split('/').pop() ?? shell
    const code = given.value('command')
    const argv = [login ? `-${base}` : base, ...(code === undefined ? [] : ['-c', code]), ...rest]
    // execv takes the path as it is; the name it is called by is another.
    yield* becomeShell(shell, argv)
    return 0

    function* becomeShell(path: string, words: string[]) {
      try {
        yield { op: 'exec' as const, path, argv: words, env }
      } catch {
        yield* becomeProgram(p, [path, ...words.slice(1)], {
          env,
          gnuWords: (program, reason) => `failed to execute ${program}: ${reason}`,
        })
      }
    }
  },
  // The user's name may stand among the options: `su www-data -c id`, `su - -s /bin/sh www-data`.
  {},
)
