/** The words that all reports share. */
import type { Grade, GradedCheck } from '../grade.ts'

/** What is told of a check that did not hold, a line each. */
export function details(check: GradedCheck): string[] {
  if (check.status === 'passed') return []
  if (check.waitsFor !== undefined) return [`not looked at: ${check.waitsFor} must hold first`]
  if (check.status === 'skipped') return ['not looked at: the grading ended before']
  return [
    ...(check.expected === undefined ? [] : [`expected: ${check.expected}`]),
    ...(check.found === undefined ? [] : [`found: ${check.found}`]),
    ...(check.look === undefined ? [] : [`look at: ${check.look}`]),
  ]
}

export const percent = (grade: Grade): number => (grade.max === 0 ? 100 : Math.floor((100 * grade.score) / grade.max))

/** Text without the control characters that a terminal, XML or a table would take for its own. */
export const clean = (text: string): string =>
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffe\uffff]|[\ud800-\udfff](?![\udc00-\udfff])/g, '\ufffd')
