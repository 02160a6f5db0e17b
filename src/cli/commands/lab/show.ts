/** `lab show LAB`: what is to be done, step by step, and the questions. */
import { loadLab } from '../../../lab/load.ts'
import { labText } from '../../../lab/text.ts'
import type { Command } from '../../command.ts'
import { labFile } from './lab-path.ts'

export const command: Command = {
  async run(ctx, [given = '']) {
    ctx.out.write(labText(loadLab(labFile(ctx, given))))
  },
}
