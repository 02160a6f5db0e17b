/** The functions of templates: Go's own (text/template/funcs.go) and those that Docker adds. */
import { sprint, sprintf, sprintln } from './format.ts'
import { toJson } from './json.ts'
import { Float, isMap, JsonNumber, PortMap, truth, typeName } from './value.ts'

export type Kind = 'string' | 'int' | 'strings' | 'any'
export interface Func {
  params: readonly Kind[]
  /** The kind of any further arguments; absent when there may be none. */
  rest?: Kind
  /** Gets arguments of the kinds that `params` says. An Error's message follows `error calling NAME: `. */
  run(args: readonly unknown[]): unknown
}
export type Functions = ReadonlyMap<string, Func>

const func = <A extends unknown[]>(params: readonly Kind[], run: (...args: A) => unknown, rest?: Kind): Func => ({
  params,
  // exec.ts has checked the arguments against `params`.
  run: args => run(...(args as A)),
  ...(rest === undefined ? {} : { rest }),
})

/** Go's functions. */
const builtins: [string, Func][] = [
  // Evaluated by exec.ts itself, which stops at the first argument that decides.
  ['and', func(['any'], (value: unknown) => value, 'any')],
  ['or', func(['any'], (value: unknown) => value, 'any')],
  ['not', func(['any'], (value: unknown) => !truth(value))],
  ['len', func(['any'], length)],
  ['index', func(['any'], (value: unknown, ...keys: unknown[]) => keys.reduce(indexed, value), 'any')],
  ['slice', func(['any'], slice, 'any')],
  ['print', func([], (...values: unknown[]) => sprint(values), 'any')],
  ['printf', func(['string'], (format: string, ...values: unknown[]) => sprintf(format, values), 'any')],
  ['println', func([], (...values: unknown[]) => sprintln(values), 'any')],
  ['html', func([], (...values: unknown[]) => html(text(values)), 'any')],
  ['js', func([], (...values: unknown[]) => js(text(values)), 'any')],
  ['urlquery', func([], (...values: unknown[]) => urlquery(text(values)), 'any')],
  ['eq', func(['any'], equal, 'any')],
  ['ne', func(['any', 'any'], (a: unknown, b: unknown) => !equal(a, b))],
  ['lt', func(['any', 'any'], (a: unknown, b: unknown) => compare(a, b) < 0)],
  ['le', func(['any', 'any'], (a: unknown, b: unknown) => compare(a, b) <= 0)],
  ['gt', func(['any', 'any'], (a: unknown, b: unknown) => compare(a, b) > 0)],
  ['ge', func(['any', 'any'], (a: unknown, b: unknown) => compare(a, b) >= 0)],
  // exec.ts refuses what is no function, and nothing that templates get is one.
  ['call', func(['any'], () => undefined, 'any')],
]

/** The function `json`, as `write` writes a value. */
export function jsonBy(write: (value: unknown) => string): Func {
  return func(['any'], (value: unknown) => write(value))
}

/** Those that Docker's templates have besides. */
const docker: [string, Func][] = [
  ['json', jsonBy(toJson)],
  ['join', func(['strings', 'string'], (parts: readonly string[], by: string) => parts.join(by))],
  ['split', func(['string', 'string'], (whole: string, by: string) => (by === '' ? [...whole] : whole.split(by)))],
  ['lower', func(['string'], (value: string) => value.toLowerCase())],
  ['upper', func(['string'], (value: string) => value.toUpperCase())],
  ['title', func(['string'], (value: string) => value.replace(/(?<![\p{L}\p{N}_])\p{L}/gu, c => c.toUpperCase()))],
  [
    'pad',
    func(['string', 'int', 'int'], (value: string, left: number, right: number) =>
      value === '' ? value : ' '.repeat(left) + value + ' '.repeat(right),
    ),
  ],
  ['truncate', func(['string', 'int'], (value: string, size: number) => value.slice(0, Math.max(size, 0)))],
]

/** What a template may call. */
export const functions: Functions = new Map([...builtins, ...docker])

/** What a table's header line is made with: functions that would change a name leave it as it is. */
export const headerFunctions: Functions = new Map([
  ...functions,
  ...['json', 'title', 'lower', 'upper'].map((name): [string, Func] => [name, func(['any'], (v: unknown) => v)]),
  ['truncate', func(['string', 'int'], (value: string) => value)],
])

const text = (values: readonly unknown[]): string =>
  typeof values[0] === 'string' && values.length === 1 ? values[0] : sprint(values)

function length(value: unknown): number {
  if (value === null || value === undefined) throw new Error('len of nil pointer')
  if (value instanceof JsonNumber) return value.text.length
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (Array.isArray(value)) return value.length
  if (isMap(value)) return value.size
  throw new Error(`len of type ${typeName(value).replace(/^\*/, '')}`)
}

