/** Reports that gradebooks read: Gradescope, Classroom 50, check50. Each is of one submission. */
import type { Grade, GradedCheck } from '../grade.ts'
import { details } from './words.ts'

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** Gradescope's results.json. */
export function gradescopeReport(grade: Grade): string {
  return json({
    score: grade.score,
    output: grade.notes.join('\n'),
    output_format: 'text',
    tests: grade.checks.map((check, at) => ({
      score: check.score,
      max_score: check.max,
      status: check.status === 'passed' ? 'passed' : 'failed',
      name: check.says,
      number: String(at + 1),
      output: details(check).join('\n'),
      output_format: 'text',
      tags: [check.step],
      // "hidden" would hide the whole score from the student.
      visibility: check.hidden ? 'after_published' : 'visible',
    })),
  })
}

type Env = Readonly<Record<string, string | undefined>>

/** Classroom 50's result.json; who and what was handed in comes from the environment of its runner. `now` in ms. */
export function classroom50Report(grade: Grade, env: Env, now: number): string {
  return json({
    schema: 'classroom50/result/v1',
    classroom: env.CLASSROOM ?? '',
    assignment: env.ASSIGNMENT ?? grade.lab,
    assignment_type: env.ASSIGNMENT_TYPE === 'group' ? 'group' : 'individual',
    owner: env.OWNER ?? env.USERNAME ?? grade.student,
    submission: env.SUBMISSION_TAG ?? `submit/${grade.lab}`,
    commit: env.COMMIT_URL ?? '',
    release: env.RELEASE_URL ?? '',
    review: env.REVIEW_URL ?? '',
    datetime: env.SUBMITTED_AT ?? `${new Date(now).toISOString().slice(0, 19)}Z`,
    score: grade.score,
    'max-score': grade.max,
    tests: grade.checks.map(check => ({
      'test-name': check.id,
      passed: check.status === 'passed',
      score: check.score,
      'max-score': check.max,
      ...(check.status !== 'passed' && { details: details(check).join('\n') }),
    })),
  })
}

/** check50's JSON. Points have no place in it but `data`. */
export function check50Report(grade: Grade): string {
  return json({
    slug: `minidock/${grade.lab}`,
    results: grade.checks.map(check => ({
      name: check.id,
      description: check.says,
      passed: check.status === 'passed' ? true : check.status === 'skipped' ? null : false,
      log: check.hidden ? [] : details(check),
      cause: check.status === 'passed' ? null : cause(check),
      data: { points: check.score, max_points: check.max },
      dependency: check.waitsFor ?? null,
    })),
    version: '3.3.0',
  })
}

function cause(check: GradedCheck): Record<string, unknown> {
  return {
    rationale: check.waitsFor === undefined ? check.says : `can't check until ${check.waitsFor} holds`,
    help: check.look ?? null,
    ...(check.expected !== undefined && { expected: check.expected }),
    ...(check.found !== undefined && { actual: check.found }),
  }
}
