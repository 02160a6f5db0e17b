/** `docker volume update`: for cluster volumes, which there are none of. */
import type { Command } from '../../command.ts'

export const command: Command = {
  async run(ctx, [name = '']) {
    await (await ctx.engine()).volumes.inspect(name)
    throw new Error('can only update cluster volumes')
  },
}
