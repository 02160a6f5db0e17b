/** Markdown for a CI summary, CSV for a class, JSON for programs. */
import type { Grade } from '../grade.ts'
import { clean, details, percent } from './words.ts'

const cell = (text: string): string =>
  clean(text)
    .replace(/[\\|`<>*_[\]]/g, found => `\\${found}`)
    .replace(/\s+/g, ' ')
const marks = { passed: '✅', partial: '◐', failed: '❌', skipped: '➖' }

export function markdownReport(grades: readonly Grade[]): string {
  return grades
    .map(grade => {
      const rows = grade.checks.map(
        check =>
          `| ${marks[check.status]} | ${cell(check.says)} | ${check.score}/${check.max} | ${cell(details(check).join('; '))} |`,
      )
      const notes = grade.notes.map(note => `\n- ${cell(note)}`).join('')
      return [
        `## ${cell(grade.student)}: ${grade.score} of ${grade.max} points (${percent(grade)} %)`,
        '',
        `Lab: ${cell(grade.title)}`,
        '',
        '| | Check | Points | |',
        '| --- | --- | --- | --- |',
        ...rows,
        ...(notes === '' ? [] : [notes]),
        '',
      ].join('\n')
    })
    .join('\n')
}

/** A spreadsheet must take no student's name for a formula. */
const value = (text: string): string => {
  const plain = clean(text)
  const safe = /^[=+\-@\t\r]/.test(plain) ? `'${plain}` : plain
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export function csvReport(grades: readonly Grade[]): string {
  const ids = grades[0]?.checks.map(check => check.id) ?? []
  const rows = grades.map(grade => [
    grade.student,
    grade.lab,
    String(grade.score),
    String(grade.max),
    String(percent(grade)),
    grade.notes.length === 0 ? 'graded' : 'notes',
    ...grade.checks.map(check => String(check.score)),
  ])
  return [['student', 'lab', 'score', 'max', 'percent', 'status', ...ids], ...rows]
    .map(row => `${row.map(value).join(',')}\n`)
    .join('')
}

export function jsonReport(grades: readonly Grade[], engine: string): string {
  return `${JSON.stringify({ version: 1, engine, submissions: grades }, null, 2)}\n`
}
