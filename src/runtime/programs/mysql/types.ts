/** MySQL's column types as far as they are modelled: how they are written, kept in SQLite, and shown. */
import { is } from '../sql-tokens.ts'
import { closeOf, SqlError, SyntaxProblem, type Token } from './tokens.ts'

export interface ColumnType {
  /** int, varchar, decimal, datetime, … without sizes. */
  base: string
  length?: number
  scale?: number
  unsigned?: boolean
  /** Of enum and set. */
  values?: string[]
}

export type Raw = number | string | Uint8Array | null

/** Which server it is: they differ in words. */
export interface Flavour {
  maria: boolean
  version: string
}

const aliases: Record<string, string> = {
  integer: 'int',
  int4: 'int',
  int8: 'bigint',
  dec: 'decimal',
  numeric: 'decimal',
  fixed: 'decimal',
  real: 'double',
  bool: 'tinyint',
  boolean: 'tinyint',
  character: 'char',
  nchar: 'char',
  nvarchar: 'varchar',
  serial: 'bigint',
}
const integers: Record<string, { bytes: number; width: number; unsigned: number }> = {
  tinyint: { bytes: 1, width: 4, unsigned: 3 },
  smallint: { bytes: 2, width: 6, unsigned: 5 },
  mediumint: { bytes: 3, width: 9, unsigned: 8 },
  int: { bytes: 4, width: 11, unsigned: 10 },
  bigint: { bytes: 8, width: 20, unsigned: 20 },
}
const others = [
  ...['decimal', 'float', 'double', 'bit', 'char', 'varchar', 'binary', 'varbinary', 'enum', 'set', 'json'],
  ...['tinytext', 'text', 'mediumtext', 'longtext', 'tinyblob', 'blob', 'mediumblob', 'longblob', 'uuid', 'inet6'],
  ...['date', 'time', 'datetime', 'timestamp', 'year'],
]

export const isInteger = (type: ColumnType): boolean => type.base in integers || type.base === 'year'
export const isNumber = (type: ColumnType): boolean =>
  isInteger(type) || ['decimal', 'float', 'double'].includes(type.base)
export const isTime = (type: ColumnType): boolean => ['date', 'datetime', 'timestamp', 'time'].includes(type.base)
export const isText = (type: ColumnType): boolean => /char$|text$|^enum$|^set$/.test(type.base)

/** A type at `at`, and where what follows begins. Throws SyntaxProblem or SqlError for one that does not exist. */
export function readType(tokens: readonly Token[], at: number, flavour: Flavour): { type: ColumnType; next: number } {
  const token = tokens[at]
  if (token?.kind !== 'word') throw new SyntaxProblem(token?.at ?? Number.MAX_SAFE_INTEGER)
  const word = token.text.toLowerCase()
  let next = at + 1
  if (word === 'double' && is(tokens[next], 'precision')) next++
  if (word === 'character' && is(tokens[next], 'varying')) next++
  const base = word === 'character' && next > at + 1 ? 'varchar' : (aliases[word] ?? word)
  if (!(base in integers) && !others.includes(base)) {
    if (flavour.maria) throw new SqlError(4161, 'HY000', `Unknown data type: '${token.text}'`)
    throw new SyntaxProblem(token.at)
  }
  const type: ColumnType = { base: base === 'json' && flavour.maria ? 'longtext' : base }
  if (word === 'bool' || word === 'boolean') type.length = 1
  if (word === 'serial') type.unsigned = true
  if (is(tokens[next], '(')) {
    const end = closeOf(tokens, next)
    const inner = tokens.slice(next + 1, end - 1)
    if (base === 'enum' || base === 'set')
      type.values = inner.filter(each => each.kind === 'string').map(each => each.text)
    else {
      const [length, scale] = inner.filter(each => each.kind === 'number').map(each => Number(each.text))
      if (length !== undefined) type.length = length
      if (scale !== undefined) type.scale = scale
    }
    next = end
  }
  if (base === 'decimal') {
    type.length ??= 10
    type.scale ??= 0
  }
  if (base === 'char' || base === 'binary') type.length ??= 1
  for (; is(tokens[next], 'unsigned', 'signed', 'zerofill'); next++)
    if (is(tokens[next], 'unsigned', 'zerofill')) type.unsigned = true
  return { type, next }
}

