/** `docker network rm`. */
import { EngineError } from '../../../errors.ts'
import type { Command } from '../../command.ts'
import { errorText, StatusError } from '../../errors.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const engine = await ctx.engine()
    let failed = false
    for (const name of args) {
      try {
        await engine.networks.remove(name)
        ctx.out.write(`${name}\n`)
      } catch (error) {
        if (flags.bool('force') && error instanceof EngineError && error.kind === 'notFound') continue
        ctx.err.write(`${errorText(error)}\n`)
        failed = true
      }
    }
    if (failed) throw new StatusError(1, 'exit status 1')
    return undefined
  },
}
