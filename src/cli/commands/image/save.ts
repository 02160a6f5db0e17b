/** `docker save`. */
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { checkOutputPath, writeHostFile } from './host-file.ts'
import { checkPlatform } from './platform.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const output = flags.string('output')
    if (output === '' && ctx.out.isTTY)
      throw new StatusError(1, 'cowardly refusing to save to a terminal. Use the -o flag or redirect')
    if (output !== '') checkOutputPath(ctx.cwd, output, 'failed to save image')
    const platform = flags.string('platform')
    checkPlatform(platform)
    const archive = (await ctx.engine()).images.save([...args], platform === '' ? {} : { platform })
    if (output !== '') await writeHostFile(ctx.cwd, output, archive)
    else for await (const piece of archive) ctx.out.write(piece)
    return undefined
  },
}
