/** nsenter: enters other namespaces; refused, as for a container's root without CAP_SYS_ADMIN. */
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
    for (const [, name] of wanted) {
      const file = `/proc/${target}/ns/${name}`
      try {
        p.lstat(`/proc/${target}`)
      } catch (error) {
        if (!isErrno(error)) throw error
        throw new Failure(gnu ? `cannot open ${file}: ${error.message}` : `can't open '${file}': ${error.message}`)
      }
      throw new Failure(
        gnu
          ? `reassociate to namespace 'ns/${name}' failed: Operation not permitted`
          : `setns(): can't reassociate to namespace '${name}': Operation not permitted`,
      )
    }
    return yield* becomeProgram(p, args.length > 0 ? args : [p.env.get('SHELL') ?? '/bin/sh', '-i'], {
      gnuWords: (name, reason) => `failed to execute ${name}: ${reason}`,
    })
  },
  { stopAtOperand: true },
)
