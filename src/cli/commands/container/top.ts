/** `docker top`. */
import type { Command } from '../../command.ts'
import { align } from '../../format/tabwriter.ts'

export const command: Command = {
  async run(ctx, args) {
    const [id = '', ...psArgs] = args
    const { Titles, Processes } = await (await ctx.engine()).containers.top(
      id,
      psArgs.length > 0 ? psArgs.join(' ') : undefined,
    )
    ctx.out.write(align(`${[Titles, ...Processes].map(row => row.join('\t')).join('\n')}\n`))
  },
}
