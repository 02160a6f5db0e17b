/** `grade LAB SUBMISSION...`: points and reports for folders that students handed in. */
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { systemClock } from '../../../clock.ts'
import type { Grade } from '../../../lab/grade.ts'
import { loadLab } from '../../../lab/load.ts'
import { junitReport } from '../../../lab/report/junit.ts'
import { check50Report, classroom50Report, gradescopeReport } from '../../../lab/report/platforms.ts'
import { csvReport, jsonReport, markdownReport } from '../../../lab/report/tables.ts'
import { terminalReport } from '../../../lab/report/terminal.ts'
import type { CliContext, Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { VERSION } from '../../version.ts'
import { gradeAll } from './grade-all.ts'
import { labFile } from './lab-path.ts'

/** Reports of a whole class, by `--format`. */
const classReports: Readonly<Record<string, (grades: readonly Grade[]) => string>> = {
  terminal: terminalReport,
  json: grades => jsonReport(grades, VERSION.engine),
  junit: junitReport,
  markdown: markdownReport,
  csv: csvReport,
}

/** Reports of one submission. */
const singleReports: Readonly<Record<string, (grade: Grade, ctx: CliContext) => string>> = {
  gradescope: gradescopeReport,
  classroom50: (grade, ctx) => classroom50Report(grade, ctx.env, systemClock().now()),
  check50: check50Report,
}

export const command: Command = {
  async run(ctx, [lab = '', ...folders], flags) {
    const format = flags.string('format')
    const known = [...Object.keys(classReports), ...Object.keys(singleReports)]
    if (!known.includes(format))
      throw new StatusError(1, `${ctx.name}: there is no report ${format}; there are ${known.join(', ')}`)
    const single = singleReports[format]
    if (single && folders.length > 1)
      throw new StatusError(1, `${ctx.name}: a ${format} report is of one submission, and ${folders.length} were given`)
    const jobs = flags.changed('jobs') ? flags.number('jobs') : availableParallelism()
    if (jobs < 1) throw new StatusError(1, `${ctx.name}: --jobs must be at least 1`)
    const labPath = labFile(ctx, lab)
    let done = 0
    const grades = await gradeAll(
      folders.map(folder => resolve(ctx.cwd, folder)),
      {
        lab: loadLab(labPath),
        labPath,
        jobs,
        ready: grade => {
          done++
          if (ctx.err.isTTY) ctx.err.write(`${done}/${folders.length} ${grade.student}: ${grade.score}/${grade.max}\n`)
        },
      },
    )
    const first = grades[0]
    const text = single && first ? single(first, ctx) : (classReports[format]?.(grades) ?? '')
    const output = flags.string('output')
    if (output === '') ctx.out.write(text)
    else writeFileSync(resolve(ctx.cwd, output), text)
  },
}
