/** `docker buildx stop`: the engine's own builder has nothing to stop. */
import type { Command } from '../../command.ts'
import { checkBuilder } from './build-flags.ts'

export const command: Command = {
  async run(_ctx, [name = ''], flags) {
    checkBuilder(name || flags.string('builder'))
  },
}
