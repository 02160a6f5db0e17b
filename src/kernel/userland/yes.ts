/** yes: a line again and again. */

import { toBytes } from './lib/bytes.ts'
import { command } from './lib/command.ts'

export const options = {}

export const program = command(
  'yes',
  options,
  function* ({ p, args }) {
    const line = `${args.length === 0 ? 'y' : args.join(' ')}\n`
    const data = toBytes(line.repeat(Math.max(1, Math.floor(8192 / line.length))))
    for (;;) {
      yield { op: 'write', fd: 1, data }
      p.checkpoint(null)
    }
  },
  { stopAtOperand: true },
)
