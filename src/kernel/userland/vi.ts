/** vi, nano, ed and other editors: minidock does not model editing on a screen, and says so. */
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'

export const options = {}

export const program = command(
  'vi',
  options,
  // biome-ignore lint/correctness/useYield: the message is a Failure
  function* ({ args }) {
    if (args.length === 1 && args[0] === '--help') throw new UsageError('', 0)
    throw new Failure(
      'editors are not modelled by minidock: change files with sed -i, echo and >, cat << EOF, or docker cp',
    )
  },
  { raw: true },
)
