/** users: names of the users logged in; a container's utmp has none. */
import { command } from './lib/command.ts'

export const options = {}

export const program = command('users', options, function* ({ out, gnu }) {
  if (!gnu) yield* out.write('\n')
  return 0
})
