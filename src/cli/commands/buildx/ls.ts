/** `docker buildx ls`: the engine's own builder is the only one. */
import type { CliContext, Command } from '../../command.ts'
import { align } from '../../format/tabwriter.ts'
import { clientVersion, VERSION } from '../../version.ts'

/** Platforms that RUN works for: those of the catalogue's images. */
export const platforms = (ctx: CliContext): string[] => [`linux/${clientVersion(ctx).Arch}`]

export const command: Command = {
  async run(ctx) {
    const rows = [
      ['NAME/NODE', 'DRIVER/ENDPOINT', 'STATUS', 'BUILDKIT', 'PLATFORMS'],
      ['default*', 'docker', '', '', ''],
      [' \\_ default', ' \\_ default', 'running', `v${VERSION.buildkit}`, platforms(ctx).join(', ')],
    ]
    ctx.out.write(align(rows.map(row => `${row.join('\t')}\n`).join('')))
    return undefined
  },
}
