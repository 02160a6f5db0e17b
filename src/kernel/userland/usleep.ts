/** usleep: waits for some microseconds (busybox). */
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'

export const options = {}

export const program = command(
  'usleep',
  options,
  function* ({ args }) {
    const text = args[0] ?? ''
    if (!/^\d+$/.test(text)) throw new Failure(`invalid number '${text}'`)
    yield { op: 'sleep', ms: Number(text) / 1000 }
    return 0
  },
  { operands: [1, Number.POSITIVE_INFINITY] },
)
