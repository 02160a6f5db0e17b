/** bzip2, xz, lzma, compress: known, but minidock has no code for them. */
import type { CoroutineProgram } from '../../program.ts'
import { command } from './command.ts'

/** A program that says so and fails. */
export function notModelled(name: string, format: string): CoroutineProgram {
  return command(
    name,
    {},
    function* ({ error }) {
      yield* error(`${format} is not modelled by minidock: use gzip`)
      return 1
    },
    { raw: true },
  )
}
