/** Working through input files one after another, with each family's words for one that cannot be opened or read. */
import { type Errno, isErrno } from '../../../vfs/errno.ts'
import type { Routine } from '../../program.ts'
import type { Call } from './command.ts'
import { openInput } from './input.ts'
import type { OptionTable } from './options.ts'

export interface InputWords {
  /** What is said of a file that cannot be opened; default `FILE: reason`. */
  cannotOpen?: (file: string, error: Errno) => string
  /** Of one that cannot be read (a directory); default as `cannotOpen`. undefined: nothing, it counts as empty. */
  cannotRead?: (file: string, error: Errno) => string | undefined
}

/** GNU's `cannot open 'x' for reading: reason`. */
export function cannotOpenForReading(file: string, error: Errno): string {
  return `cannot open '${file}' for reading: ${error.message}`
}

/** Busybox's `can't open 'x': reason`. */
export function cantOpen(file: string, error: Errno): string {
  return `can't open '${file}': ${error.message}`
}

/**
 * Opens each file in turn (`-` and an empty list mean standard input), calls `body` with its descriptor, closes
 * it. Returns whether all could be read.
 */
export function* eachInput<T extends OptionTable>(
  call: Pick<Call<T>, 'p' | 'error'>,
  files: readonly string[],
  body: (fd: number, file: string) => Routine<void>,
  words: InputWords = {},
): Routine<boolean> {
  const cannotOpen = words.cannotOpen ?? ((file, error) => `${file}: ${error.message}`)
  let fine = true
  for (const file of files.length === 0 ? ['-'] : files) {
    let fd: number
    try {
      fd = yield* openInput(file)
    } catch (error) {
      if (!isErrno(error)) throw error
      yield* call.error(cannotOpen(file, error))
      fine = false
      continue
    }
    try {
      yield* body(fd, file)
    } catch (error) {
      if (!isErrno(error, 'EISDIR')) throw error
      const text = words.cannotRead ? words.cannotRead(file, error) : cannotOpen(file, error)
      if (text !== undefined) yield* call.error(text)
      fine = fine && text === undefined
    } finally {
      if (fd !== 0) call.p.close(fd)
    }
  }
  return fine
}
