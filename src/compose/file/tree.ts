/** A compose file's content as plain data, and tables of rules by path in it. */

export type Value = null | boolean | number | string | Value[] | Mapping

/** A mapping with no prototype: its keys are whatever the file says. */
export interface Mapping {
  [key: string]: Value
}

/** What a compose file has wrong. `message` is compose's own line. */
export class ComposeError extends Error {
  override readonly name = 'ComposeError'
}

export function mapping(entries: Iterable<readonly [string, Value]> = []): Mapping {
  const made: Mapping = Object.create(null)
  for (const [key, value] of entries) made[key] = value
  return made
}

export const isMapping = (value: Value | undefined): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The mapping at a key; undefined when there is none. */
export function mappingAt(value: Mapping, key: string): Mapping | undefined {
  const found = value[key]
  return isMapping(found) ? found : undefined
}

export function clone(value: Value): Value {
  if (Array.isArray(value)) return value.map(clone)
  return isMapping(value) ? mapping(Object.entries(value).map(([key, entry]) => [key, clone(entry)])) : value
}

export function equal(a: Value, b: Value): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((e, i) => equal(e, b[i] ?? null))
  if (!isMapping(a) || !isMapping(b)) return a === b
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every(key => key in b && equal(a[key] ?? null, b[key] ?? null))
}

/** Go's `%T` of a decoded value, which some errors show. */
export function goType(value: Value): string {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return '[]interface {}'
  if (typeof value === 'object') return 'map[string]interface {}'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64'
  return typeof value === 'boolean' ? 'bool' : 'string'
}

/** Go's `%v` of a decoded value. */
export function goText(value: Value): string {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`
  if (typeof value !== 'object') return String(value)
  const keys = Object.keys(value).sort()
  return `map[${keys.map(key => `${key}:${goText(value[key] ?? null)}`).join(' ')}]`
}

/** `KEY=VALUE` taken apart at the first `=`; undefined without one. */
export function cut(text: string, mark = '='): [string, string] | undefined {
  const at = text.indexOf(mark)
  return at < 0 ? undefined : [text.slice(0, at), text.slice(at + mark.length)]
}

interface Branch<T> {
  rule?: T
  next: Map<string, Branch<T>>
}

/** Rules by path, where `*` stands for any one key or list entry: `services.*.volumes.*`. */
export class PathTable<T> {
  readonly #root: Branch<T> = { next: new Map() }

  constructor(rules: Readonly<Record<string, T>>) {
    for (const [pattern, rule] of Object.entries(rules)) {
      let branch = this.#root
      for (const part of pattern.split('.')) {
        let next = branch.next.get(part)
        if (!next) branch.next.set(part, (next = { next: new Map() }))
        branch = next
      }
      branch.rule = rule
    }
  }

  /** The rule for a path; a named part counts before `*`. */
  match(path: readonly string[]): T | undefined {
    return find(this.#root, path, 0)
  }
}

function find<T>(branch: Branch<T>, path: readonly string[], at: number): T | undefined {
  const part = path[at]
  if (part === undefined) return branch.rule
  const named = branch.next.get(part)
  const found = named && find(named, path, at + 1)
  if (found !== undefined) return found
  const any = branch.next.get('*')
  return any && find(any, path, at + 1)
}

/**
 * Changes a tree in place from the top down: `rule` gets each value with its path and says what becomes of it;
 * undefined leaves it, and goes on with what it holds.
 */
export function rewrite(
  value: Value,
  rule: (value: Value, path: readonly string[]) => Value | undefined,
  path: readonly string[] = [],
): Value {
  const made = rule(value, path)
  if (made !== undefined) return made
  if (Array.isArray(value)) {
    value.forEach((entry, i) => {
      value[i] = rewrite(entry, rule, [...path, '[]'])
    })
  } else if (isMapping(value)) {
    for (const [key, entry] of Object.entries(value)) value[key] = rewrite(entry, rule, [...path, key])
  }
  return value
}
