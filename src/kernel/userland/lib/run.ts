/** The tail of commands that end as another program (env, nice, chroot, setsid, …). */
import { isErrno } from '../../../vfs/errno.ts'
import type { Env, Proc, Routine } from '../../program.ts'
import { Failure } from './failure.ts'
import { execFailureStatus, execProgram } from './spawn.ts'

/** How a family of tools says that a program could not be run. */
export type ExecWords = (program: string, reason: string) => string

/** Busybox: `can't execute 'x': No such file or directory`. */
export const busyboxExecWords: ExecWords = (program, reason) => `can't execute '${program}': ${reason}`

/** coreutils: `failed to run command 'x': No such file or directory`. */
export const coreutilsExecWords: ExecWords = (program, reason) => `failed to run command '${program}': ${reason}`

/**
 * Becomes the program `argv` names. Throws a Failure with status 127 (not there) or 126 (not runnable) in the given
 * words of GNU, or in busybox's.
 */
export function* becomeProgram(
  p: Proc,
  argv: readonly string[],
  options: { env?: Env; gnuWords?: ExecWords } = {},
): Routine<never> {
  try {
    return yield* execProgram(p, argv, options.env)
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new Failure(execFailure(p, argv[0] ?? '', error.message, options.gnuWords), execFailureStatus(error))
  }
}

/** The words for a program that cannot be run. */
export function execFailure(
  p: Proc,
  program: string,
  reason: string,
  gnuWords: ExecWords = coreutilsExecWords,
): string {
  return (p.flavour === 'gnu' ? gnuWords : busyboxExecWords)(program, reason)
}
