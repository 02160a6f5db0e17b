/** JUnit XML. `classname` is unique to the student: GitLab keeps only the first of equal class and name. */
import type { Grade, GradedCheck } from '../grade.ts'
import { clean, details } from './words.ts'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
}
const attribute = (text: string): string => clean(text).replace(/[&<>"\n]/g, found => entities[found] ?? '')
const content = (text: string): string => clean(text).replace(/[&<>]/g, found => entities[found] ?? '')

export function junitReport(grades: readonly Grade[]): string {
  const suites = grades.map(grade => {
    const count = (...wanted: GradedCheck['status'][]): number =>
      grade.checks.filter(check => wanted.includes(check.status)).length
    const head = `tests="${grade.checks.length}" failures="${count('failed', 'partial')}" errors="0" skipped="${count('skipped')}"`
    const cases = grade.checks.map(check => testcase(grade, check)).join('')
    const notes = grade.notes.length === 0 ? '' : `    <system-out>${content(grade.notes.join('\n'))}</system-out>\n`
    const score = `    <properties>\n      <property name="score" value="${grade.score}"/>\n      <property name="max-score" value="${grade.max}"/>\n    </properties>\n`
    return `  <testsuite name="${attribute(`${grade.lab}/${grade.student}`)}" ${head} time="0">\n${score}${cases}${notes}  </testsuite>\n`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`
}

function testcase(grade: Grade, check: GradedCheck): string {
  const name = `classname="${attribute(`${grade.lab}.${grade.student}`)}" name="${attribute(check.id)}" time="0"`
  if (check.status === 'passed') return `    <testcase ${name}/>\n`
  const text = content([check.says, ...details(check)].join('\n'))
  if (check.status === 'skipped')
    return `    <testcase ${name}>\n      <skipped message="${attribute(details(check)[0] ?? '')}"/>\n    </testcase>\n`
  const message = attribute(`${check.score} of ${check.max} points: ${check.says}`)
  return `    <testcase ${name}>\n      <failure message="${message}">${text}</failure>\n    </testcase>\n`
}
