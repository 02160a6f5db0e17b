/** `docker context show`. */
import type { Command } from '../../command.ts'
import { DEFAULT } from './contexts.ts'

export const command: Command = {
  async run(ctx) {
    ctx.out.write(`${DEFAULT}\n`)
    return undefined
  },
}
