/** nologin: the shell of accounts that nobody logs in to. */
import { command } from './lib/command.ts'

export const options = {}

export const program = command(
  'nologin',
  options,
  function* ({ out, gnu }) {
    yield* out.write(gnu ? 'This account is currently not available.\n' : 'This account is not available\n')
    return 1
  },
  { raw: true },
)
