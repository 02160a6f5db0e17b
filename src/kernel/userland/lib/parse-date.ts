/** What `date -d` understands: busybox's fixed forms, and the freer ones of GNU date. */
import { dayNames, monthNames } from './strftime.ts'
import { breakDown, makeTime, utc, type Zone } from './zone.ts'

/**
 * The forms of busybox's parse_datestr (libbb/time.c): `@SECONDS`, `HH:MM[:SS]`, `[YYYY.]MM.DD-HH:MM[:SS]`,
 * `YYYY-MM-DD[ HH:MM[:SS]]`, `[[[[[YY]YY]MM]DD]hh]mm[.ss]`. Returns ms since the epoch, undefined if it is none.
 * `moved` reads bare digits as `MMDDhhmm[[YY]YY][.ss]`, as `date TIME` (without -s) does.
 */
export function parseBusyboxDate(text: string, now: number, zone: Zone, moved = false): number | undefined {
  const today = breakDown(now, zone)
  // Days that a month does not have count on, as mktime(3) has it: 30 February is in March.
  const make = (year: number, month: number, day: number, hour: number, minute: number, second: number) =>
    inRange(month, day, hour, minute, second) ? makeTime(zone, year, month - 1, day, hour, minute, second) : undefined
  const whole = (pattern: RegExp) =>
    pattern
      .exec(text)
      ?.slice(1)
      .map(part => (part === undefined ? undefined : Number(part)))
  let m = whole(/^@(-?\d+)$/)
  if (m) return (m[0] ?? 0) * 1000
  m = whole(/^(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?$/)
  if (m) return make(today.year, today.month + 1, today.day, m[0] ?? 0, m[1] ?? 0, m[2] ?? 0)
  m = whole(/^(?:(\d{4})\.)?(\d{1,2})\.(\d{1,2})-(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?$/)
  if (m) return make(m[0] ?? today.year, m[1] ?? 1, m[2] ?? 1, m[3] ?? 0, m[4] ?? 0, m[5] ?? 0)
  m = whole(/^(\d{4})-(\d{1,2})-(\d{1,2})(?: (\d{1,2})(?::(\d{1,2})(?::(\d{1,2}))?)?)?$/)
  if (m) return make(m[0] ?? 1970, m[1] ?? 1, m[2] ?? 1, m[3] ?? 0, m[4] ?? 0, m[5] ?? 0)
  const bare = /^(\d{2,12})(?:\.(\d\d))?$/.exec(text)
  if (!bare?.[1]) return undefined
  const pairs = bare[1].match(/\d\d/g)?.map(Number) ?? []
  if (bare[1].length % 2 === 1) return undefined
  const second = Number(bare[2] ?? 0)
  const century = (yy: number) => (yy < 69 ? 2000 : 1900) + yy
  if (moved) {
    const [month = 1, day = 1, hour = 0, minute = 0, y1, y2] = pairs
    if (pairs.length < 4) return undefined
    const year = y1 === undefined ? today.year : y2 === undefined ? century(y1) : y1 * 100 + y2
    return make(year, month, day, hour, minute, second)
  }
  const [minute = 0, hour = today.hour, day = today.day, month = today.month + 1, y2, y1] = pairs.reverse()
  const year = y2 === undefined ? today.year : y1 === undefined ? century(y2) : y1 * 100 + y2
  return make(year, month, day, hour, minute, second)
}

/** Reads a time by a strptime(3) format, for `date -D`. Undefined if the text does not fit. */
export function strptime(text: string, format: string, zone: Zone): number | undefined {
  let [year, month, day, hour, minute, second] = [1970, 1, 1, 0, 0, 0]
  let rest = text
  let epoch: number | undefined
  let afternoon = false
  const take = (digits: number): number | undefined => {
    const match = new RegExp(`^ *(\\d{1,${digits}})`).exec(rest)
    if (!match) return undefined
    rest = rest.slice(match[0].length)
    return Number(match[1])
  }
  const name = (names: readonly string[]): number | undefined => {
    const index = names.findIndex(n => rest.toLowerCase().startsWith(n.slice(0, 3).toLowerCase()))
    if (index < 0) return undefined
    const full = names[index] ?? ''
    rest = rest.slice(rest.toLowerCase().startsWith(full.toLowerCase()) ? full.length : 3)
    return index
  }
  const expanded = format
    .replace(/%T/g, '%H:%M:%S')
    .replace(/%R/g, '%H:%M')
    .replace(/%F/g, '%Y-%m-%d')
    .replace(/%D/g, '%m/%d/%y')
  for (let i = 0; i < expanded.length; i++) {
    const c = expanded[i] ?? ''
    if (/\s/.test(c)) {
      rest = rest.trimStart()
      continue
    }
    if (c !== '%') {
      if (!rest.startsWith(c)) return undefined
      rest = rest.slice(1)
      continue
    }
    const letter = expanded[++i] ?? ''
    let value: number | undefined
    switch (letter) {
      case 'Y':
        value = take(4)
        year = value ?? 0
        break
      case 'y':
        value = take(2)
        year = (value ?? 0) + ((value ?? 0) < 69 ? 2000 : 1900)
        break
      case 'm':
        value = take(2)
        month = value ?? 0
        break
      case 'd':
      case 'e':
        value = take(2)
        day = value ?? 0
        break
      case 'H':
      case 'k':
      case 'I':
      case 'l':
        value = take(2)
        hour = value ?? 0
        break
      case 'M':
        value = take(2)
        minute = value ?? 0
        break
      case 'S':
        value = take(2)
        second = value ?? 0
        break
      case 'j':
        value = take(3)
        month = 1
        day = value ?? 0
        break
      case 's':
        value = take(12)
        epoch = value
        break
      case 'b':
      case 'B':
      case 'h':
        value = name(monthNames)
        month = (value ?? 0) + 1
        break
      case 'a':
      case 'A':
        value = name(dayNames)
        break
      case 'p': {
        const match = /^(am|pm)/i.exec(rest)
        value = match ? 0 : undefined
        afternoon = match?.[1]?.toLowerCase() === 'pm'
        rest = rest.slice(2)
        break
      }
      case 'Z': {
        const match = /^[A-Za-z]+/.exec(rest)
        value = match ? 0 : undefined
        rest = rest.slice(match?.[0].length ?? 0)
        break
      }
      case '%':
        value = rest.startsWith('%') ? 0 : undefined
        rest = rest.slice(1)
        break
    }
    if (value === undefined) return undefined
  }
  if (rest !== '') return undefined
  if (afternoon && hour < 12) hour += 12
  return epoch === undefined ? makeTime(zone, year, month - 1, day, hour, minute, second) : epoch * 1000
}

const units: Record<string, [field: number, factor: number]> = {
  year: [0, 1],
  month: [1, 1],
  fortnight: [2, 14],
  week: [2, 7],
  day: [2, 1],
  hour: [3, 1],
  minute: [4, 1],
  min: [4, 1],
  second: [5, 1],
  sec: [5, 1],
}

/** Hours east of UTC of the zone names that people still write. */
const zones: ReadonlyMap<string, number> = new Map([
  ['est', -5],
  ['edt', -4],
  ['cst', -6],
  ['cdt', -5],
  ['mst', -7],
  ['mdt', -6],
  ['pst', -8],
  ['pdt', -7],
  ['wet', 0],
  ['west', 1],
  ['cet', 1],
  ['cest', 2],
  ['eet', 2],
  ['eest', 3],
  ['bst', 1],
  ['msk', 3],
  ['jst', 9],
  ['ist', 5.5],
])

/**
 * The forms of GNU date that people use (the "Date input formats" of coreutils): ISO 8601, `@SECONDS`, month
 * names, RFC 5322, times with am and pm, zones, `now`, `today`, `yesterday`, `tomorrow`, `next friday`,
 * `3 days ago`, `+2 hours`. Returns ms since the epoch, undefined if a word is not understood.
 */
export function parseGnuDate(text: string, now: number, zone: Zone): number | undefined {
  const stamp = /^\s*@(-?\d+(?:[.,]\d+)?)\s*$/.exec(text)
  if (stamp?.[1]) return Number(stamp[1].replace(',', '.')) * 1000
  const t = breakDown(now, zone)
  const date: [number, number, number] = [t.year, t.month, t.day]
  let time: [number, number, number] | undefined
  let anchored = false
  let zoneSeconds: number | undefined
  const shift = [0, 0, 0, 0, 0, 0]
  let weekday: { day: number; ordinal: number } | undefined
  let last: { field: number; amount: number } | undefined
  let fraction = 0
  let rest = text.trim().toLowerCase()
  const eat = (pattern: RegExp): RegExpExecArray | null => {
    const match = pattern.exec(rest)
    if (match) rest = rest.slice(match[0].length).replace(/^[\s,]+/, '')
    return match
  }
  const monthAt = (name: string) => monthNames.findIndex(m => m.toLowerCase().startsWith(name.slice(0, 3)))
  const month = '(jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\\.?'
  let m: RegExpExecArray | null
  while (rest !== '') {
    m = eat(/^(\d{4})-(\d{1,2})-(\d{1,2})(?:t(?=\d))?/) ?? eat(/^(\d{4})\/(\d{1,2})\/(\d{1,2})/)
    if (m) {
      date.splice(0, 3, Number(m[1]), Number(m[2]) - 1, Number(m[3]))
      anchored = true
      if (!valid(date[0], date[1] + 1, date[2], 0, 0, 0)) return undefined
      continue
    }
    m = eat(/^(\d{4})(\d\d)(\d\d)(?!\d)/)
    if (m) {
      date.splice(0, 3, Number(m[1]), Number(m[2]) - 1, Number(m[3]))
      anchored = true
      if (!valid(date[0], date[1] + 1, date[2], 0, 0, 0)) return undefined
      continue
    }
    m = eat(/^(\d{1,2})\/(\d{1,2})(?:\/(\d{4}|\d\d))?(?!\d)/)
    if (m) {
      const year =
        m[3] === undefined
          ? date[0]
          : m[3].length === 4
            ? Number(m[3])
            : Number(m[3]) + (Number(m[3]) < 69 ? 2000 : 1900)
      date.splice(0, 3, year, Number(m[1]) - 1, Number(m[2]))
      anchored = true
      if (!valid(date[0], date[1] + 1, date[2], 0, 0, 0)) return undefined
      continue
    }
    m = eat(/^(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s*(am|pm|a\.m\.|p\.m\.)?/)
    if (m) {
      let hour = Number(m[1])
      if (m[5] !== undefined) hour = (hour % 12) + (m[5].startsWith('p') ? 12 : 0)
      fraction = Number(`0.${m[4] ?? 0}`) * 1000
      time = [hour, Number(m[2]), Number(m[3] ?? 0)]
      if (hour > 23 || time[1] > 59 || time[2] > 60) return undefined
      // A number with a sign after a time is a zone, even where the next word makes it look like something else.
      m = eat(/^([+-])(\d{1,2})(?::?(\d\d))?(?!\d)/)
      if (m) {
        if (Number(m[2]) > 24) return undefined
        zoneSeconds = (m[1] === '-' ? -1 : 1) * (Number(m[2]) * 3600 + Number(m[3] ?? 0) * 60)
      }
      continue
    }
    m = eat(/^(\d{1,2})\s*(am|pm)\b/)
    if (m) {
      time = [(Number(m[1]) % 12) + (m[2] === 'pm' ? 12 : 0), 0, 0]
      continue
    }
    m = eat(new RegExp(`^(\\d{1,2})[ -]${month}(?:[ -](\\d{4}))?(?!\\w)`))
    if (m?.[2]) {
      date.splice(0, 3, m[3] === undefined ? date[0] : Number(m[3]), monthAt(m[2]), Number(m[1]))
      anchored = true
      continue
    }
    m = eat(new RegExp(`^${month} +(\\d{1,2})(?:(?:, *| +)(\\d{4})(?![:\\d]))?(?![:\\d])`))
    if (m?.[1]) {
      date.splice(0, 3, m[3] === undefined ? date[0] : Number(m[3]), monthAt(m[1]), Number(m[2]))
      anchored = true
      continue
    }
    m = eat(/^(now|today)\b/)
    if (m) continue
    m = eat(/^(yesterday|tomorrow)\b/)
    if (m) {
      shift[2] = (shift[2] ?? 0) + (m[1] === 'tomorrow' ? 1 : -1)
      continue
    }
    m = eat(/^ago\b/)
    if (m) {
      // Only what stands right before it.
      if (!last) return undefined
      shift[last.field] = (shift[last.field] ?? 0) - 2 * last.amount
      last = undefined
      continue
    }
    m = eat(
      /^(?:([+-]?)\s*(\d+)|(next|last|this|a|an))?\s*(years?|months?|fortnights?|weeks?|days?|hours?|minutes?|mins?|seconds?|secs?)\b/,
    )
    if (m?.[4]) {
      const unit = units[m[4].replace(/s$/, '')]
      if (!unit) return undefined
      let amount = m[2] === undefined ? (m[3] === 'last' ? -1 : m[3] === 'this' ? 0 : 1) : Number(m[2])
      if (m[1] === '-') amount = -amount
      amount *= unit[1]
      shift[unit[0]] = (shift[unit[0]] ?? 0) + amount
      last = { field: unit[0], amount }
      continue
    }
    m = eat(/^(?:(next|last|this)\s+)?(sun|mon|tue|wed|thu|fri|sat)[a-z]*\b/)
    if (m) {
      const day = dayNames.findIndex(d => d.toLowerCase().startsWith(m?.[2] ?? '?'))
      weekday = { day, ordinal: m[1] === 'next' ? 1 : m[1] === 'last' ? -1 : 0 }
      continue
    }
    m = eat(/^([ecmp][sd]t|[cew]es?t|eest|bst|msk|jst|ist)\b/)
    if (m) {
      const hours = zones.get(m[1] ?? '')
      if (hours === undefined) return undefined
      zoneSeconds = hours * 3600
      continue
    }
    m = eat(/^(utc|gmt|z)\b(?:([+-]\d{1,2}))?/)
    if (m) {
      zoneSeconds = Number(m[2] ?? 0) * 3600
      continue
    }
    m = eat(/^([+-])(\d\d):?(\d\d)\b/)
    if (m) {
      zoneSeconds = (m[1] === '-' ? -1 : 1) * (Number(m[2]) * 3600 + Number(m[3]) * 60)
      continue
    }
    m = anchored ? eat(/^(\d{4})\b/) : null
    if (m) {
      date[0] = Number(m[1])
      continue
    }
    return undefined
  }
  if (weekday && !anchored) {
    let ahead = (weekday.day - t.weekday + 7) % 7
    if (weekday.ordinal === 1 && ahead === 0) ahead = 7
    if (weekday.ordinal === -1) ahead -= 7
    shift[2] = (shift[2] ?? 0) + ahead
  }
  const moment = time ?? (anchored || weekday ? [0, 0, 0] : [t.hour, t.minute, t.second])
  const [years = 0, mons = 0, dayShift = 0, hours = 0, minutes = 0, secs = 0] = shift
  const into = zoneSeconds === undefined ? zone : utc
  const base = makeTime(
    into,
    date[0] + years,
    date[1] + mons,
    date[2] + dayShift,
    moment[0] ?? 0,
    moment[1] ?? 0,
    moment[2] ?? 0,
  )
  if (time === undefined && !anchored && !weekday) fraction = now - Math.floor(now / 1000) * 1000
  return base - (zoneSeconds ?? 0) * 1000 + (hours * 3600 + minutes * 60 + secs) * 1000 + fraction
}

function valid(year: number, month: number, day: number, hour: number, minute: number, second: number): boolean {
  return inRange(month, day, hour, minute, second) && day <= new Date(Date.UTC(year, month, 0)).getUTCDate()
}

const inRange = (month: number, day: number, hour: number, minute: number, second: number): boolean =>
  month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour <= 23 && minute <= 59 && second <= 60
