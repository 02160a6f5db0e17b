/** nsenter: runs a program in the namespaces of another process; refused without CAP_SYS_ADMIN. */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { becomeProgram } from './lib/run.ts'

export const options = {
  target: '-t=PID --target=PID  the process whose namespaces are entered',
  mount: '-m --mount[=FILE]  mount namespace',
  uts: '-u --uts[=FILE]  UTS namespace',
  ipc: '-i --ipc[=FILE]  IPC namespace',
  net: '-n --net[=FILE]  network namespace',
  pid: '-p --pid[=FILE]  PID namespace',
  user: '-U --user[=FILE]  user namespace',
  cgroup: 'gnu: -C --cgroup[=FILE]  cgroup namespace',
  all: 'gnu: -a --all  all of them',
  setuid: '-S=UID --setuid=UID  become this user',
  setgid: '-G=GID --setgid=GID  become this group',
  root: '-r --root[=DIR]  root directory',
  wd: '-w --wd[=DIR]  working directory',
  noFork: '-F --no-fork  do not fork',
}

const kinds: readonly (readonly ['user' | 'ipc' | 'uts' | 'net' | 'pid' | 'mount' | 'cgroup', string])[] = [
  ['user', 'user'],
  ['ipc', 'ipc'],
  ['uts', 'uts'],
  ['net', 'net'],
  ['pid', 'pid'],
  ['mount', 'mnt'],
  ['cgroup', 'cgroup'],
]

const isUnshared = (key: string): key is 'uts' | 'ipc' | 'cgroup' => ['uts', 'ipc', 'cgroup'].includes(key)

export const program = command(
  'nsenter',
  options,
  function* ({ p, options: given, args, gnu }) {
    const target = given.value('target')
    const wanted = kinds.filter(([key]) => given.has(key) || given.has('all'))
    if (wanted.length > 0 && target === undefined && wanted.every(([key]) => given.value(key) === '')) {
      if (!gnu) throw new UsageError('')
      throw new Failure('neither filename nor target pid supplied for ns/mnt')
    }
    for (const [key, name] of wanted) {
      const file = `/proc/${target}/ns/${name}`
      try {
        // With all of them the user namespace is left out where it is one's own already.
        if (key !== 'user' || given.has('user')) p.setns(Number(target), isUnshared(key) ? key : 'other')
      } catch (error) {
        if (!isErrno(error)) throw error
        const { code, message } = error
        if (code === 'EOPNOTSUPP')
          throw new Failure('entering the namespaces of the host or of another container is not modelled')
        if (code === 'ENOENT' || code === 'EACCES')
          throw new Failure(gnu ? `cannot open ${file}: ${message}` : `can't open '${file}': ${message}`)
        throw new Failure(
          gnu
            ? `reassociate to namespace 'ns/${name}' failed: ${message}`
            : `setns(): can't reassociate to namespace '${name}': ${message}`,
        )
      }
    }
    return yield* becomeProgram(p, args.length > 0 ? args : [p.env.get('SHELL') ?? '/bin/sh', '-i'], {
      gnuWords: (name, reason) => `failed to execute ${name}: ${reason}`,
    })
  },
  { stopAtOperand: true },
)