function position(key: unknown, size: number, what: string): number {
  if (typeof key !== 'number') throw new Error(`cannot ${what} slice/array with type ${typeName(key)}`)
  if (key < 0 || key >= size) throw new Error(`index out of range: ${key}`)
  return key
}

function indexed(value: unknown, key: unknown): unknown {
  if (value === null || value === undefined) throw new Error('index of untyped nil')
  // Go checks only what is beyond the length; at the length it is reflect that refuses.
  const refused = (kind: string): Error => new Error(`reflect: ${kind} index out of range`)
  if (Array.isArray(value)) {
    if (key === value.length) throw refused('slice')
    return value[position(key, value.length, 'index')]
  }
  if (typeof value === 'string') {
    const bytes = Buffer.from(value)
    if (key === bytes.length) throw refused('string')
    return bytes[position(key, bytes.length, 'index')]
  }
  if (!isMap(value)) throw new Error(`can't index item of type ${typeName(value)}`)
  if (typeof key !== 'string') throw new Error(`value has type ${typeName(key)}; should be string`)
  if (value instanceof PortMap) throw new Error('value has type string; should be nat.Port')
  return value.has(key) ? value.get(key) : zero(value)
}

/** What a key that a map has not gives: the zero of its values. */
function zero(map: ReadonlyMap<string, unknown>): unknown {
  const [some] = map.values()
  if (some === undefined || typeof some === 'string') return ''
  return typeof some === 'number' ? 0 : typeof some === 'boolean' ? false : Array.isArray(some) ? [] : undefined
}

function slice(value: unknown, ...indexes: unknown[]): unknown {
  if (value === null || value === undefined) throw new Error('slice of untyped nil')
  if (indexes.length > 3) throw new Error(`too many slice indexes: ${indexes.length}`)
  if (typeof value !== 'string' && !Array.isArray(value)) throw new Error(`can't slice item of type ${typeName(value)}`)
  if (typeof value === 'string' && indexes.length === 3) throw new Error('cannot 3-index slice a string')
  const whole = typeof value === 'string' ? Buffer.from(value) : value
  const places = indexes.map(index => position(index, whole.length + 1, 'index'))
  const [from = 0, to = whole.length] = places
  if (from > to) throw new Error(`invalid slice index: ${from} > ${to}`)
  const part = whole.slice(from, to)
  return Array.isArray(part) ? part : part.toString()
}

const html = (value: string): string =>
  value.replace(
    /[\0"'&<>]/g,
    char => ({ '"': '&#34;', "'": '&#39;', '&': '&amp;', '<': '&lt;', '>': '&gt;' })[char] ?? '\ufffd',
  )

const JS = new Map([
  ['\\', '\\\\'],
  ["'", "\\'"],
  ['"', '\\"'],
])
const js = (value: string): string =>
  value.replace(/[\\'"<>&=\0-\x1f]/g, char => {
    return JS.get(char) ?? `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
  })

const urlquery = (value: string): string =>
  encodeURIComponent(value)
    .replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')

function basicKind(value: unknown): 'bool' | 'string' | 'int' | 'float' | undefined {
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string' || value instanceof JsonNumber) return 'string'
  if (typeof value === 'number') return 'int'
  return value instanceof Float ? 'float' : undefined
}

const incompatible = (a: unknown, b: unknown): Error =>
  new Error(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`)

/** `eq a b c`: whether a is any of the others. */
function equal(first: unknown, ...others: unknown[]): boolean {
  if (others.length === 0) throw new Error('missing argument for comparison')
  const kind = basicKind(first)
  for (const other of others) {
    const otherKind = basicKind(other)
    if (first === null || first === undefined || other === null || other === undefined) {
      if ((first ?? null) === (other ?? null)) return true
      continue
    }
    if (kind === undefined || otherKind === undefined) {
      const odd = kind === undefined ? first : other
      throw new Error(`non-comparable type ${sprint([odd])}: ${Array.isArray(odd) ? '[]interface {}' : typeName(odd)}`)
    }
    if (kind !== otherKind) throw incompatible(first, other)
    if (raw(first) === raw(other)) return true
  }
  return false
}

const raw = (value: unknown): unknown =>
  value instanceof Float ? value.value : value instanceof JsonNumber ? value.text : value

function compare(a: unknown, b: unknown): number {
  const kind = basicKind(a)
  const other = basicKind(b)
  if (kind === undefined || other === undefined || kind === 'bool' || other === 'bool') {
    throw new Error('invalid type for comparison')
  }
  if (kind !== other) throw incompatible(a, b)
  const [x, y] = [raw(a), raw(b)]
  if (typeof x === 'string' && typeof y === 'string') return x < y ? -1 : x > y ? 1 : 0
  return Number(x) - Number(y)
}
