/** `lab test LAB`: proves a lab fair before students meet it. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { type Grade, maxOf } from '../../../lab/grade.ts'
import { loadLab } from '../../../lab/load.ts'
import { mutatedLab } from '../../../lab/mutate.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { gradeAll } from './grade-all.ts'
import { labFile } from './lab-path.ts'

export const command: Command = {
  async run(ctx, [given = '']) {
    const labPath = labFile(ctx, given)
    const lab = loadLab(labPath)
    const folder = dirname(labPath)
    const solution = join(folder, 'solution')
    if (!existsSync(solution)) throw new StatusError(1, `${ctx.name}: the lab has no solution: there is no ${solution}`)
    const wanted = readPoints(join(folder, 'points.json'))
    const wrong = existsSync(join(folder, 'wrong')) ? readdirSync(join(folder, 'wrong')).sort() : []
    const place = mkdtempSync(join(tmpdir(), 'minidock-lab-test-'))
    const faults: string[] = []
    try {
      mkdirSync(join(place, 'empty'))
      const jobs = availableParallelism()
      const folders = [solution, join(place, 'empty'), ...wrong.map(name => join(folder, 'wrong', name))]
      const grades = await gradeAll(folders, { lab, labPath, jobs })
      const max = maxOf(lab)
      grades.forEach((grade, at) => {
        const due = at === 0 ? max : at === 1 ? 0 : wanted[grade.student]
        ctx.out.write(`${grade.student}: ${grade.score} of ${max}${due === undefined ? '' : ` (${due} wanted)`}\n`)
        if (due !== undefined && grade.score !== due) faults.push(`${grade.student} gets ${grade.score}, not ${due}`)
        if (at === 0) faults.push(...failedIn(grade))
      })
      // Each check with one expectation changed, all of them in one run of the solution.
      const mutated = mutatedLab(lab)
      const mutatedPath = join(place, 'lab.yaml')
      writeFileSync(mutatedPath, JSON.stringify(mutated.lab))
      const [grade] = await gradeAll([solution], { lab: mutated.lab, labPath: mutatedPath, jobs: 1 })
      const blind = (grade?.checks ?? []).filter(check => mutated.of.has(check.id) && check.status === 'passed')
      for (const check of blind) {
        const from = mutated.of.get(check.id)
        faults.push(`the check ${from?.check} does not notice when ${from?.path} is another`)
      }
      ctx.out.write(`${mutated.of.size - blind.length} of ${mutated.of.size} changed expectations were noticed\n`)
    } finally {
      rmSync(place, { recursive: true, force: true })
    }
    for (const fault of faults) ctx.err.write(`${basename(folder)}: ${fault}\n`)
    return faults.length === 0 ? 0 : 1
  },
}

const failedIn = (grade: Grade): string[] => [
  ...grade.checks
    .filter(check => check.status !== 'passed')
    .map(check => `the solution fails ${check.id}: ${check.found ?? check.says}`),
  ...grade.notes.map(note => `the solution: ${note}`),
]

function readPoints(path: string): Record<string, number> {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, number>) : {}
}
