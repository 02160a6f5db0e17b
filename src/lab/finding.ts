/** What a check has found, and the sentences that say it. */
import type { Expectation } from './schema.ts'

export interface Finding {
  passed: boolean
  /** What was expected, as the end of a sentence: `State.Running is true`. */
  expected: string
  /** What was found, in the same form. */
  found: string
  /** How many of how many parts hold, where a check has several. */
  parts?: { held: number; of: number }
}

/** How much of a long text a sentence shows. */
const mostShown = 2000

const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? 'nothing')
  return text.length > mostShown ? `${text.slice(0, mostShown)}… (${text.length} characters)` : text
}

/** Compares a value with what is expected of it; `name` is what the value is called. */
export function compare(name: string, value: unknown, expectation: Expectation): Finding {
  const { equals, contains, excludes, matches, atLeast, atMost } = expectation
  const text = typeof value === 'string' ? value : value === undefined ? '' : (JSON.stringify(value) ?? '')
  const rows: [wish: string, holds: boolean][] = []
  if (equals !== undefined) rows.push([`is ${shown(equals)}`, sameValue(value, equals)])
  if (contains !== undefined) rows.push([`contains ${shown(contains)}`, text.includes(contains)])
  if (excludes !== undefined) rows.push([`does not contain ${shown(excludes)}`, !text.includes(excludes)])
  if (matches !== undefined) rows.push([`matches /${matches}/`, new RegExp(matches, 'm').test(text)])
  if (atLeast !== undefined) rows.push([`is at least ${atLeast}`, typeof value === 'number' && value >= atLeast])
  if (atMost !== undefined) rows.push([`is at most ${atMost}`, typeof value === 'number' && value <= atMost])
  if (rows.length === 0) rows.push(['is there', value !== undefined && value !== null])
  return {
    passed: rows.every(([, holds]) => holds),
    expected: `${name} ${rows.map(([wish]) => wish).join(' and ')}`,
    found: `${name} is ${value === undefined ? 'not there' : shown(value)}`,
  }
}

/** YAML's `80` and inspect's `"80"` are the same to a teacher; a text's last newline is no part of it. */
const sameValue = (value: unknown, wanted: string | number | boolean): boolean =>
  typeof value === 'object' && value !== null
    ? JSON.stringify(value) === wanted
    : String(value ?? '').replace(/\n$/, '') === String(wanted)

/** Several findings as one: what was expected is all of it, what was found is what did not hold. */
export function together(findings: readonly Finding[]): Finding {
  const failed = findings.filter(each => !each.passed)
  return {
    passed: failed.length === 0,
    expected: findings.map(each => each.expected).join('; '),
    found: (failed.length > 0 ? failed : findings).map(each => each.found).join('; '),
    ...(findings.length > 1 && { parts: { held: findings.length - failed.length, of: findings.length } }),
  }
}

/** A value within JSON by a path such as `Config.Env`, `Mounts[0].Type`, `Config.Labels["a.b"]`. */
export function fieldOf(object: unknown, path: string): unknown {
  let value: unknown = object
  for (const [, quoted, index, name] of path.matchAll(/\["([^"]*)"\]|\[(\d+)\]|([^.[\]]+)/g)) {
    const key = name ?? quoted ?? index ?? ''
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value
}
