/** MySQL's functions for SQLite. */
import { createHash } from 'node:crypto'
import type { Database } from 'sql.js'
import type { Proc } from '../../../kernel/program.ts'
import { defineFunction } from '../../sql-engine.ts'
import type { Raw } from './types.ts'

const stamp = (at: Date): string => at.toISOString().slice(0, 19).replace('T', ' ')
export const timeNow = (p: Proc): string => stamp(new Date(p.now()))

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
]

/** The moment that a text means; undefined where it means none. */
export function moment(value: Raw): Date | undefined {
  if (value === null) return undefined
  const text = String(value)
  const compact = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d))?$/.exec(text)
  const parts =
    compact ?? /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?)?Z?$/.exec(text)
  if (!parts) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(each => Number(each ?? 0))
  const at = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
  return at.getUTCMonth() === month - 1 && at.getUTCDate() === day && hour < 24 && minute < 60 ? at : undefined
}

const two = (value: number): string => String(value).padStart(2, '0')

function format(at: Date, pattern: string): string {
  const hour = at.getUTCHours()
  const parts: Record<string, () => string> = {
    Y: () => String(at.getUTCFullYear()),
    y: () => String(at.getUTCFullYear()).slice(2),
    m: () => two(at.getUTCMonth() + 1),
    c: () => String(at.getUTCMonth() + 1),
    d: () => two(at.getUTCDate()),
    e: () => String(at.getUTCDate()),
    H: () => two(hour),
    k: () => String(hour),
    h: () => two(hour % 12 || 12),
    I: () => two(hour % 12 || 12),
    l: () => String(hour % 12 || 12),
    i: () => two(at.getUTCMinutes()),
    s: () => two(at.getUTCSeconds()),
    S: () => two(at.getUTCSeconds()),
    p: () => (hour < 12 ? 'AM' : 'PM'),
    T: () => stamp(at).slice(11),
    W: () => days[at.getUTCDay()] ?? '',
    a: () => days[at.getUTCDay()]?.slice(0, 3) ?? '',
    M: () => months[at.getUTCMonth()] ?? '',
    b: () => months[at.getUTCMonth()]?.slice(0, 3) ?? '',
    w: () => String(at.getUTCDay()),
    j: () => String(Math.floor((at.getTime() - Date.UTC(at.getUTCFullYear(), 0, 1)) / 86_400_000) + 1).padStart(3, '0'),
  }
  return pattern.replace(/%(.)/g, (_, letter: string) => parts[letter]?.() ?? letter)
}

const spans: Record<string, number> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
}

function shift(value: Raw, count: Raw, unit: string): Raw {
  const at = moment(value)
  if (at === undefined || count === null) return null
  const amount = Number(count)
  if (unit in spans) at.setTime(at.getTime() + amount * (spans[unit] ?? 0))
  else {
    const day = at.getUTCDate()
    at.setUTCDate(1)
    at.setUTCMonth(at.getUTCMonth() + amount * ({ month: 1, quarter: 3, year: 12 }[unit] ?? 0))
    // The last day of a shorter month stands for one that it does not have.
    at.setUTCDate(Math.min(day, new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate()))
  }
  const text = stamp(at)
  return /^\d{4}-\d\d-\d\d$/.test(String(value)) && !['second', 'minute', 'hour'].includes(unit)
    ? text.slice(0, 10)
    : text
}

const part: Record<string, (at: Date) => Raw> = {
  year: at => at.getUTCFullYear(),
  quarter: at => Math.floor(at.getUTCMonth() / 3) + 1,
  month: at => at.getUTCMonth() + 1,
  day: at => at.getUTCDate(),
  hour: at => at.getUTCHours(),
  minute: at => at.getUTCMinutes(),
  second: at => at.getUTCSeconds(),
  dayname: at => days[at.getUTCDay()] ?? '',
  monthname: at => months[at.getUTCMonth()] ?? '',
  dayofweek: at => at.getUTCDay() + 1,
  weekday: at => (at.getUTCDay() + 6) % 7,
  date: at => stamp(at).slice(0, 10),
}

