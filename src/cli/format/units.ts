/** Sizes, times and shortened texts as Docker prints them (docker/go-units, docker/cli formatter). */
import { humanDuration } from '../../util/duration.ts'
import { parseRfc3339 } from '../../util/time.ts'
import { floatText } from '../template/format.ts'

const DECIMAL = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB']
const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB']

function sized(bytes: number, base: number, names: readonly string[], digits: number): string {
  let size = bytes
  let unit = 0
  while (size >= base && unit < names.length - 1) {
    size /= base
    unit++
  }
  return `${floatText(size, 'g', digits)}${names[unit]}`
}

/** `1.98MB`: thousands, with `digits` significant digits (image lists use 3, most else 4). */
export const humanSize = (bytes: number, digits = 4): string => sized(bytes, 1000, DECIMAL, digits)

/** `15.5GiB`: powers of 1024, four significant digits. */
export const bytesSize = (bytes: number): string => sized(bytes, 1024, BINARY, 4)

/** `2 minutes ago`. Both times are in ms. */
export const ago = (then: number, now: number): string => `${humanDuration(now - then)} ago`

/** The first `width` characters, the last of them `…` when some are missing. */
export function ellipsis(text: string, width: number): string {
  const chars = [...text]
  if (width <= 0) return ''
  if (chars.length <= width) return text
  return width === 1 ? (chars[0] ?? '') : `${chars.slice(0, width - 1).join('')}…`
}

/** The 12 digits of an id that people see, without `sha256:`. */
export const shortId = (id: string): string => id.replace(/^[a-z0-9]+:/, '').slice(0, 12)

/** The same of an RFC 3339 text, whose nanoseconds a number of ms would lose; Go's zero time is none of ours. */
export function goTimeOf(text: string): string {
  if (text.startsWith('0001-01-01T00:00:00')) return '0001-01-01 00:00:00 +0000 UTC'
  return goTime(parseRfc3339(text), /\.(\d+)/.exec(text)?.[1] ?? '')
}

/**
 * Go's `time.Time.String()` in the local zone: `2026-11-23 14:09:08.5 +0000 UTC`.
 * @param given  the digits of the fraction of a second, where they are known better than `ms` knows them
 */
export function goTime(ms: number, given?: string): string {
  const date = new Date(Math.floor(ms))
  const two = (n: number): string => String(n).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  const nanos = String(Math.round((ms - Math.floor(ms / 1000) * 1000) * 1e6)).padStart(9, '0')
  const digits = (given ?? nanos).replace(/0+$/, '')
  const fraction = digits === '' ? '' : `.${digits}`
  const east = -date.getTimezoneOffset()
  const offset = `${east < 0 ? '-' : '+'}${two(Math.floor(Math.abs(east) / 60))}${two(Math.abs(east) % 60)}`
  return `${day} ${time}${fraction} ${offset} ${zoneName(date, offset)}`
}

/** `UTC`, `CET`; where the zone has no name, its offset as Go shows it: `+03`. */
function zoneName(date: Date, offset: string): string {
  if (date.getTimezoneOffset() === 0 && date.toTimeString().includes('Universal')) return 'UTC'
  const named = /\(([A-Z]{2,5})\)$/.exec(date.toString())?.[1]
  if (named !== undefined) return named
  const name = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date)
  const part = name.find(p => p.type === 'timeZoneName')?.value ?? offset
  return part.startsWith('GMT') ? offset.replace(/00$/, '') : part
}
