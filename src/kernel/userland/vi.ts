/** vi, nano, ed and other editors: minidock does not model editing on a screen, and says so. */
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'

export const options = {}

export const program = command(
  'vi',
  options,
  // biome-ignore lint/correctness/useYield: the message is a Failure
  function* () {
    throw new Failure(
      'editors are not modelled by minidock: change files with sed -i, echo and >, cat << EOF, or docker cp',
    )
  },
  { raw: true },
)
