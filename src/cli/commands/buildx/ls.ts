/** `docker buildx ls`: the engine's own builder is the only one. */
import type { Command } from '../../command.ts'
import { align } from '../../format/tabwriter.ts'
import { clientVersion, VERSION } from '../../version.ts'

export const command: Command = {
  async run(ctx) {
    const { Arch } = clientVersion(ctx)
    const rows = [
      ['NAME/NODE', 'DRIVER/ENDPOINT', 'STATUS', 'BUILDKIT', 'PLATFORMS'],
      ['default*', 'docker', '', '', ''],
      [' \\_ default', ' \\_ default', 'running', `v${VERSION.buildkit}`, `linux/${Arch}`],
    ]
    ctx.out.write(align(rows.map(row => `${row.join('\t')}\n`).join('')))
    return undefined
  },
}
