/** PostgreSQL's functions for SQLite, and casts with their errors. */
import { createHash } from 'node:crypto'
import type { Database } from 'sql.js'
import type { Proc } from '../../../kernel/program.ts'
import { defineFunction } from '../../sql-engine.ts'
import { SqlError } from './tokens.ts'
import type { Raw } from './types.ts'

export interface Session {
  readonly p: Proc
  readonly user: string
  readonly database: string
  readonly version: string
  nextval(name: string): number
  currval(name: string): number
}

/** An error thrown inside a function reaches SQLite as a text only: the last one is kept here. */
export class Thrown {
  last: SqlError | undefined
}

const likeTest = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll('%', '[^]*')
      .replaceAll('_', '[^]')}$`,
    'i',
  )

export const timeNow = (p: Proc): string =>
  `${new Date(p.now()).toISOString().slice(0, 23).replace('T', ' ')}000+00`
    .replace(/0+\+00$/, '+00')
    .replace(/\.\+00$/, '+00')

export function install(sql: Database, session: Session, thrown: Thrown): void {
  const guard =
    <T extends Raw[]>(work: (...args: T) => Raw | boolean) =>
    (...args: T): Raw => {
      try {
        const value = work(...args)
        return typeof value === 'boolean' ? Number(value) : value
      } catch (error) {
        if (error instanceof SqlError) thrown.last = error
        throw error
      }
    }
  const numbered = (name: string, count: number, work: (...args: Raw[]) => Raw | boolean): void =>
    defineFunction(sql, name, count, guard(work))
  const add = (name: string, work: (...args: never[]) => Raw | boolean): void =>
    numbered(name, work.length, work as (...args: Raw[]) => Raw | boolean)
  const { p } = session
  add('pg_now', () => timeNow(p))
  add('pg_random', () => (p.random(4)[0] ?? 0) / 256 + (p.random(4)[0] ?? 0) / 65_536)
  add('pg_cast', (value: Raw, type: string) => cast(value, type))
  add('pg_user', () => session.user)
  add('pg_extract', (field: string, value: Raw) => extract(field, value))
  add('pg_shift', (value: Raw, sign: string, interval: string) => shift(value, sign, interval))
  add('nextval', (name: string) => session.nextval(name))
  add('currval', (name: string) => session.currval(name))
  add('version', () => session.version)
  add('current_database', () => session.database)
  add('current_schema', () => 'public')
  add('md5', (text: Raw) => (text === null ? null : createHash('md5').update(String(text)).digest('hex')))
  for (const name of ['gen_random_uuid', 'uuid_generate_v4']) add(name, () => uuid(p))
  // `x ILIKE y` is `x GLOB y` for SQLite; a pattern that ignores case begins with (?i).
  add('glob', (pattern: Raw, value: Raw) =>
    value === null || pattern === null ? null : likeTest(String(pattern)).test(String(value)),
  )
  add('regexp', (pattern: Raw, value: Raw) => {
    if (value === null || pattern === null) return null
    const text = String(pattern)
    return text.startsWith('(?i)')
      ? new RegExp(text.slice(4), 'i').test(String(value))
      : new RegExp(text).test(String(value))
  })
  add('initcap', (text: Raw) =>
    text === null
      ? null
      : String(text)
          .toLowerCase()
          .replace(/(^|[^a-z0-9])([a-z])/g, (_, a: string, b: string) => a + b.toUpperCase()),
  )
  add('left', (text: Raw, count: number) => (text === null ? null : String(text).slice(0, count < 0 ? count : count)))
  add('right', (text: Raw, count: number) => (text === null ? null : count === 0 ? '' : String(text).slice(-count)))
  add('reverse', (text: Raw) => (text === null ? null : [...String(text)].reverse().join('')))
  add('repeat', (text: Raw, count: number) =>
    text === null ? null : String(text).repeat(Math.min(Math.max(0, count), 100_000)),
  )
  add('split_part', (text: Raw, by: string, at: number) =>
    text === null ? null : (String(text).split(by)[at - 1] ?? ''),
  )
  add('lpad', (text: Raw, size: number, fill: string) =>
    text === null ? null : String(text).padStart(size, fill).slice(0, size),
  )
  add('rpad', (text: Raw, size: number, fill: string) =>
    text === null ? null : String(text).padEnd(size, fill).slice(0, size),
  )
  add('date_trunc', (unit: string, value: Raw) => truncate(unit, value))
  add('to_char', (value: Raw, format: string) => (value === null ? null : toChar(value, format)))
  add('pg_sleep', () => '')
  add('pg_postmaster_start_time', () => timeNow(p))
  add('pg_database_size', () => 7_500_000)
  add('pg_size_pretty', (size: number) => (size > 1_048_576 ? `${Math.round(size / 1024)} kB` : `${size} bytes`))
  add('txid_current', () => 740)
  add('pg_backend_pid', () => p.pid)
  add('inet_server_addr', () => null)
  add('has_table_privilege', (_: Raw) => 1)
  for (let count = 1; count <= 5; count++)
    numbered('concat', count, (...parts) => parts.map(each => each ?? '').join(''))
  for (let count = 2; count <= 5; count++)
    numbered('concat_ws', count, (by, ...parts) => parts.filter(each => each !== null).join(String(by)))
}

function uuid(p: Proc): string {
  const bytes = Buffer.from(p.random(16))
  bytes[6] = ((bytes[6] ?? 0) & 15) | 64
  bytes[8] = ((bytes[8] ?? 0) & 63) | 128
  return bytes.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

export function cast(value: Raw, type: string): Raw {
  if (value === null) return null
  const text = value instanceof Uint8Array ? '' : String(value).trim()
  const bad = (name: string): SqlError => new SqlError('22P02', `invalid input syntax for type ${name}: "${text}"`)
  if (/^(integer|bigint|smallint)/.test(type)) {
    if (typeof value === 'number') return Math.round(value)
    if (!/^[+-]?\d+$/.test(text)) throw bad(type)
    if (type === 'integer' && Math.abs(Number(text)) > 2_147_483_647)
      throw new SqlError('22003', `value "${text}" is out of range for type integer`)
    return Number(text)
  }
  if (/^(numeric|real|double)/.test(type)) {
    if (Number.isNaN(Number(text)) || text === '') throw bad(type.replace(/\(.*/, ''))
    const scale = /,(\d+)\)$/.exec(type)?.[1]
    return scale === undefined ? Number(text) : Number(Number(text).toFixed(Number(scale)))
  }
  if (type === 'boolean') {
    if (/^(t|true|y|yes|on|1)$/i.test(text)) return 1
    if (/^(f|false|n|no|off|0)$/i.test(text)) return 0
    throw bad('boolean')
  }
  if (type === 'date') {
    if (Number.isNaN(Date.parse(text.slice(0, 10))))
      throw new SqlError('22007', `invalid input syntax for type date: "${text}"`)
    return text.slice(0, 10)
  }
  if (type === 'uuid' && !/^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(text)) throw bad('uuid')
  if (type === 'json' || type === 'jsonb') {
    try {
      JSON.parse(text)
    } catch {
      throw new SqlError('22P02', `invalid input syntax for type ${type}`, {
        detail: `Token "${text.slice(0, 10)}" is invalid.`,
      })
    }
  }
  const length = /^character varying\((\d+)\)|^character\((\d+)\)/.exec(type)
  if (length) return text.slice(0, Number(length[1] ?? length[2]))
  return value instanceof Uint8Array ? value : String(value)
}

const moment = (value: Raw): Date =>
  new Date(
    `${String(value)
      .replace(' ', 'T')
      .replace(/([+-]\d\d)$/, '$1:00')}`
      .replace(/^(\d{4}-\d\d-\d\d)$/, '$1T00:00:00Z')
      .replace(/(T\d\d:\d\d(:\d\d(\.\d+)?)?)$/, '$1Z'),
  )

function extract(field: string, value: Raw): Raw {
  if (value === null) return null
  const at = moment(value)
  switch (field) {
    case 'year':
      return at.getUTCFullYear()
    case 'month':
      return at.getUTCMonth() + 1
    case 'day':
      return at.getUTCDate()
    case 'hour':
      return at.getUTCHours()
    case 'minute':
      return at.getUTCMinutes()
    case 'second':
      return at.getUTCSeconds()
    case 'dow':
      return at.getUTCDay()
    case 'epoch':
      return at.getTime() / 1000
  }
  return null
}

function shift(value: Raw, sign: string, interval: string): Raw {
  if (value === null) return null
  const at = moment(value)
  const by = sign === '-' ? -1 : 1
  for (const [, count = '1', unit = ''] of interval.matchAll(/(-?\d+)\s*([a-z]+)/gi)) {
    const amount = Number(count) * by
    const name = unit.toLowerCase().replace(/s$/, '')
    if (name.startsWith('mon')) at.setUTCMonth(at.getUTCMonth() + amount)
    else if (name.startsWith('year')) at.setUTCFullYear(at.getUTCFullYear() + amount)
    else
      at.setTime(
        at.getTime() +
          amount *
            ({
              second: 1000,
              sec: 1000,
              minute: 60_000,
              min: 60_000,
              hour: 3_600_000,
              day: 86_400_000,
              week: 604_800_000,
            }[name] ?? 0),
      )
  }
  return `${at.toISOString().slice(0, 23).replace('T', ' ')}+00`
}

function truncate(unit: string, value: Raw): Raw {
  if (value === null) return null
  const text = moment(value).toISOString()
  const cut: Record<string, string> = {
    year: `${text.slice(0, 4)}-01-01`,
    month: `${text.slice(0, 7)}-01`,
    day: text.slice(0, 10),
    hour: `${text.slice(0, 13)}:00:00`,
    minute: `${text.slice(0, 16)}:00`,
    second: text.slice(0, 19),
  }
  const found = (cut[unit] ?? text.slice(0, 19)).replace('T', ' ')
  return `${found.length === 10 ? `${found} 00:00:00` : found}+00`
}

const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

function toChar(value: Raw, format: string): string {
  if (typeof value === 'number') return String(value)
  const text = moment(value).toISOString()
  const month = monthNames[Number(text.slice(5, 7)) - 1] ?? ''
  return format.replace(
    /YYYY|MM|DD|HH24|MI|SS|Month|Mon/g,
    part =>
      ({
        YYYY: text.slice(0, 4),
        MM: text.slice(5, 7),
        DD: text.slice(8, 10),
        HH24: text.slice(11, 13),
        MI: text.slice(14, 16),
        SS: text.slice(17, 19),
        Month: month.padEnd(9),
        Mon: month.slice(0, 3),
      })[part] ?? part,
  )
}
