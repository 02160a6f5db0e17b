/** true: succeeds. */
import { command } from './lib/command.ts'

export const options = {}

// biome-ignore lint/correctness/useYield: succeeds without a system call
export const program = command(
  'true',
  options,
  function* () {
    return 0
  },
  { raw: true },
)
