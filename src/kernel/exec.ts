/** From a path to what a process runs: execve(2), and runc's search for a container's command. */
import { EngineError, invalid } from '../errors.ts'
import type { Cred } from '../vfs/cred.ts'
import { Errno, isErrno } from '../vfs/errno.ts'
import type { Stat } from '../vfs/filesystem.ts'
import { EXECUTE, permits } from '../vfs/permission.ts'
import type { RootFs } from '../vfs/rootfs.ts'
import { fromName, toName } from './bytes.ts'
import { identify } from './identify.ts'
import type { Kernel } from './kernel.ts'
import type { Process } from './process.ts'
import type { CoroutineProgram, Env, Program } from './program.ts'
import type { ProgramTable } from './scheduler.ts'

export interface Image {
  argv: string[]
  exe: string
  /** The process's name: last part of the path that was executed, before links and interpreters. Default: that of `exe`. */
  comm?: string
  /** Key in the program table. */
  program: string
  flavour: 'busybox' | 'gnu'
  marker: Record<string, string>
  /** Owner and group that a setuid or setgid file runs as. */
  setuid?: number
  setgid?: number
}

interface Caller {
  rootfs: RootFs
  cred: Cred
  cwd: string
  root: string
  programs: ProgramTable
}

const S_ISUID = 0o4000
const S_ISGID = 0o2000

/** How deep a script's interpreter may be a script itself. */
const maxInterpreters = 4

/** Runs for an executable that nothing models. */
const unmodelled: CoroutineProgram = {
  kind: 'coroutine',
  name: '#unmodelled',
  *main(p) {
    const text = `minidock: ${p.exe}: this program is not modelled, so minidock cannot run it ('minidock explain programs' lists what can run)\n`
    yield { op: 'write', fd: 2, data: Buffer.from(text, 'latin1') }
    return 126
  },
}

/** The program that runs where runc's last exec fails. */
export const execFailedName = '#exec-failed'

/** What runc's init prints when its last call before or at the exec fails: `act` is that call, where it is not the exec of a path. */
const execFailed: CoroutineProgram = {
  kind: 'coroutine',
  name: execFailedName,
  *main(p) {
    yield {
      op: 'write',
      fd: 2,
      data: Buffer.from(
        `${p.marker['act'] ?? `exec ${p.marker['path'] ?? ''}`}: ${p.marker['reason'] ?? ''}\n`,
        'latin1',
      ),
    }
    return 255
  },
}

/** Programs that the kernel itself brings along, to be put into the table of loaded ones. */
export const ownPrograms: ReadonlyMap<string, Program> = new Map(
  [unmodelled, execFailed].map(program => [program.name, program]),
)

/** The image of a file that a process executes. Throws ENOENT, EACCES, ENOEXEC, ELOOP. */
export function execve(kernel: Kernel, process: Process, path: string, argv: string[]): Image {
  const { rootfs } = kernel.sandbox(process.sandbox)
  return resolveImage(
    { rootfs, cred: process.cred, cwd: process.cwd, root: process.root, programs: kernel.programs },
    path,
    argv,
  )
}

function resolveImage(caller: Caller, path: string, argv: string[], depth = 0): Image {
  const { rootfs, cred, cwd, root } = caller
  const access = { cred, cwd, root }
  const place = rootfs.walk(toName(path), access)
  const stat = place.mount.fs.stat(place.ino)
  if (stat.type !== 'file' || place.mount.flags.includes('noexec') || !permits(stat, cred, EXECUTE))
    throw new Errno('EACCES')
  const identity = identify(place, place.path)
  switch (identity.kind) {
    case 'none':
      throw new Errno('ENOEXEC')
    case 'script': {
      if (depth >= maxInterpreters) throw new Errno('ELOOP')
      const { interpreter, argument } = identity
      const image = resolveImage(
        caller,
        interpreter,
        [interpreter, ...(argument === undefined ? [] : [argument]), path, ...argv.slice(1)],
        depth + 1,
      )
      return { ...image, comm: baseName(path) }
    }
    case 'program': {
      if (!hasLibc(rootfs, identity.marker['libc'])) throw new Errno('ENOENT')
      const exe = fromName(place.path)
      return {
        exe,
        comm: baseName(path),
        flavour: identity.flavour,
        marker: identity.marker,
        ...privileges(place.mount.flags, stat),
        ...choose(caller.programs, identity.name, argv, exe),
      }
    }
  }
}

/** Whom the file runs as, but from a mount that says nosuid (execve(2)). */
function privileges(flags: readonly string[], stat: Stat): Pick<Image, 'setuid' | 'setgid'> {
  if (flags.includes('nosuid')) return {}
  return { ...(stat.mode & S_ISUID && { setuid: stat.uid }), ...(stat.mode & S_ISGID && { setgid: stat.gid }) }
}

/** Dynamic loaders of the C libraries, or what stands for them in images: without one a dynamic binary cannot start. */
const loaders: Readonly<Record<string, readonly string[]>> = {
  glibc: ['x86_64', 'aarch64'].flatMap(machine => [
    `/lib64/ld-linux-${machine === 'x86_64' ? 'x86-64.so.2' : 'aarch64.so.1'}`,
    `/usr/lib/${machine}-linux-gnu/libc.so.6`,
    `/lib/${machine}-linux-gnu/libc.so.6`,
    '/lib/libgcompat.so.0',
  ]),
  musl: ['/lib/ld-musl-x86_64.so.1', '/lib/ld-musl-aarch64.so.1'],
}

