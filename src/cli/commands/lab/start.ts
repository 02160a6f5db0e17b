/** `lab start LAB [FOLDER]`: a folder to work in, with the text and empty files to hand in. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { loadLab } from '../../../lab/load.ts'
import { labText } from '../../../lab/text.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { labFile } from './lab-path.ts'

export const command: Command = {
  async run(ctx, [given = '', target]) {
    const lab = loadLab(labFile(ctx, given))
    const folder = resolve(ctx.cwd, target ?? lab.id)
    if (existsSync(folder) && readdirSync(folder).length > 0)
      throw new StatusError(1, `${ctx.name}: ${folder} is not empty: choose another folder`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'README.md'), labText(lab))
    for (const script of lab.run)
      writeFileSync(join(folder, script), '# The commands you used, a line each, as in: docker build -t page:1 .\n')
    const ids = Object.keys(lab.questions)
    if (ids.length > 0) writeFileSync(join(folder, 'answers.yaml'), ids.map(id => `${id}:\n`).join(''))
    ctx.out.write(`Read ${join(folder, 'README.md')}, then: ${ctx.name} lab check ${given} ${folder}\n`)
  },
}
