/** false: fails. */
import { command } from './lib/command.ts'

export const options = {}

// biome-ignore lint/correctness/useYield: fails without a system call
export const program = command(
  'false',
  options,
  function* () {
    return 1
  },
  { raw: true },
)
