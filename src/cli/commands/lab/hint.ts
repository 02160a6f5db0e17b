/** `lab hint LAB STEP [N]`: the first N hints of a step. */
import { loadLab } from '../../../lab/load.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { labFile } from './lab-path.ts'

export const command: Command = {
  async run(ctx, [given = '', name = '', count = '1']) {
    const lab = loadLab(labFile(ctx, given))
    const step = lab.steps.find((each, at) => each.id === name || String(at + 1) === name)
    if (!step)
      throw new StatusError(
        1,
        `${ctx.name}: there is no step ${name}; there are ${lab.steps.map(each => each.id).join(', ')}`,
      )
    if (!/^[1-9]\d*$/.test(count)) throw new StatusError(1, `${ctx.name}: ${count} is no number of hints`)
    if (step.hints.length === 0) ctx.out.write('This step has no hints.\n')
    for (const [at, { text, cost }] of step.hints.slice(0, Number(count)).entries())
      ctx.out.write(
        `${at + 1}/${step.hints.length}: ${text.trim()}${cost > 0 ? ` (your teacher may take ${cost} off)` : ''}\n`,
      )
  },
}
