/** unshare: runs a program in new namespaces; refused by the default seccomp profile without CAP_SYS_ADMIN. */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { becomeProgram } from './lib/run.ts'

export const options = {
  mount: '-m --mount[=FILE]  mount namespace',
  uts: '-u --uts[=FILE]  UTS namespace',
  ipc: '-i --ipc[=FILE]  IPC namespace',
  net: '-n --net[=FILE]  network namespace',
  pid: '-p --pid[=FILE]  PID namespace',
  user: '-U --user[=FILE]  user namespace',
  cgroup: 'gnu: -C --cgroup[=FILE]  cgroup namespace',
  fork: '-f --fork  fork before running the program',
  mapRoot: '-r --map-root-user  map the user to root (implies -U)',
  mountProc: '--mount-proc[=DIR]  mount /proc first (implies -m)',
  propagation: '--propagation=KIND  propagation of mounts',
  setgroups: '--setgroups=WORD  allow or deny',
}

const bits = {
  mount: 0x20000,
  uts: 0x4000000,
  ipc: 0x8000000,
  net: 0x40000000,
  pid: 0x20000000,
  user: 0x10000000,
  cgroup: 0x2000000,
}

/** Those that the model does not make for a process. */
const beyond = bits.mount | bits.net | bits.pid | bits.user

export const program = command(
  'unshare',
  options,
  function* ({ p, args, options: given, gnu, out }) {
    yield* out.flush()
    let flags = 0
    for (const key of Object.keys(bits) as (keyof typeof bits)[]) if (given.has(key)) flags |= bits[key]
    if (given.has('mapRoot')) flags |= bits.user
    if (given.has('mountProc')) flags |= bits.mount
    const kinds = (['uts', 'ipc', 'cgroup'] as const).filter(key => given.has(key))
    try {
      p.unshare(kinds)
    } catch (error) {
      if (!isErrno(error)) throw error
      throw new Failure(gnu ? `unshare failed: ${error.message}` : `unshare(0x${flags.toString(16)}): ${error.message}`)
    }
    if ((flags & beyond) !== 0)
      throw new Failure('new mount, network, PID and user namespaces are not modelled; UTS, IPC and cgroup ones are')
    return yield* becomeProgram(p, args.length > 0 ? args : [p.env.get('SHELL') ?? '/bin/sh'], {
      gnuWords: (name, reason) => `failed to execute ${name}: ${reason}`,
    })
  },
  { stopAtOperand: true },
)
