/**
 * How a key's value is read from a checked file and written again: each kind of value once, so that the model's
 * tables (`model.ts`) give its types, the order in which `config` prints it, and the text of the configuration hash.
 */
import { messageOf } from '../../errors.ts'
import { durationString, parseDuration } from '../../util/go-duration.ts'
import { parseBytes } from '../../util/ram-bytes.ts'
import { toBoolean } from './interpolate.ts'
import { byteOrder, naturalOrder, type Order } from './order.ts'
import { shellWords } from './shell-words.ts'
import { cut, goText, goType, isMapping, type Mapping, mapping, type Value } from './tree.ts'

export interface Codec<T> {
  /** What a value means; errors go to `errors`, and undefined is returned. */
  decode(value: Value, at: string, errors: string[]): T | undefined
  /** The value as `config` prints it; undefined leaves the key out. */
  yaml(value: T): Value | undefined
  json(value: T): Value | undefined
  /** What JSON has where there is no value. */
  absent?: Value
}

export type Decoded<C> = C extends Codec<infer T> ? T : never

function leaf<T>(read: (value: Value) => T, write: (value: T, order: Order) => Value | undefined): Codec<T> {
  return {
    decode(value, at, errors) {
      try {
        return read(value)
      } catch (error) {
        errors.push(`'${at}' ${messageOf(error)}`)
        return undefined
      }
    },
    yaml: value => write(value, naturalOrder),
    json: value => write(value, byteOrder),
  }
}

const unexpected = (value: Value, what: string): Error =>
  new Error(`unexpected value type ${goType(value)} for ${what}`)

function toText(value: Value): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return goText(value)
  throw new Error(`expected type 'string', got unconvertible type '${goType(value)}'`)
}

const toNumberAs =
  (parser: 'ParseInt' | 'ParseFloat') =>
  (value: Value): number => {
    if (typeof value === 'number') return value
    const text = String(value)
    if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text))
      throw new Error(`strconv.${parser}: parsing ${JSON.stringify(text)}: invalid syntax`)
    return Number(text)
  }
const toNumber = toNumberAs('ParseInt')

const toFlag = (value: Value): boolean => (typeof value === 'boolean' ? value : toBoolean(String(value)))

/** A text; the empty one is left out. */
export const text = leaf(toText, value => value || undefined)
/** A number; 0 is left out. */
export const number = leaf(toNumber, value => value || undefined)
/** A part of processors. */
export const fraction = leaf(toNumberAs('ParseFloat'), value => value || undefined)
/** A number for which 0 says something. */
export const count = leaf(toNumber, value => value)
export const flag = leaf(toFlag, value => value || undefined)
/** A flag for which false says something. */
export const choice = leaf(toFlag, value => value)

const some = <T extends Value>(values: T[]): Value[] | undefined => (values.length > 0 ? values : undefined)

export const texts = leaf(value => (Array.isArray(value) ? value : [value]).map(toText), some)

/** A command line: words, or a text that is split into words; the empty list says something. */
export const command: Codec<string[]> = {
  ...leaf(
    value => (Array.isArray(value) ? value.map(toText) : value === null ? [] : shellWords(toText(value))),
    words => words,
  ),
  absent: null,
}

/** A health check's test; a text is run by the shell. */
export const test = leaf(value => (Array.isArray(value) ? value.map(toText) : ['CMD-SHELL', toText(value)]), some)

const BYTES = (value: number): Value | undefined => (value === 0 ? undefined : String(value))
/** A size in bytes. */
export const bytes = leaf(value => (typeof value === 'number' ? value : parseBytes(String(value))), BYTES)

const LONG_UNITS = new Map([
  ['d', 24],
  ['w', 7 * 24],
])

/** Nanoseconds of Go's durations and of days and weeks (`1w2d`). */
function toDuration(value: Value): number {
  const given = goText(value)
  const hours = given.replace(/(\d+(?:\.\d*)?|\.\d+)([dw])/g, (_, n: string, unit: string) => {
    return `${Number(n) * (LONG_UNITS.get(unit) ?? 0)}h`
  })
  return parseDuration(hours)
}
export const duration = leaf(toDuration, durationString)
/** A duration for which zero says nothing. */
export const delay = leaf(toDuration, value => (value === 0 ? undefined : durationString(value)))

