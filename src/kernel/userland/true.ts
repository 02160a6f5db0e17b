/** true: succeeds. */
import type { Routine } from '../program.ts'
import { command } from './lib/command.ts'

export const options = {}

export const program = command('true', options, succeed, { raw: true })

// biome-ignore lint/correctness/useYield: no system call is needed
function* succeed(): Routine<number> {
  return 0
}
