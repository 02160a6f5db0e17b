/** clear: empties the terminal's screen. */
import { command } from './lib/command.ts'

export const options = { keep: 'gnu: -x  keep the scrollback', term: 'gnu: -T=TERM  accepted' }

export const program = command('clear', options, function* ({ p, out, options: given, gnu }) {
  if (!gnu) yield* out.write('\x1b[H\x1b[J')
  else if (!p.env.has('TERM') && !given.has('term')) {
    yield { op: 'write', fd: 2, data: Buffer.from('TERM environment variable not set.\n') }
    return 1
  } else yield* out.write(given.has('keep') ? '\x1b[H\x1b[2J' : '\x1b[H\x1b[2J\x1b[3J')
  return 0
})
