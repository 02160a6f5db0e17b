/** `docker context use`: only the one that there is can be used. */
import type { Command } from '../../command.ts'
import { absent, DEFAULT } from './contexts.ts'

export const command: Command = {
  async run(ctx, [name = '']) {
    if (name !== DEFAULT) throw absent(ctx, name)
    ctx.out.write(`${name}\n`)
    ctx.err.write(`Current context is now "${name}"\n`)
    return undefined
  },
}
