/** PostgreSQL's types as far as they are modelled: names, object ids, how values look. */
import { SqlError } from './tokens.ts'

export interface SqlType {
  /** As `\d` shows it: integer, character varying(50), numeric(10,2). */
  readonly name: string
  readonly oid: number
  /** Digits after the point, of numeric. */
  readonly scale?: number
  /** Longest text, of varchar and char. */
  readonly length?: number
}

const oids: Record<string, number> = {
  boolean: 16,
  bigint: 20,
  smallint: 21,
  integer: 23,
  text: 25,
  json: 114,
  jsonb: 3802,
  real: 700,
  'double precision': 701,
  character: 1042,
  'character varying': 1043,
  date: 1082,
  'time without time zone': 1083,
  'timestamp without time zone': 1114,
  'timestamp with time zone': 1184,
  interval: 1186,
  numeric: 1700,
  uuid: 2950,
  bytea: 17,
  inet: 869,
  unknown: 25,
}
const aliases: Record<string, string> = {
  int: 'integer',
  int4: 'integer',
  serial: 'integer',
  serial4: 'integer',
  int8: 'bigint',
  bigserial: 'bigint',
  serial8: 'bigint',
  int2: 'smallint',
  smallserial: 'smallint',
  bool: 'boolean',
  varchar: 'character varying',
  'char varying': 'character varying',
  char: 'character',
  bpchar: 'character',
  decimal: 'numeric',
  dec: 'numeric',
  money: 'numeric',
  float: 'double precision',
  float8: 'double precision',
  float4: 'real',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  time: 'time without time zone',
  citext: 'text',
  name: 'text',
  regclass: 'text',
}

/** The type of a name, with what stands in brackets after it. Throws SqlError for one that does not exist. */
export function typeOf(name: string, sizes: readonly number[] = [], position?: number): SqlType {
  const lower = name.toLowerCase()
  const array = lower.endsWith('[]')
  const plain = aliases[array ? lower.slice(0, -2) : lower] ?? (array ? lower.slice(0, -2) : lower)
  const oid = oids[plain]
  if (oid === undefined) throw new SqlError('42704', `type "${lower}" does not exist`, { position })
  if (array) return { name: `${plain}[]`, oid: plain === 'integer' ? 1007 : 1009 }
  const shown = sizes.length > 0 ? `${plain}(${sizes.join(',')})` : plain
  if (plain === 'numeric') return { name: shown, oid, ...(sizes.length > 0 && { scale: sizes[1] ?? 0 }) }
  if (plain === 'character varying' || plain === 'character') {
    const length = sizes[0] ?? (plain === 'character' ? 1 : undefined)
    return {
      name: plain === 'character' ? `character(${length})` : shown,
      oid,
      ...(length !== undefined && { length }),
    }
  }
  return { name: plain, oid }
}

export const isSerial = (name: string): boolean => /^(small|big)?serial\d?$/i.test(name)
export const isNumeric = (oid: number): boolean => [20, 21, 23, 26, 700, 701, 1700].includes(oid)

/** What SQLite declares a column as, so that its values keep their kind (INTEGER would make a key SQLite's own row number). */
export function affinity(type: SqlType): string {
  if ([20, 21, 23, 16].includes(type.oid)) return 'INT'
  if ([700, 701, 1700].includes(type.oid)) return 'NUMERIC'
  return 'TEXT'
}

export type Raw = number | string | Uint8Array | null

/** A value as text of a type; null stays null. */
export function show(value: Raw, type: SqlType): string | null {
  if (value === null) return null
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  switch (type.oid) {
    case 16:
      return value === 1 || value === '1' || value === 't' || value === 'true' ? 't' : 'f'
    case 1082:
      return String(value).slice(0, 10)
    case 1114:
      return trimTime(
        String(value)
          .replace(/([+-]\d\d(:?\d\d)?|Z)$/, '')
          .replace('T', ' '),
      )
    case 1184: {
      const text = String(value).replace('T', ' ').replace(/Z$/, '+00')
      const full = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text} 00:00:00` : text
      return /[+-]\d\d(:?\d\d)?$/.test(full.slice(10))
        ? trimTime(full.slice(0, -3)) + full.slice(-3)
        : `${trimTime(full)}+00`
    }
    case 1700:
      return type.scale !== undefined ? Number(value).toFixed(type.scale) : plainNumber(Number(value))
    case 701:
    case 700:
      return String(value)
    case 3802:
      return spaced(String(value))
    case 1042:
      return String(value).padEnd(type.length ?? 1)
  }
  return typeof value === 'number' ? plainNumber(value) : value
}

const plainNumber = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 1e21 ? BigInt(value).toString() : String(value)
const trimTime = (text: string): string =>
  /^\d{4}-\d\d-\d\d$/.test(text) ? `${text} 00:00:00` : text.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')

/** jsonb puts a space after each colon and comma. */
function spaced(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 1)
      .replace(/\n\s*/g, ' ')
      .replace(/([[{]) /g, '$1')
      .replace(/ ([\]}])/g, '$1')
  } catch {
    return text
  }
}
