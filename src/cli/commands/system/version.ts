/** `docker version`: the client's and the engine's version. */
import type { Command } from '../../command.ts'

export const command: Command = {
  async run(ctx) {
    const engine = await ctx.engine()
    const version = await engine.system.version()
    ctx.out.write(`${version.Version}\n`)
  },
}
