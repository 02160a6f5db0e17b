/** For people: a line a check, what was found below those that failed. */
import type { Grade } from '../grade.ts'
import { clean, details, percent } from './words.ts'

const marks = { passed: '✓', partial: '◐', failed: '✗', skipped: '-' }

export function terminalReport(grades: readonly Grade[]): string {
  const blocks = grades.map(grade => {
    const lines = [`${grade.student}: ${grade.score} of ${grade.max} points (${percent(grade)} %) in ${grade.title}`]
    for (const check of grade.checks) {
      lines.push(`  ${marks[check.status]} ${check.says}  [${check.score}/${check.max}]`)
      for (const detail of details(check)) lines.push(`      ${detail}`)
    }
    for (const note of grade.notes) lines.push(`  note: ${note}`)
    return `${lines.map(clean).join('\n')}\n`
  })
  return blocks.join('\n')
}