const scalarText = (value: Value): string => (value === null ? '' : goText(value))

function textMap(value: Value, what: string): Map<string, string> {
  if (Array.isArray(value)) return new Map(value.map(entry => cut(goText(entry)) ?? ([goText(entry), ''] as const)))
  if (isMapping(value)) return new Map(Object.entries(value).map(([key, entry]) => [key, scalarText(entry)]))
  throw unexpected(value, what)
}

function sorted<T extends Value>(entries: Iterable<readonly [string, T]>, order: Order): Mapping | undefined {
  const list = [...entries].sort(([a], [b]) => order(a, b))
  return list.length > 0 ? mapping(list) : undefined
}

/** A value with the keys of all its mappings in order. */
export function inOrder(value: Value, order: Order): Value {
  if (Array.isArray(value)) return value.map(entry => inOrder(entry, order))
  if (!isMapping(value)) return value
  return (
    sorted(
      Object.entries(value).map(([key, entry]) => [key, inOrder(entry, order)] as const),
      order,
    ) ?? mapping()
  )
}

/** `KEY: text`, or `KEY=text` in a list. */
export const pairs = leaf(value => textMap(value, 'mapping'), sorted)
export const labels = leaf(value => textMap(value, 'labels'), sorted)

/** Variables; one without a value is null. */
export const variables = leaf((value): Map<string, string | null> => {
  if (isMapping(value))
    return new Map(Object.entries(value).map(([key, entry]) => [key, entry === null ? null : goText(entry)]))
  if (!Array.isArray(value)) throw unexpected(value, 'mapping')
  return new Map(
    value.map(entry => {
      const [key, rest] = cut(goText(entry)) ?? [goText(entry), null]
      if (/\s$/.test(key)) throw new Error(`environment variable ${key} is declared with a trailing space`)
      return [key, rest] as const
    }),
  )
}, sorted)

/** Hosts and their addresses. */
export const hosts = leaf(
  (value): Map<string, string[]> => {
    const found = new Map<string, string[]>()
    if (isMapping(value)) {
      for (const [host, entry] of Object.entries(value))
        found.set(host, (Array.isArray(entry) ? entry : [entry]).map(scalarText))
    } else if (Array.isArray(value)) {
      for (const entry of value.map(goText)) {
        const pair = cut(entry) ?? cut(entry, ':')
        if (!pair) throw new Error(`invalid additional host, missing IP: ${entry}`)
        found.set(pair[0], [...(found.get(pair[0]) ?? []), ...pair[1].split(',')])
      }
    } else throw unexpected(value, 'extra_hosts')
    for (const [host, addresses] of found) {
      if (host === '' || /[:=]/.test(host)) throw new Error(`bad host name '${host}'`)
      found.set(
        host,
        addresses.map(ip => /^\[(.+)\]$/.exec(ip)?.[1] ?? ip),
      )
    }
    return found
  },
  found => some([...found].flatMap(([host, addresses]) => addresses.map(ip => `${host}=${ip}`)).sort()),
)

/** File permission bits, in octal. */
export const mode = leaf(
  value => {
    if (typeof value === 'number') return value
    if (!/^[0-7]+$/.test(String(value)))
      throw new Error(`strconv.ParseInt: parsing ${JSON.stringify(String(value))}: invalid syntax`)
    return Number.parseInt(String(value), 8)
  },
  value => `0${value.toString(8)}`,
)

/** A number of devices; `all` is -1. */
export const deviceCount = leaf(
  value => {
    if (typeof value === 'number') return value
    if (String(value).toLowerCase() === 'all') return -1
    if (/^-?\d+$/.test(String(value))) return Number(value)
    throw new Error(`invalid value ${JSON.stringify(value)}, the only value allowed is 'all' or a number`)
  },
  value => value || undefined,
)

export interface Limit {
  single?: number
  soft: number
  hard: number
}

/** A resource limit: one number, or a soft and a hard one. */
export const limit = leaf<Limit>(
  value => {
    if (!isMapping(value)) return { single: toNumber(value), soft: 0, hard: 0 }
    return { soft: toNumber(value.soft ?? 0), hard: toNumber(value.hard ?? 0) }
  },
  value =>
    value.single ??
    mapping([
      ['soft', value.soft],
      ['hard', value.hard],
    ]),
)

export interface EnvFile {
  path: string
  required: boolean
  format?: string
}

