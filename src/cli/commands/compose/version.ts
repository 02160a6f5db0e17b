/** `docker compose version`. */
import type { Command } from '../../command.ts'
import { VERSION } from '../../version.ts'

export const command: Command = {
  async run(ctx, _args, flags) {
    if (flags.bool('short')) ctx.out.write(`${VERSION.compose}\n`)
    else if (flags.string('format') === 'json') ctx.out.write(`{"version":"v${VERSION.compose}"}\n`)
    else ctx.out.write(`Docker Compose version v${VERSION.compose}\n`)
    return undefined
  },
}
