/** false: fails. */
import type { Routine } from '../program.ts'
import { command } from './lib/command.ts'

export const options = {}

export const program = command('false', options, fail, { raw: true })

// biome-ignore lint/correctness/useYield: no system call is needed
function* fail(): Routine<number> {
  return 1
}
