/** Go's time.Duration: parsing with Go's error texts, and String(). */
import { quote } from './strconv.ts'

const UNITS = new Map([
  ['ns', 1],
  ['us', 1e3],
  ['µs', 1e3],
  ['μs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
  ['m', 60e9],
  ['h', 3600e9],
])

/** time.ParseDuration: nanoseconds of `1h15m30.918s`. */
export function parseDuration(text: string): number {
  const bad = (): Error => new Error(`time: invalid duration ${quote(text)}`)
  const sign = /^[+-]/.exec(text)?.[0]
  let rest = sign === undefined ? text : text.slice(1)
  if (rest === '0') return 0
  if (rest === '') throw bad()
  let total = 0
  while (rest !== '') {
    const number = /^(\d+\.?\d*|\.\d+)/.exec(rest)?.[0]
    if (number === undefined) throw bad()
    rest = rest.slice(number.length)
    const unit = /^[^\d.]*/.exec(rest)?.[0] ?? ''
    if (unit === '') throw new Error(`time: missing unit in duration ${quote(text)}`)
    const scale = UNITS.get(unit)
    if (scale === undefined) throw new Error(`time: unknown unit ${quote(unit)} in duration ${quote(text)}`)
    total += Math.round(Number(number) * scale)
    rest = rest.slice(unit.length)
    if (total > 2 ** 63) throw bad()
  }
  return sign === '-' && total !== 0 ? -total : total
}

/** Duration.String(): `1h15m30.5s`, `0s`, `250ms`. */
export function durationString(ns: number): string {
  if (ns === 0) return '0s'
  const sign = ns < 0 ? '-' : ''
  const abs = Math.abs(Math.trunc(ns))
  if (abs < 1e3) return `${sign}${abs}ns`
  if (abs < 1e6) return `${sign}${fraction(abs, 1e3)}µs`
  if (abs < 1e9) return `${sign}${fraction(abs, 1e6)}ms`
  const hours = Math.floor(abs / 3600e9)
  const minutes = Math.floor((abs % 3600e9) / 60e9)
  const seconds = `${fraction(abs % 60e9, 1e9)}s`
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`
}

/** `value / unit` with all of its digits: 1500 by 1000 is `1.5`. */
function fraction(value: number, unit: number): string {
  const whole = Math.floor(value / unit)
  const digits = String(value - whole * unit)
    .padStart(Math.round(Math.log10(unit)), '0')
    .replace(/0+$/, '')
  return digits === '' ? String(whole) : `${whole}.${digits}`
}
