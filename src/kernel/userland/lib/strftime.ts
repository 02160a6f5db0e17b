/** strftime(3) in the C locale, with the extensions of glibc and, where asked for, of GNU date. */
import type { BrokenTime } from './zone.ts'

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const months = [
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

export const monthNames: readonly string[] = months
export const dayNames: readonly string[] = days

interface Field {
  text: string
  /** Digits that a number is padded to; 0 for text. */
  width: number
  pad: ' ' | '0'
}

/**
 * Formats a time. `gnu` adds what GNU date knows beyond strftime(3): `%N`, `%q`, `%:z`. A sequence that is not
 * known is printed as it stands.
 */
export function strftime(format: string, time: BrokenTime, gnu = false): string {
  return format.replace(
    /%([-_0^#+]*)(\d*)([EO]?)(:{0,3}z|.|$)/gs,
    (whole, flags: string, digits: string, _modifier, letter: string) => {
      if (letter === '') return whole
      const field = fieldOf(letter, time, gnu)
      if (field === undefined) return whole
      let text = field.text
      if (flags.includes('^') || flags.includes('#')) {
        text = flags.includes('#') && (letter === 'p' || letter === 'Z') ? text.toLowerCase() : text.toUpperCase()
      }
      if (letter === 'N' && digits !== '') return text.slice(0, Number(digits))
      if (flags.includes('-')) return text.replace(/^[ 0]+(?=\d)/, '')
      let pad = field.pad
      for (const flag of flags) {
        if (flag === '_') pad = ' '
        else if (flag === '0') pad = '0'
      }
      const width = digits === '' ? field.width : Math.min(Number(digits), 1000)
      if (field.width > 0 && pad !== field.pad) text = text.replace(/^[ 0]+(?=\d)/, '')
      return text.padStart(width, pad)
    },
  )
}

function number(value: number, width: number, pad: ' ' | '0' = '0'): Field {
  const text = value < 0 ? `-${String(-value).padStart(width - 1, pad)}` : String(value).padStart(width, pad)
  return { text, width, pad }
}

function words(text: string): Field {
  return { text, width: 0, pad: ' ' }
}

function fieldOf(letter: string, t: BrokenTime, gnu: boolean): Field | undefined {
  const whole = (format: string) => words(strftime(format, t, gnu))
  const day = days[t.weekday] ?? ''
  const month = months[t.month] ?? ''
  const hour12 = t.hour % 12 === 0 ? 12 : t.hour % 12
  switch (letter) {
    case 'a':
      return words(day.slice(0, 3))
    case 'A':
      return words(day)
    case 'b':
    case 'h':
      return words(month.slice(0, 3))
    case 'B':
      return words(month)
    case 'c':
      return whole('%a %b %e %H:%M:%S %Y')
    case 'C':
      return number(Math.floor(t.year / 100), 2)
    case 'd':
      return number(t.day, 2)
    case 'D':
    case 'x':
      return whole('%m/%d/%y')
    case 'e':
      return number(t.day, 2, ' ')
    case 'F':
      return whole('%Y-%m-%d')
    case 'g':
      return number(isoWeek(t).year % 100, 2)
    case 'G':
      return number(isoWeek(t).year, 4)
    case 'H':
      return number(t.hour, 2)
    case 'I':
      return number(hour12, 2)
    case 'j':
      return number(t.yearDay, 3)
    case 'k':
      return number(t.hour, 2, ' ')
    case 'l':
      return number(hour12, 2, ' ')
    case 'm':
      return number(t.month + 1, 2)
    case 'M':
      return number(t.minute, 2)
    case 'n':
      return words('\n')
    case 'p':
      return words(t.hour < 12 ? 'AM' : 'PM')
    case 'P':
      return words(t.hour < 12 ? 'am' : 'pm')
    case 'r':
      return whole('%I:%M:%S %p')
    case 'R':
      return whole('%H:%M')
    case 's':
      return number(t.epoch, 1)
    case 'S':
      return number(t.second, 2)
    case 't':
      return words('\t')
    case 'T':
    case 'X':
      return whole('%H:%M:%S')
    case 'u':
      return number(t.weekday === 0 ? 7 : t.weekday, 1)
    case 'U':
      return number(Math.floor((t.yearDay + 6 - t.weekday) / 7), 2)
    case 'V':
      return number(isoWeek(t).week, 2)
    case 'w':
      return number(t.weekday, 1)
    case 'W':
      return number(Math.floor((t.yearDay + 6 - ((t.weekday + 6) % 7)) / 7), 2)
    case 'y':
      return number(((t.year % 100) + 100) % 100, 2)
    case 'Y':
      return number(t.year, 4)
    case 'z':
      return words(zoneDigits(t, 0))
    case 'Z':
      return words(t.zone.name)
    case '%':
      return words('%')
  }
  if (!gnu) return undefined
  switch (letter) {
    case 'N':
      return { text: String(t.nanosecond).padStart(9, '0'), width: 9, pad: '0' }
    case 'q':
      return number(Math.floor(t.month / 3) + 1, 1)
    case ':z':
    case '::z':
    case ':::z':
      return words(zoneDigits(t, letter.length - 1))
  }
  return undefined
}

/** The offset as `%z` (no colon), `%:z`, `%::z` (with seconds) and `%:::z` (as short as it goes) print it. */
function zoneDigits(t: BrokenTime, colons: number): string {
  const sign = t.zone.seconds < 0 ? '-' : '+'
  const size = Math.abs(t.zone.seconds)
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0')
  const [hours, minutes, rest] = [two(size / 3600), two((size % 3600) / 60), two(size % 60)]
  if (colons === 0) return `${sign}${hours}${minutes}`
  if (colons === 1) return `${sign}${hours}:${minutes}`
  if (colons === 2) return `${sign}${hours}:${minutes}:${rest}`
  return sign + hours + (minutes === '00' && rest === '00' ? '' : `:${minutes}`) + (rest === '00' ? '' : `:${rest}`)
}

/** ISO 8601 week: the one with the year's first Thursday is week 1. */
function isoWeek(t: BrokenTime): { year: number; week: number } {
  const monday = (t.weekday + 6) % 7
  const week = Math.floor((t.yearDay - 1 - monday + 10) / 7)
  if (week < 1) return { year: t.year - 1, week: weeksIn(t.year - 1) }
  if (week > weeksIn(t.year)) return { year: t.year + 1, week: 1 }
  return { year: t.year, week }
}

function weeksIn(year: number): number {
  const january = new Date(Date.UTC(year, 0, 1)).getUTCDay()
  const leap = new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1
  return january === 4 || (leap && january === 3) ? 53 : 52
}