/** Functions that SQLite has under another name or not at all; those of one server are its own. */
export function install(sql: Database, p: Proc): void {
  const text = (value: Raw): string =>
    value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value)
  /** Null where any argument is. */
  const add = (name: string, count: number, work: (...args: Exclude<Raw, null>[]) => Raw | boolean): void =>
    defineFunction<Raw>(sql, `my_${name}`, count, (...args) => {
      if (args.includes(null)) return null
      const found = work(...(args as Exclude<Raw, null>[]))
      return typeof found === 'boolean' ? Number(found) : found
    })
  add('now', 0, () => timeNow(p))
  add('rand', 0, () => p.random(4).reduce((sum, byte) => sum * 256 + byte, 0) / 2 ** 32)
  add('uuid', 0, () => uuid(p))
  add('length', 1, value => Buffer.byteLength(text(value)))
  add('left', 2, (value, count) => [...text(value)].slice(0, Math.max(0, Number(count))).join(''))
  add('right', 2, (value, count) => (Number(count) <= 0 ? '' : [...text(value)].slice(-Number(count)).join('')))
  add('reverse', 1, value => [...text(value)].reverse().join(''))
  add('repeat', 2, (value, count) => text(value).repeat(Math.min(Math.max(0, Number(count)), 100_000)))
  add('lpad', 3, (value, size, fill) => text(value).padStart(Number(size), text(fill)).slice(0, Number(size)))
  add('rpad', 3, (value, size, fill) => text(value).padEnd(Number(size), text(fill)).slice(0, Number(size)))
  add('locate', 2, (needle, value) => text(value).toLowerCase().indexOf(text(needle).toLowerCase()) + 1)
  add('substring_index', 3, (value, by, count) => {
    const parts = text(value).split(text(by))
    const many = Number(count)
    return (many >= 0 ? parts.slice(0, many) : parts.slice(many)).join(text(by))
  })
  add('find_in_set', 2, (needle, list) => text(list).split(',').indexOf(text(needle)) + 1)
  add('md5', 1, value => createHash('md5').update(text(value)).digest('hex'))
  add('sha1', 1, value => createHash('sha1').update(text(value)).digest('hex'))
  add('sha2', 2, (value, bits) =>
    createHash(`sha${Number(bits) === 0 ? 256 : Number(bits)}`)
      .update(text(value))
      .digest('hex'),
  )
  add('date_format', 2, (value, pattern) => {
    const at = moment(value)
    return at ? format(at, text(pattern)) : null
  })
  add('shift', 3, (value, count, unit) => shift(value, count, text(unit)))
  add('datediff', 2, (one, two_) => {
    const [a, b] = [moment(text(one).slice(0, 10)), moment(text(two_).slice(0, 10))]
    return a && b ? Math.round((a.getTime() - b.getTime()) / 86_400_000) : null
  })
  add('timestampdiff', 3, (unit, one, two_) => {
    const [a, b] = [moment(one), moment(two_)]
    if (!a || !b) return null
    const span = spans[text(unit)]
    if (span !== undefined) return Math.trunc((b.getTime() - a.getTime()) / span)
    const whole = (b.getUTCFullYear() - a.getUTCFullYear()) * 12 + b.getUTCMonth() - a.getUTCMonth()
    return Math.trunc(whole / ({ month: 1, quarter: 3, year: 12 }[text(unit)] ?? 1))
  })
  add('unix_timestamp', 1, value => {
    const at = moment(value)
    return at ? Math.floor(at.getTime() / 1000) : null
  })
  add('from_unixtime', 1, value => stamp(new Date(Number(value) * 1000)))
  for (const [name, work] of Object.entries(part))
    add(name, 1, value => {
      const at = moment(value)
      return at ? work(at) : null
    })
  add('is_time', 1, value => moment(value) !== undefined)
  add('regexp', 2, (pattern, value) => {
    try {
      return new RegExp(text(pattern), 'i').test(text(value))
    } catch {
      return false
    }
  })
  add('to_int', 1, value =>
    typeof value === 'number' ? Math.round(value) : Math.trunc(Number.parseFloat(text(value)) || 0),
  )
  add('to_decimal', 2, (value, scale) => Number((Number.parseFloat(text(value)) || 0).toFixed(Number(scale))))
  add('truncate', 2, (value, digits) => Math.trunc(Number(value) * 10 ** Number(digits)) / 10 ** Number(digits))
  add('hex', 1, value =>
    typeof value === 'number'
      ? value.toString(16).toUpperCase()
      : Buffer.from(text(value)).toString('hex').toUpperCase(),
  )
  add('unhex', 1, value => Buffer.from(text(value), 'hex').toString('utf8'))
  for (let count = 2; count <= 5; count++)
    defineFunction<Raw>(sql, 'my_field', count, (value, ...list) =>
      value === null ? 0 : list.findIndex(each => each !== null && text(each) === text(value ?? '')) + 1,
    )
}

function uuid(p: Proc): string {
  const bytes = Buffer.from(p.random(16))
  bytes[6] = ((bytes[6] ?? 0) & 15) | 16
  bytes[8] = ((bytes[8] ?? 0) & 63) | 128
  return bytes.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
