/**
 * Values in templates. Go's kinds are JavaScript's: string, boolean, number (an integer), `Float`, null (a nil
 * pointer), array (slice), Map (map), function, `Struct` or a plain object (struct: fields in order). `undefined` is
 * what a map has for a key that it has not ("<no value>").
 */

/** A float64 (a number is an int). */
export class Float {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
}

/** A number of JSON that was read without a type (Go's json.Number): to Go it is a text. */
export class JsonNumber {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** A map whose keys are of type nat.Port: `index` takes no text for one. */
export class PortMap extends Map<string, unknown> {}

/** A struct with a type's name; functions in it are methods, and a field that is not there is an error. */
export class Struct {
  readonly type: string
  readonly fields: Readonly<Record<string, unknown>>
  /** Its JSON, where that is not its fields in order. */
  readonly json: (() => string) | undefined
  constructor(type: string, fields: Readonly<Record<string, unknown>>, json?: () => string) {
    this.type = type
    this.fields = fields
    this.json = json
  }
}

/** A value that prints and encodes in ways of its own, as Go's time.Time does. */
export class Text {
  readonly text: string
  readonly json: string
  constructor(text: string, json: string) {
    this.text = text
    this.json = json
  }
}

/** A nil slice: empty, but `null` as JSON. */
export const nilSlice: readonly unknown[] = Object.freeze([])
/** A nil map: empty, but `null` as JSON. */
export const nilMap: ReadonlyMap<string, unknown> = new Map()

export const isMap = (value: unknown): value is ReadonlyMap<string, unknown> => value instanceof Map
export const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !isMap(value) &&
  !(value instanceof Float) &&
  !(value instanceof JsonNumber) &&
  !(value instanceof Text)

/** The own fields of a struct, in order; undefined for anything else. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (value instanceof Struct) return value.fields
  return isPlain(value) ? value : undefined
}

/**
 * Go's name for a value's type, as far as it can be told.
 * @param strict  the value was read from JSON without a type
 */
export function typeName(value: unknown, strict = false): string {
  if (strict) {
    if (Array.isArray(value)) return '[]interface {}'
    if (isMap(value)) return 'map[string]interface {}'
  }
  if (value === null || value === undefined) return '<nil>'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return 'int'
  if (value instanceof Float) return 'float64'
  if (value instanceof JsonNumber) return 'json.Number'
  if (value instanceof Struct) return value.type
  if (value instanceof Text) return 'time.Time'
  if (Array.isArray(value)) {
    const types = new Set(value.map(item => typeName(item)))
    const [first] = types
    return types.size === 1 && first !== undefined && first !== '<nil>'
      ? `[]${first}`
      : value.length === 0
        ? '[]string'
        : '[]interface {}'
  }
  if (isMap(value)) {
    const types = new Set([...value.values()].map(item => typeName(item)))
    const [first] = types
    return `map[string]${types.size === 1 && first !== undefined && first !== '<nil>' ? first : types.size === 0 ? 'string' : 'interface {}'}`
  }
  return typeof value === 'function' ? 'func' : 'struct'
}

/** What `if`, `and`, `or` and `not` take for true: what is not empty. */
export function truth(value: unknown): boolean {
  if (value === null || value === undefined) return false
  if (value instanceof Float) return value.value !== 0
  if (Array.isArray(value)) return value.length > 0
  if (isMap(value)) return value.size > 0
  if (typeof value === 'object' || typeof value === 'function') return true
  return Boolean(value)
}

/** A map's entries in the order that Go prints and ranges over them. */
export function sortedEntries<V>(map: ReadonlyMap<string, V>): [string, V][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}
