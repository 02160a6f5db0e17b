/** `clock show`: the time of the simulated machine. */
import { rfc3339Nano } from '../../../util/time.ts'
import type { Command } from '../../command.ts'

export const command: Command = {
  async run(ctx) {
    const clock = await ctx.clock()
    ctx.out.write(`${rfc3339Nano(clock.now())}${clock.virtual ? ' (virtual)' : ''}\n`)
    return undefined
  },
}
