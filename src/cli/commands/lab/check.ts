/** `lab check LAB [FOLDER]`: what the grader would say of a folder now, but for hidden checks. */
import { resolve } from 'node:path'
import { loadLab } from '../../../lab/load.ts'
import { terminalReport } from '../../../lab/report/terminal.ts'
import type { Command } from '../../command.ts'
import { gradeAll } from './grade-all.ts'
import { labFile } from './lab-path.ts'

export const command: Command = {
  async run(ctx, [given = '', target = '.']) {
    const labPath = labFile(ctx, given)
    const lab = loadLab(labPath)
    const [grade] = await gradeAll([resolve(ctx.cwd, target)], { lab, labPath, jobs: 1 })
    if (!grade) return 1
    const checks = grade.checks.filter(check => !check.hidden)
    const hidden = grade.checks.length - checks.length
    const sum = (key: 'score' | 'max'): number => checks.reduce((total, check) => total + check[key], 0)
    ctx.out.write(terminalReport([{ ...grade, checks, score: sum('score'), max: sum('max') }]))
    if (hidden > 0) ctx.out.write(`${hidden} more ${hidden === 1 ? 'check is' : 'checks are'} made when you hand in\n`)
    const solved = Object.entries(lab.questions).filter(([id, { explain }]) => {
      const asked = lab.steps.flatMap(step => step.checks).filter(check => check.answer?.question === id)
      const right = asked.every(check => checks.some(each => each.id === check.id && each.status === 'passed'))
      return explain !== undefined && asked.length > 0 && right
    })
    for (const [id, { explain }] of solved) ctx.out.write(`${id}: ${explain}\n`)
    return sum('score') === sum('max') ? 0 : 1
  },
}
