/** w: who is logged in and what they do; nobody is in a container. */
import { command } from './lib/command.ts'
import { uptimeLine } from './lib/uptime.ts'

export const options = { headless: 'gnu: -h --no-header  no header', short: 'gnu: -s --short  short format' }

export const program = command('w', options, function* ({ p, out, options: given, gnu }) {
  if (!gnu) yield* out.write('USER\t\tTTY\t\tIDLE\tTIME\t\t HOST\n')
  else if (!given.has('headless')) {
    yield* out.write(`${yield* uptimeLine(p)}\nUSER     TTY      FROM             LOGIN@   IDLE   JCPU   PCPU WHAT\n`)
  }
  return 0
})
