/** Running other programs by name, as execvp(3) does. */
import { Errno, isErrno } from '../../../vfs/errno.ts'
import type { Env, ExitStatus, Proc, Routine, SpawnRequest } from '../../program.ts'
import { signalNumber } from './signal-names.ts'

const defaultPath = '/sbin:/usr/sbin:/bin:/usr/bin'

/**
 * The file that a command name means: itself when it has a slash, otherwise the first executable file on PATH.
 * Throws ENOENT, or EACCES when only files that may not be executed were found.
 */
export function findProgram(p: Proc, name: string, path = p.env.get('PATH') ?? defaultPath): string {
  if (name.includes('/')) return name
  let denied = false
  for (const dir of path.split(':')) {
    const file = dir === '' ? name : `${dir}/${name}`
    try {
      if (p.stat(file).type !== 'file') continue
      if (p.access(file, { execute: true })) return file.includes('/') ? file : `./${file}`
      denied = true
    } catch (error) {
      if (!isErrno(error)) throw error
      if (error.code === 'EACCES') denied = true
    }
  }
  throw new Errno(denied && name !== '' ? 'EACCES' : 'ENOENT')
}

/** Replaces this process by a program found on PATH. Comes back only with a thrown Errno. */
export function* execProgram(p: Proc, argv: readonly string[], env: Env = p.env): Routine<never> {
  const path = findProgram(p, argv[0] ?? '', env.get('PATH') ?? p.env.get('PATH'))
  try {
    yield { op: 'exec', path, argv: [...argv], env }
  } catch (error) {
    if (!isErrno(error, 'ENOEXEC')) throw error
    yield { op: 'exec', path: '/bin/sh', argv: ['sh', path, ...argv.slice(1)], env }
  }
  throw new Errno('ENOEXEC')
}

/** Starts a child found on PATH; a text file without `#!` is run by /bin/sh, as execvp(3) does. Throws as `spawn`. */
export function spawnProgram(p: Proc, argv: readonly string[], more: Omit<SpawnRequest, 'path' | 'argv'> = {}): number {
  const path = findProgram(p, argv[0] ?? '', more.env?.get('PATH') ?? p.env.get('PATH'))
  try {
    return p.spawn({ ...more, path, argv: [...argv] })
  } catch (error) {
    if (!isErrno(error, 'ENOEXEC')) throw error
    return p.spawn({ ...more, path: '/bin/sh', argv: ['sh', path, ...argv.slice(1)] })
  }
}

/** Waits for a child, over caught signals: each calls `onSignal`. */
export function* waitFor(pid: number, onSignal: () => void = () => {}): Routine<ExitStatus> {
  for (;;) {
    try {
      const { status } = (yield { op: 'wait', pid }) as { status: ExitStatus }
      return status
    } catch (error) {
      if (!isErrno(error, 'EINTR')) throw error
      onSignal()
    }
  }
}

/** A shell's `$?` for a status: the code, or 128 and the signal's number. */
export function exitCode(status: ExitStatus): number {
  return 'code' in status ? status.code : 128 + (signalNumber(status.signal) ?? 0)
}

/** 127 when the program was not there, 126 when it could not be run. */
export function execFailureStatus(error: Errno): number {
  return error.code === 'ENOENT' ? 127 : 126
}
