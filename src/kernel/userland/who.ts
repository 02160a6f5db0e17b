/** who: who is logged in; a container has no utmp, so nobody. */
import { command } from './lib/command.ts'

export const options = {
  all: '-a --all  everything there is to know',
  boot: '-b --boot  time of the last boot',
  heading: '-H --heading  print a line of headings',
  count: '-q --count  names and their number',
  short: '-s --short  name, line and time',
  users: '-u --users  users logged in',
}

export const program = command('who', options, function* ({ out, options: given, gnu }) {
  if (given.has('count') && gnu) yield* out.write('# users=0\n')
  else if (given.has('heading'))
    yield* out.write(gnu ? 'NAME     LINE         TIME             COMMENT\n' : 'USER\t\tTTY\t\tIDLE\tTIME\t\t HOST\n')
  return 0
})
