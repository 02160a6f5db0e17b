/** `lab list [FOLDER]`: the labs of a folder. */
import { resolve } from 'node:path'
import { maxOf } from '../../../lab/grade.ts'
import { loadLab } from '../../../lab/load.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { labsFolder, labsIn } from './lab-path.ts'

export const command: Command = {
  async run(ctx, [given]) {
    const folder = given === undefined ? labsFolder(ctx) : resolve(ctx.cwd, given)
    const files = labsIn(folder)
    if (files.length === 0) throw new StatusError(1, `${ctx.name}: there are no labs in ${folder}`)
    const rows = files.map(file => {
      const lab = loadLab(file)
      return [lab.id, lab.level, `${lab.steps.length}`, `${maxOf(lab)}`, lab.title]
    })
    const table = [['LAB', 'LEVEL', 'STEPS', 'POINTS', 'TITLE'], ...rows]
    const widths = [0, 1, 2, 3].map(at => Math.max(...table.map(row => row[at]?.length ?? 0)))
    for (const row of table)
      ctx.out.write(
        `${row
          .map((text, at) => text.padEnd(widths[at] ?? 0))
          .join('   ')
          .trimEnd()}\n`,
      )
  },
}
