/** `docker export`. */
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { checkOutputPath, writeHostFile } from '../image/host-file.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const output = flags.string('output')
    if (output === '' && ctx.out.isTTY)
      throw new StatusError(1, 'cowardly refusing to save to a terminal. Use the -o flag or redirect')
    if (output !== '') checkOutputPath(ctx.cwd, output, 'failed to export container')
    const archive = (await ctx.engine()).containers.export(args[0] ?? '')
    if (output !== '') await writeHostFile(ctx.cwd, output, archive)
    else for await (const piece of archive) ctx.out.write(piece)
  },
}
