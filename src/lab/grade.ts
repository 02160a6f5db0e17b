/** From what was observed to points: pure. */
import type { Observation } from './run.ts'
import { type Check, checksOf, type Lab } from './schema.ts'

export type CheckStatus = 'passed' | 'partial' | 'failed' | 'skipped'

/** A check with its points, and what may be told of it. */
export interface GradedCheck {
  id: string
  step: string
  says: string
  hidden: boolean
  status: CheckStatus
  score: number
  max: number
  /** As far as the check reveals it. */
  expected?: string
  found?: string
  look?: string
  /** The check that must hold first. */
  waitsFor?: string
}

export interface Grade {
  lab: string
  title: string
  student: string
  score: number
  max: number
  /** What ended a script or the grading before its time, and what the submission lacks. */
  notes: string[]
  checks: GradedCheck[]
}

/** `spent`: points that hints have cost. */
export function gradeOf(
  lab: Lab,
  student: string,
  observations: readonly Observation[],
  notes: readonly string[] = [],
  spent = 0,
): Grade {
  const byId = new Map(observations.map(each => [each.id, each]))
  const checks = lab.steps.flatMap(step => step.checks.map(check => graded(step.id, check, byId.get(check.id))))
  const sum = checks.reduce((total, each) => total + each.score, 0)
  return {
    lab: lab.id,
    title: lab.title,
    student,
    score: Math.max(0, sum - spent),
    max: maxOf(lab),
    notes: [...notes],
    checks,
  }
}

export const maxOf = (lab: Lab): number => checksOf(lab).reduce((total, check) => total + check.points, 0)

function graded(step: string, check: Check, seen: Observation | undefined): GradedCheck {
  const { id, says, hidden, points, look } = check
  const base = { id, step, says, hidden, max: points }
  if (!seen || 'waitsFor' in seen)
    return { ...base, status: 'skipped', score: 0, ...(seen && { waitsFor: seen.waitsFor }) }
  const { passed, parts, expected, found } = seen.finding
  if (passed) return { ...base, status: 'passed', score: points }
  // Part of the points, in whole ones, never all of them.
  const score = parts ? Math.min(points - 1, Math.floor((points * parts.held) / parts.of)) : 0
  return {
    ...base,
    status: score > 0 ? 'partial' : 'failed',
    score: Math.max(0, score),
    ...(check.reveals === 'full' && { expected }),
    ...(check.reveals !== 'none' && { found }),
    ...(check.reveals !== 'none' && look !== undefined && { look }),
  }
}
