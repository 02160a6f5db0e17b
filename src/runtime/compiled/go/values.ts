/** What Go programs work with, and how it is printed. */
import type { Json } from '../../../kernel/program.ts'

export interface Scope {
  t: 'scope'
  v: Record<string, Value>
  up: Scope | null
}
export interface Slice {
  t: 'slice'
  e: Value[]
}
export interface GoMap {
  t: 'map'
  /** What a key that is not there gives: the zero of its element. */
  z?: Value
  m: Map<string | number | boolean, Value>
}
export interface Struct {
  t: 'struct'
  n: string
  f: Record<string, Value>
}
export interface Closure {
  t: 'fn'
  id: number
  s: Scope
  self?: Value
}
/** A function of the library, bound to a receiver or not. */
export interface Native {
  t: 'nat'
  n: string
  self?: Value
}
export interface Failure {
  t: 'err'
  m: string
}
export type Value =
  | string
  | number
  | boolean
  | null
  | undefined
  | Slice
  | GoMap
  | Struct
  | Closure
  | Native
  | Failure
  | Scope

export const scope = (up: Scope | null): Scope => ({ t: 'scope', v: Object.create(null) as Record<string, Value>, up })
export const struct = (n: string, f: Record<string, Value> = {}): Struct => ({
  t: 'struct',
  n,
  f: Object.assign(Object.create(null) as Record<string, Value>, f),
})
export const slice = (e: Value[]): Slice => ({ t: 'slice', e })
export const failure = (m: string): Failure => ({ t: 'err', m })
export const isStruct = (value: Value, name?: string): value is Struct =>
  typeof value === 'object' && value !== null && value.t === 'struct' && (name === undefined || value.n === name)

/** Bytes of `[]byte` are kept as a struct around their text. */
export const bytesOf = (text: string): Struct => struct('[]byte', { s: text })

export function textOf(value: Value): string {
  if (typeof value === 'string') return value
  if (isStruct(value, '[]byte')) return String(value.f['s'] ?? '')
  return show(value)
}

/** As fmt prints it with %v. */
export function show(value: Value, plus = false, depth = 0): string {
  if (value === null || value === undefined) return '<nil>'
  if (typeof value === 'string') return value
  if (typeof value === 'number')
    return Number.isInteger(value)
      ? String(value)
      : Math.abs(value) >= 1e21 || Math.abs(value) < 1e-4
        ? value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
        : String(value)
  if (typeof value === 'boolean') return String(value)
  if (depth > 20) return '...'
  switch (value.t) {
    case 'slice':
      return `[${value.e.map(one => show(one, plus, depth + 1)).join(' ')}]`
    case 'map':
      return `map[${[...value.m]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, one]) => `${show(key)}:${show(one, plus, depth + 1)}`)
        .join(' ')}]`
    case 'struct':
      if (value.n === '[]byte') return `[${[...Buffer.from(String(value.f['s'] ?? ''))].join(' ')}]`
      if (value.n === 'time.Time')
        return new Date(Number(value.f['ms'])).toISOString().replace('T', ' ').replace('Z', ' +0000 UTC')
      if (value.n === 'time.Duration') return duration(Number(value.f['ns']))
      return `${depth === 0 && value.f['&'] === true ? '&' : ''}{${Object.entries(value.f)
        .filter(([key]) => key !== '&')
        .map(([key, one]) => (plus ? `${key}:${show(one, plus, depth + 1)}` : show(one, plus, depth + 1)))
        .join(' ')}}`
    case 'err':
      return value.m
    default:
      return '0x47b0c0'
  }
}

