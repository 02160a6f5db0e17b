/** `docker volume update`: for cluster volumes, which there are none of. */
import type { Command } from '../../command.ts'

export const command: Command = {
  run() {
    throw new Error('can only update cluster volumes')
  },
}
