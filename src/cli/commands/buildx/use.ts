/** `docker buildx use`: only the engine's own builder can be used. */
import { join } from 'node:path'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'

export const command: Command = {
  async run(ctx, [name = '']) {
    if (name === 'default') return undefined
    const why =
      name === ''
        ? 'invalid name , name needs to start with a letter and may not contain symbols, except ._-'
        : `open ${join(ctx.globals.config, 'buildx', 'instances', name)}: no such file or directory`
    throw new StatusError(1, `ERROR: failed to find instance "${name}": ${why}`)
  },
}
