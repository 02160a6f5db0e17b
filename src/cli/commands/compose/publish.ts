/** `docker compose publish`: a project as an artifact of a registry. */
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'

export const command: Command = {
  async run(ctx) {
    throw new StatusError(1, `${ctx.name}: 'compose publish' is not modelled`)
  },
}
