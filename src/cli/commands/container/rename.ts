/** `docker rename`. */
import type { Command } from '../../command.ts'
import { errorText, StatusError } from '../../errors.ts'

export const command: Command = {
  async run(ctx, args) {
    const [old = '', name = ''] = args.map(arg => arg.trim())
    if (old === '' || name === '') throw new StatusError(1, 'Error: Neither old nor new names may be empty')
    try {
      await (await ctx.engine()).containers.rename(old, name)
    } catch (error) {
      throw new StatusError(1, `${errorText(error)}\nError: failed to rename container named ${old}`)
    }
  },
}
