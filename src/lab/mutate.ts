/** Checks with one expectation changed: one that still holds for the solution does not look at what it names. */
import { type Check, kindNames, type Lab } from './schema.ts'

type Json = unknown

const other = '-another-than-this'

/** How the value of a key is changed; undefined where no change says anything. */
const changes: Readonly<Record<string, (value: Json) => Json>> = {
  equals: value => (typeof value === 'boolean' ? !value : typeof value === 'number' ? value + 1 : `${value}${other}`),
  contains: value => `${value}${other}`,
  matches: value => `(?:${value})${other}`,
  excludes: () => '',
  atLeast: () => 1e15,
  atMost: () => -1,
  exists: value => !value,
  reachable: value => !value,
  refused: value => !value,
  status: value => Number(value) + 1,
  mode: value => (value === '000' ? '777' : '000'),
  owner: () => '4242:4242',
  command: value => (typeof value === 'string' ? `(?:${value})${other}` : undefined),
}

/** Lists of patterns and names, an item changed at a time. */
const listChanges: Readonly<Record<string, (value: string) => string>> = {
  has: value => `(?:${value})${other}`,
  hasNot: () => '',
  order: value => `(?:${value})${other}`,
  containers: value => value + other,
  services: value => value + other,
  running: value => value + other,
  cached: value => value + other,
  rebuilt: value => value + other,
}

/** Every variant of a value in which one expectation is another; with the path to it. */
function variants(value: Json, path: string): [path: string, variant: Json][] {
  if (value === null || typeof value !== 'object') return []
  const entries = Object.entries(value)
  return entries.flatMap(([key, part]): [string, Json][] => {
    const at = path === '' ? key : `${path}.${key}`
    const put = (changed: Json): Json =>
      Array.isArray(value) ? value.map((each, i) => (String(i) === key ? changed : each)) : { ...value, [key]: changed }
    const list = listChanges[key]
    if (list && Array.isArray(part))
      return part.map((item, i) => [`${at}.${i}`, put(part.map((each, j) => (i === j ? list(String(item)) : each)))])
    const change = typeof part === 'object' ? undefined : changes[key]
    if (change) return [[at, put(change(part))]]
    return variants(part, at).map(([inner, variant]) => [inner, put(variant)])
  })
}

/** The lab with every changed check behind the check it was made of. `of` tells by id what was changed. */
export function mutatedLab(lab: Lab): { lab: Lab; of: Map<string, { check: string; path: string }> } {
  const of = new Map<string, { check: string; path: string }>()
  const steps = lab.steps.map(step => ({
    ...step,
    checks: step.checks.flatMap(check => [check, ...mutants(check, of)]),
  }))
  return { lab: { ...lab, steps }, of }
}

function mutants(check: Check, of: Map<string, { check: string; path: string }>): Check[] {
  const kind = kindNames.find(each => check[each] !== undefined)
  if (!kind) return []
  return variants(check[kind], '').map(([path, variant], at): Check => {
    const id = `${check.id}-m${at}`
    of.set(id, { check: check.id, path: `${kind}.${path}` })
    return { ...check, id, points: 0, [kind]: variant }
  })
}
