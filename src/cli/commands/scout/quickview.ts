/** `scout quickview IMAGE`: counts by severity. */
import type { Command } from '../../command.ts'
import { footing, head } from './report.ts'

export const command: Command = {
  async run(ctx, [image = '']) {
    const report = await (await ctx.engine()).host.scout(image)
    ctx.out.write(head(report))
    ctx.err.write(footing(report))
    return undefined
  },
}
