/** `docker diff`. */
import type { Command } from '../../command.ts'

const letters = ['C', 'A', 'D']

export const command: Command = {
  async run(ctx, args) {
    const changes = await (await ctx.engine()).containers.changes(args[0] ?? '')
    ctx.out.write(changes.map(change => `${letters[change.Kind]} ${change.Path}\n`).join(''))
  },
}
