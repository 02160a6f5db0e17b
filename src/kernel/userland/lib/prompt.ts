/** Questions of -i: written to stderr, answered on standard input. */
import type { Routine } from '../../program.ts'
import { toBytes } from './bytes.ts'
import { readChunk } from './input.ts'

/** Whether the answer begins with y or Y. Reads one line, byte by byte, so that nothing more is taken. */
export function* confirm(question: string): Routine<boolean> {
  yield { op: 'write', fd: 2, data: toBytes(question) }
  let answer = ''
  for (let char = yield* readChunk(0, 1); char !== '' && char !== '\n'; char = yield* readChunk(0, 1)) answer += char
  return /^[yY]/.test(answer)
}