/** As DESCRIBE and SHOW CREATE TABLE write it. */
export function typeText(type: ColumnType, flavour: Flavour): string {
  const sign = type.unsigned ? ' unsigned' : ''
  const known = integers[type.base]
  if (known) {
    const width = type.length ?? (type.unsigned ? known.unsigned : known.width)
    const shown = flavour.maria || (type.base === 'tinyint' && type.length === 1)
    return `${type.base}${shown ? `(${width})` : ''}${sign}`
  }
  if (type.values) return `${type.base}(${type.values.map(each => `'${each.replaceAll("'", "''")}'`).join(',')})`
  if (type.base === 'decimal') return `decimal(${type.length},${type.scale})${sign}`
  if (type.base === 'year') return flavour.maria ? 'year(4)' : 'year'
  if (type.base === 'bit') return `bit(${type.length ?? 1})`
  return `${type.base}${type.length === undefined ? '' : `(${[type.length, type.scale].filter(each => each !== undefined).join(',')})`}${sign}`
}

/** What SQLite declares a column as, so that its values keep their kind. */
export function affinity(type: ColumnType): string {
  if (isInteger(type) || type.base === 'bit') return 'INT'
  if (type.base === 'decimal') return 'NUMERIC'
  if (type.base === 'float' || type.base === 'double') return 'REAL'
  if (/blob$|binary$/.test(type.base)) return 'BLOB'
  return isText(type) ? 'TEXT COLLATE NOCASE' : 'TEXT'
}

/** Smallest and largest value of an integer type. */
export function rangeOf(type: ColumnType): [string, string] | undefined {
  const known = integers[type.base]
  if (!known) return undefined
  const span = 1n << BigInt(known.bytes * 8)
  // SQLite's integers end at 2^63.
  const top = known.bytes === 8 ? (1n << 63n) - 1n : span - 1n
  return type.unsigned ? ['0', String(top)] : [String(-span / 2n), String(span / 2n - 1n)]
}

/** Most characters of a text type. */
export function longest(type: ColumnType): number | undefined {
  if (/^(var)?(char|binary)$/.test(type.base)) return type.length
  return { tinytext: 255, text: 65_535, tinyblob: 255, blob: 65_535 }[type.base]
}

/** A value as text of a type; null stays null. */
export function show(value: Raw, type: ColumnType | undefined): string | null {
  if (value === null) return null
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1')
  if (type === undefined) return typeof value === 'number' ? plain(value) : value
  switch (type.base) {
    case 'decimal':
      return Number(value).toFixed(type.scale ?? 0)
    case 'date':
      return String(value).slice(0, 10)
    case 'datetime':
    case 'timestamp': {
      const text = String(value).replace('T', ' ').replace(/Z$/, '')
      const [whole = '', part = ''] = (/^\d{4}-\d\d-\d\d$/.test(text) ? `${text} 00:00:00` : text).split('.')
      const digits = type.length ?? 0
      return digits === 0 ? whole : `${whole}.${part.padEnd(digits, '0').slice(0, digits)}`
    }
    case 'bit':
      return String.fromCharCode(Number(value))
  }
  if (typeof value === 'number' && isInteger(type)) return plain(Math.round(value))
  return typeof value === 'number' ? plain(value) : value
}

const plain = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 1e15 ? BigInt(value).toString() : String(value)

/** The type's number in the protocol; those of numbers make a client align to the right. */
export function wireType(type: ColumnType | undefined): number {
  if (type === undefined) return 253
  const numbers: Record<string, number> = {
    ...{ tinyint: 1, smallint: 2, mediumint: 9, int: 3, bigint: 8, float: 4, double: 5, decimal: 246, year: 13 },
    ...{ date: 10, time: 11, datetime: 12, timestamp: 7, bit: 16, json: 245 },
  }
  return numbers[type.base] ?? (/(text|blob)$/.test(type.base) ? 252 : 253)
}