export const envFile = leaf<EnvFile>(
  value => {
    if (!isMapping(value)) return { path: toText(value), required: true }
    const { path = '', required = true, format } = value
    return { path: toText(path), required: toFlag(required), ...(typeof format === 'string' && { format }) }
  },
  ({ path, required }) =>
    required
      ? path
      : mapping([
          ['path', path],
          ['required', required],
        ]),
)

/** Values that may be given several times: each key has a list of texts. */
export const multiple = leaf(
  (value): Map<string, string[]> =>
    new Map(
      Object.entries(isMapping(value) ? value : {}).map(([key, entry]) => [
        key,
        (Array.isArray(entry) ? entry : [entry]).map(goText),
      ]),
    ),
  sorted,
)

export function list<T>(entry: Codec<T>): Codec<T[]> {
  const write = (values: T[], one: (value: T) => Value | undefined): Value[] | undefined =>
    some(values.map(value => one(value) ?? mapping()))
  return {
    decode(value, at, errors) {
      const decoded = (Array.isArray(value) ? value : [value]).map((v, i) => entry.decode(v, `${at}[${i}]`, errors))
      return decoded.filter(v => v !== undefined)
    },
    yaml: values => write(values, entry.yaml),
    json: values => write(values, entry.json),
  }
}

/** A mapping whose keys are names; without `nullable` an entry that is null is an empty one. */
export function record<T>(entry: Codec<T>): Codec<Map<string, T | null>> {
  const write = (
    values: Map<string, T | null>,
    one: (value: T) => Value | undefined,
    order: Order,
  ): Mapping | undefined =>
    sorted(
      [...values].map(([key, value]) => [key, value === null ? null : (one(value) ?? mapping())] as const),
      order,
    )
  return {
    decode(value, at, errors) {
      if (!isMapping(value)) return new Map()
      const decoded = Object.entries(value).map(([key, v]): [string, T | null] => [
        key,
        v === null ? null : (entry.decode(v, `${at}[${key}]`, errors) ?? null),
      ])
      return new Map(decoded)
    },
    yaml: values => write(values, entry.yaml, naturalOrder),
    json: values => write(values, entry.json, byteOrder),
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the fields of a table have many types; each is used with its own
type Fields = Record<string, Codec<any>>

/** What a table of fields decodes to; `extensions` holds its `x-` keys. */
export type Struct<F extends Fields> = { -readonly [K in keyof F]?: Decoded<F[K]> } & { extensions?: Mapping }

/** A mapping with known keys, in the order in which they are printed. Keys that are null are left out. */
export function struct<F extends Fields>(fields: F): Codec<Struct<F>> {
  const write = (value: Struct<F>, form: 'yaml' | 'json'): Mapping => {
    const out = mapping()
    for (const key of Object.keys(fields)) {
      const codec = fields[key]
      const own = value[key]
      const written = own === undefined ? (form === 'json' ? codec?.absent : undefined) : codec?.[form](own)
      const shown = written === undefined && form === 'json' ? codec?.absent : written
      if (shown !== undefined) out[key] = shown
    }
    if (form === 'yaml' && value.extensions) Object.assign(out, inOrder(value.extensions, naturalOrder))
    return out
  }
  return {
    decode(value, at, errors) {
      if (!isMapping(value)) return undefined
      const out: Record<string, unknown> = {}
      for (const [key, codec] of Object.entries(fields)) {
        const given = value[key]
        if (given === undefined || given === null) continue
        const decoded = codec.decode(given, at === '' ? key : `${at}.${key}`, errors)
        if (decoded !== undefined) out[key] = decoded
      }
      const extra = Object.entries(value).filter(([key]) => key.startsWith('x-'))
      if (extra.length > 0) out.extensions = mapping(extra)
      return out as Struct<F>
    },
    yaml: value => write(value, 'yaml'),
    json: value => write(value, 'json'),
  }
}

/** A part that is always there for Go: `config` leaves it out when empty, JSON does not. */
export function inner<F extends Fields>(fields: F): Codec<Struct<F>> {
  const codec = struct(fields)
  return {
    ...codec,
    yaml(value) {
      const written = codec.yaml(value)
      return isMapping(written) && Object.keys(written).length === 0 ? undefined : written
    },
    absent: mapping(),
  }
}
