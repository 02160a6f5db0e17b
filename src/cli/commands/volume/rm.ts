/** `docker volume rm`. */
import type { Command } from '../../command.ts'
import { errorText, StatusError } from '../../errors.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const engine = await ctx.engine()
    const errors: string[] = []
    for (const name of args) {
      try {
        await engine.volumes.remove(name, flags.bool('force'))
        ctx.out.write(`${name}\n`)
      } catch (error) {
        errors.push(errorText(error))
      }
    }
    if (errors.length > 0) throw new StatusError(1, errors.join('\n'))
    return undefined
  },
}
