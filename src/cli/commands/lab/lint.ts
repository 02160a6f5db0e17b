/** `lab lint LAB...`: faults of lab files, each with file, line and key. */
import { loadLab } from '../../../lab/load.ts'
import type { Command } from '../../command.ts'
import { errorText } from '../../errors.ts'
import { labFile } from './lab-path.ts'

export const command: Command = {
  async run(ctx, given) {
    let status = 0
    for (const each of given) {
      const path = labFile(ctx, each)
      try {
        const lab = loadLab(path)
        ctx.out.write(`${path}: ${lab.title}: no faults\n`)
      } catch (error) {
        status = 1
        ctx.err.write(`${errorText(error).replace(/^Error response from daemon: /, '')}\n`)
      }
    }
    return status
  },
}
