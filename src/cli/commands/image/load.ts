/** `docker load`. */
import { EngineError, messageOf } from '../../../errors.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { showPull } from '../../format/progress/pull.ts'
import { readHostFile } from './host-file.ts'
import { checkPlatform } from './platform.ts'

export const command: Command = {
  async run(ctx, _args, flags) {
    const input = flags.string('input')
    if (input === '' && ctx.in.isTTY) throw new StatusError(1, 'requested load from stdin, but stdin is empty')
    const tar = input === '' ? ctx.in.read() : readHostFile(ctx.cwd, input)
    const platform = flags.string('platform')
    checkPlatform(platform)
    // Without a terminal there is nothing to draw progress on.
    const quiet = flags.bool('quiet') || !ctx.out.isTTY
    const options = { quiet, ...(platform !== '' && { platform }) }
    try {
      await showPull(ctx, (await ctx.engine()).images.load(tar, options))
    } catch (error) {
      throw error instanceof EngineError || error instanceof StatusError ? error : new StatusError(1, messageOf(error))
    }
    return undefined
  },
}
