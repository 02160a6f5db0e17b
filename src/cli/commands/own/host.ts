/** `host COMMAND [ARG...]`: a command on the simulated host. */
import type { Command } from '../../command.ts'

export const command: Command = {
  async run(ctx, args) {
    const { stdout, stderr, status } = await (await ctx.engine()).host.run(args)
    if (stdout.length > 0) ctx.out.write(stdout)
    if (stderr.length > 0) ctx.err.write(stderr)
    return status
  },
}
