/** logname: fails in a container, where nobody has logged in. */
import { command } from './lib/command.ts'

export const options = {}

export const program = command(
  'logname',
  options,
  function* ({ gnu, error }) {
    yield* error(gnu ? 'no login name' : 'getlogin: No such device or address')
    return 1
  },
  { operands: [0, 0] },
)
