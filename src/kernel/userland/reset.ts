/** reset: brings a terminal back to a sane state (busybox: only when standard output is one). */
import { sane } from '../pty.ts'
import { command } from './lib/command.ts'

export const options = {}

export const program = command('reset', options, function* ({ p, out }) {
  if (!p.isatty(1)) return 0
  yield* out.write('\x1bc\x1b(B\x1b[0m\x1b[J\x1b[?25h')
  yield* out.flush()
  p.termios(1, sane)
  return 0
})