export function duration(ns: number): string {
  if (ns === 0) return '0s'
  if (ns < 1e3) return `${ns}ns`
  if (ns < 1e6) return `${ns / 1e3}µs`
  if (ns < 1e9) return `${ns / 1e6}ms`
  const seconds = ns / 1e9
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)]
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${Number((seconds % 60).toFixed(9))}s`
}

/** fmt's verbs. */
export function sprintf(format: string, args: readonly Value[]): string {
  let at = 0
  const text = format.replace(
    /%([-+# 0]*)(\d+|\*)?(?:\.(\d+))?([a-zA-Z%])/g,
    (_, flags: string, width: string | undefined, precision: string | undefined, verb: string) => {
      if (verb === '%') return '%'
      if (at >= args.length) return `%!${verb}(MISSING)`
      const value = args[at++]
      let out: string
      switch (verb) {
        case 'd':
          out =
            typeof value === 'number'
              ? String(Math.trunc(value))
              : isStruct(value, 'time.Duration')
                ? String(value.f['ns'])
                : `%!d(${kindOf(value)}=${show(value)})`
          if (flags.includes('+') && typeof value === 'number' && value >= 0) out = `+${out}`
          break
        case 's':
          out =
            typeof value === 'number' || typeof value === 'boolean'
              ? `%!s(${kindOf(value)}=${show(value)})`
              : textOf(value)
          if (precision !== undefined) out = out.slice(0, Number(precision))
          break
        case 'q':
          out = JSON.stringify(textOf(value))
          break
        case 'f':
        case 'F':
          out =
            typeof value === 'number'
              ? value.toFixed(Math.min(100, Number(precision ?? 6)))
              : `%!f(${kindOf(value)}=${show(value)})`
          break
        case 'g':
        case 'e':
          out = typeof value === 'number' ? (verb === 'e' ? value.toExponential(6) : show(value)) : show(value)
          break
        case 'x':
        case 'X':
          out = typeof value === 'number' ? value.toString(16) : Buffer.from(textOf(value)).toString('hex')
          if (verb === 'X') out = out.toUpperCase()
          break
        case 'b':
          out = Number(value).toString(2)
          break
        case 'o':
          out = Number(value).toString(8)
          break
        case 'c':
          out = String.fromCodePoint(Math.max(0, Math.min(0x10ffff, Number(value) || 0)))
          break
        case 'T':
          out = kindOf(value)
          break
        case 'p':
          out = '0xc000012120'
          break
        case 't':
        case 'v':
          out = show(value, flags.includes('+') || flags.includes('#'))
          break
        default:
          out = `%!${verb}(${kindOf(value)}=${show(value)})`
      }
      const columns = Math.min(1000, Number(width ?? 0))
      return flags.includes('-')
        ? out.padEnd(columns)
        : out.padStart(columns, flags.includes('0') && 'dfxX'.includes(verb) ? '0' : ' ')
    },
  )
  return at < args.length && args.length > 0 && /%/.test(format) === false && args.length > at
    ? `${text}%!(EXTRA ${args
        .slice(at)
        .map(one => `${kindOf(one)}=${show(one)}`)
        .join(', ')})`
    : text
}

export function kindOf(value: Value): string {
  if (value === null || value === undefined) return '<nil>'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64'
  if (typeof value === 'boolean') return 'bool'
  if (value.t === 'err') return '*errors.errorString'
  if (value.t === 'struct') return value.n.includes('.') || value.n === '[]byte' ? value.n : `main.${value.n}`
  return value.t === 'slice' ? '[]interface {}' : value.t === 'map' ? 'map[string]interface {}' : 'func()'
}

/** encoding/json. Tags are looked up by the type's name. */
export function toJson(value: Value, tag: (type: string, field: string) => string | undefined): Json {
  if (value === null || value === undefined || typeof value !== 'object') return value ?? null
  switch (value.t) {
    case 'slice':
      return value.e.map(one => toJson(one, tag))
    case 'map':
      return Object.fromEntries(
        [...value.m]
          .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
          .map(([key, one]) => [String(key), toJson(one, tag)]),
      )
    case 'struct': {
      if (value.n === '[]byte') return Buffer.from(String(value.f['s'] ?? '')).toString('base64')
      if (value.n === 'time.Time') return new Date(Number(value.f['ms'])).toISOString()
      if (value.n === 'time.Duration') return Number(value.f['ns'])
      const out: Record<string, Json> = {}
      for (const [key, one] of Object.entries(value.f)) {
        if (!/^\p{Lu}/u.test(key)) continue
        const [name = '', ...flags] = (/json:"([^"]*)"/.exec(tag(value.n, key) ?? '')?.[1] ?? '').split(',')
        if (name === '-') continue
        if (
          flags.includes('omitempty') &&
          (one === '' ||
            one === 0 ||
            one === null ||
            one === undefined ||
            one === false ||
            (typeof one === 'object' && one !== null && one.t === 'slice' && one.e.length === 0))
        )
          continue
        out[name || key] = toJson(one, tag)
      }
      return out
    }
    case 'err':
      return {}
    default:
      return null
  }
}

/** Go's json.Marshal writes `<`, `>` and `&` as escapes. */
export const jsonText = (value: Json, indent?: string): string =>
  JSON.stringify(value, null, indent).replace(/[<>&]/g, letter => `\\u00${letter.charCodeAt(0).toString(16)}`)

export function fromJson(json: Json): Value {
  if (Array.isArray(json)) return slice(json.map(fromJson))
  if (json !== null && typeof json === 'object')
    return { t: 'map', m: new Map(Object.entries(json).map(([key, one]) => [key, fromJson(one)])) }
  return json
}

/** Plain data for all that can be reached from some values; what is shared stays shared. */
export function freeze(roots: Record<string, Value>): Json {
  const ids = new Map<object, number>()
  const heap: Json[] = []
  const one = (value: Value): Json => {
    if (value === undefined) return { u: 1 }
    if (value === null || typeof value !== 'object')
      return typeof value === 'number' && !Number.isFinite(value) ? 0 : value
    let id = ids.get(value)
    if (id === undefined) {
      id = heap.length
      ids.set(value, id)
      heap.push(null)
      switch (value.t) {
        case 'slice':
          heap[id] = { t: 'slice', e: value.e.map(one) }
          break
        case 'map':
          heap[id] = { t: 'map', m: [...value.m].map(([key, part]) => [key, one(part)]), z: one(value.z) }
          break
        case 'struct':
          heap[id] = {
            t: 'struct',
            n: value.n,
            f: Object.fromEntries(Object.entries(value.f).map(([key, part]) => [key, one(part)])),
          }
          break
        case 'fn':
          heap[id] = {
            t: 'fn',
            id: value.id,
            s: one(value.s),
            ...(value.self !== undefined && { self: one(value.self) }),
          }
          break
        case 'nat':
          heap[id] = { t: 'nat', n: value.n, ...(value.self !== undefined && { self: one(value.self) }) }
          break
        case 'err':
          heap[id] = { t: 'err', m: value.m }
          break
        case 'scope':
          heap[id] = {
            t: 'scope',
            v: Object.fromEntries(Object.entries(value.v).map(([key, part]) => [key, one(part)])),
            up: one(value.up),
          }
      }
    }
    return { r: id }
  }
  const names = Object.fromEntries(Object.entries(roots).map(([key, value]) => [key, one(value)]))
  return { names, heap }
}

export function thaw(data: Json): Record<string, Value> {
  const { names, heap } = data as { names: Record<string, Json>; heap: Record<string, Json>[] }
  const made = heap.map(entry => {
    switch (entry['t']) {
      case 'slice':
        return slice([])
      case 'map':
        return { t: 'map', m: new Map() } as GoMap
      case 'struct':
        return struct(String(entry['n']))
      case 'fn':
        return { t: 'fn', id: Number(entry['id']), s: scope(null) } as Closure
      case 'nat':
        return { t: 'nat', n: String(entry['n']) } as Native
      case 'err':
        return failure(String(entry['m']))
      default:
        return scope(null)
    }
  })
  const one = (json: Json | undefined): Value => {
    if (json === null || typeof json !== 'object' || Array.isArray(json)) return json as Value
    if (json === undefined || 'u' in json) return undefined
    return made[Number(json['r'])]
  }
  for (const [at, entry] of heap.entries()) {
    const value = made[at]
    if (!value) continue
    if (value.t === 'slice') value.e = (entry['e'] as Json[]).map(one)
    else if (value.t === 'map') {
      value.m = new Map((entry['m'] as [string | number, Json][]).map(([key, part]) => [key, one(part)]))
      value.z = one(entry['z'])
    } else if (value.t === 'struct')
      for (const [key, part] of Object.entries(entry['f'] as Record<string, Json>)) value.f[key] = one(part)
    else if (value.t === 'fn' || value.t === 'nat') {
      if (value.t === 'fn') value.s = one(entry['s']) as Scope
      if (entry['self'] !== undefined) value.self = one(entry['self'])
    } else if (value.t === 'scope') {
      for (const [key, part] of Object.entries(entry['v'] as Record<string, Json>)) value.v[key] = one(part)
      value.up = (one(entry['up']) as Scope | null) ?? null
    }
  }
  return Object.fromEntries(Object.entries(names).map(([key, json]) => [key, one(json)]))
}
