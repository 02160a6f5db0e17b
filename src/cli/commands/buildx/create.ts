/** `docker buildx create`: other builders are containers of BuildKit, which minidock has no model of. */
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'

const drivers = ['docker-container', 'kubernetes', 'remote', 'cloud']

export const command: Command = {
  async run(ctx, _args, flags) {
    const driver = flags.string('driver') || 'docker-container'
    if (driver === 'docker')
      throw new StatusError(1, 'ERROR: additional instances of driver "docker" cannot be created')
    if (!drivers.includes(driver)) throw new StatusError(1, `ERROR: failed to find driver ${JSON.stringify(driver)}`)
    throw new StatusError(
      1,
      `${ctx.name}: builders of the driver ${JSON.stringify(driver)} are not modelled: there is one builder, "default"`,
    )
  },
}
