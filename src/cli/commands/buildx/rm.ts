/** `docker buildx rm`: the engine's own builder stays, and there is no other. */
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'

export const command: Command = {
  async run(ctx, names, flags) {
    if (flags.bool('all-inactive')) return
    const failed = (names.length > 0 ? names : ['']).map(name =>
      name === '' || name === 'default'
        ? `failed to remove ${name}: context builder cannot be removed, run \`docker context rm default\` to remove this context\n`
        : `failed to remove ${name}: no builder ${JSON.stringify(name)} found\n`,
    )
    ctx.err.write(failed.join(''))
    throw new StatusError(1, 'ERROR: failed to remove one or more builders')
  },
}
