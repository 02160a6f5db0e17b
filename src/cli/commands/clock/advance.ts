/** `clock advance DURATION`: lets a virtual clock's time pass. */

import { parseDuration } from '../../../util/go-duration.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'

export const command: Command = {
  async run(ctx, [duration = '']) {
    const ms = parseDuration(duration) / 1e6
    if (ms < 0) throw new StatusError(1, `${ctx.name}: time does not go back: ${duration}`)
    if (!(await ctx.clock()).virtual) {
      throw new StatusError(
        1,
        `${ctx.name}: this is the real time: set MINIDOCK_CLOCK=virtual for a clock that can be advanced`,
      )
    }
    await ctx.advance(ms)
    return undefined
  },
}