/** Whether the library that a binary is linked with is there; a static one needs none. */
function hasLibc(rootfs: RootFs, libc: string | undefined): boolean {
  const paths = libc === undefined ? undefined : loaders[libc]
  return paths === undefined || paths.some(path => rootfs.exists(path))
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Which program a binary is, and the arguments it gets: busybox goes by the name it is called by. */
function choose(
  programs: ProgramTable,
  name: string,
  argv: string[],
  exe: string,
): { program: string; argv: string[] } {
  const called = (argv[0] ?? '').replace(/^-/, '')
  const base = called.slice(called.lastIndexOf('/') + 1)
  let wanted = name
  let args = argv
  if (name === 'busybox') {
    wanted = base
    if (base === 'busybox' || base === '') {
      // Without a function, or with one it does not have, busybox itself answers.
      const known = argv[1] !== undefined && programs.has(argv[1])
      args = known ? argv.slice(1) : argv
      wanted = (known ? argv[1] : undefined) ?? 'busybox'
    } else if (!programs.has(base)) wanted = exe.slice(exe.lastIndexOf('/') + 1)
  }
  const known = programs.has(wanted) ? wanted : name === 'busybox' && programs.has(name) ? name : unmodelled.name
  return { program: known, argv: args }
}

/** What cannot be started, in runc's words, with the status that the client ends with. */
function startError(name: string, reason: string, status: 126 | 127): EngineError {
  return new EngineError('invalid', `exec: ${JSON.stringify(name)}: ${reason}`, { exitStatus: status })
}

/**
 * The image of a container's command, found as runc does: in the working directory when it has a slash, else in
 * the PATH of its own environment. Throws EngineError with status 126 or 127. A file that cannot be executed for
 * what is in it gives an image that says so and ends with 255, as runc's init does.
 */
export function findCommand(caller: Omit<Caller, 'root'>, argv: string[], env: Env): Image {
  const name = argv[0] ?? ''
  const full: Caller = { ...caller, root: '/' }
  const path = name.includes('/') ? checkPath(full, name) : searchPath(full, name, env)
  try {
    return resolveImage(full, path, argv)
  } catch (error) {
    if (!isErrno(error)) throw error
    const reason =
      error.code === 'ENOEXEC'
        ? 'exec format error'
        : error.code === 'ENOENT'
          ? 'no such file or directory'
          : error.message.toLowerCase()
    return { argv, exe: path, program: execFailed.name, flavour: 'gnu', marker: { path: name, reason } }
  }
}

function checkPath(caller: Caller, name: string): string {
  const access = { cred: caller.cred, cwd: caller.cwd }
  try {
    const stat = caller.rootfs.stat(toName(name), access)
    if (stat.type === 'dir') throw startError(name, 'is a directory: permission denied', 126)
  } catch (error) {
    if (!isErrno(error)) throw error
    if (error.code === 'EACCES') throw startError(name, `stat ${name}: permission denied`, 126)
    throw startError(
      name,
      `stat ${name}: ${error.code === 'ENOTDIR' ? 'not a directory' : 'no such file or directory'}`,
      error.code === 'ENOTDIR' ? 126 : 127,
    )
  }
  if (!caller.rootfs.access(toName(name), { execute: true }, access)) throw startError(name, 'permission denied', 126)
  return name
}

function searchPath(caller: Caller, name: string, env: Env): string {
  const access = { cred: caller.cred, cwd: caller.cwd }
  if (name !== '') {
    for (const folder of (env.get('PATH') ?? '').split(':')) {
      const path = `${folder === '' ? '.' : folder}/${name}`
      if (!caller.rootfs.exists(toName(path), access)) continue
      if (
        caller.rootfs.stat(toName(path), access).type !== 'dir' &&
        caller.rootfs.access(toName(path), { execute: true }, access)
      )
        return path
    }
  }
  throw notInPath(name)
}

/** runc's words for a command that is in no folder of PATH. */
export const notInPath = (name: string): EngineError => startError(name, 'executable file not found in $PATH', 127)

/**
 * The working directory as runc enters it: made when missing (by the caller), with the user's rights. Resolves to where
 * it really lies, which is what getcwd tells.
 */
export function enterWorkingDirectory(rootfs: RootFs, cwd: string, cred: Cred): string {
  const failed = (reason: string): EngineError =>
    Object.assign(invalid(`chdir to cwd (${JSON.stringify(cwd)}) set in config.json failed: ${reason}`), {
      exitStatus: 127,
    })
  try {
    if (rootfs.stat(toName(cwd)).type !== 'dir') throw failed('not a directory')
    if (!rootfs.access(toName(cwd), { execute: true }, { cred }))
      throw Object.assign(failed('permission denied'), { exitStatus: 126 })
    return rootfs.realpath(toName(cwd))
  } catch (error) {
    if (isErrno(error)) throw failed(error.message.toLowerCase())
    throw error
  }
}
