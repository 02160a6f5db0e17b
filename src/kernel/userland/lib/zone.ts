/** Time zones as the TZ variable of POSIX names them, and broken-down time. */

/** What a zone says of one moment: seconds east of UTC, and the abbreviation that `%Z` prints. */
export interface ZoneOffset {
  readonly seconds: number
  readonly name: string
}

export type Zone = (ms: number) => ZoneOffset

/** A moment taken apart in some zone. Months count from 0, weekdays from Sunday, days of the year from 1. */
export interface BrokenTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanosecond: number
  readonly weekday: number
  readonly yearDay: number
  readonly zone: ZoneOffset
  /** Seconds since the epoch. */
  readonly epoch: number
}

export const utc: Zone = () => ({ seconds: 0, name: 'UTC' })

interface Rule {
  month: number
  week: number
  weekday: number
  seconds: number
}

/**
 * The zone that a TZ value means (POSIX.1 section 8.3: `CET-1CEST,M3.5.0,M10.5.0/3`). Without rules, daylight
 * saving follows those of the United States, as in every libc. A text that does not parse (a zone file's name
 * among them, when nobody has that file) is UTC under the letters it starts with, as in glibc and musl.
 */
export function zoneFor(tz: string | undefined): Zone {
  if (tz === undefined || tz === '') return utc
  const match =
    /^:?(<[^>]+>|[A-Za-z]+)([+-]?\d{1,3}(?::\d\d){0,2})?(?:(<[^>]+>|[A-Za-z]+)([+-]?\d{1,3}(?::\d\d){0,2})?)?(?:,(.+),(.+))?/.exec(
      tz,
    )
  if (!match?.[1]) return utc
  const name = bare(match[1])
  const standard: ZoneOffset = { seconds: match[2] === undefined ? 0 : -seconds(match[2]), name }
  if (match[2] === undefined || match[3] === undefined) return () => standard
  const summer: ZoneOffset = {
    seconds: match[4] === undefined ? standard.seconds + 3600 : -seconds(match[4]),
    name: bare(match[3]),
  }
  const from = parseRule(match[5] ?? 'M3.2.0')
  const to = parseRule(match[6] ?? 'M11.1.0')
  if (!from || !to) return () => standard
  return ms => {
    const year = new Date(ms + standard.seconds * 1000).getUTCFullYear()
    const start = ruleTime(year, from) - standard.seconds * 1000
    const end = ruleTime(year, to) - summer.seconds * 1000
    const inSummer = start < end ? ms >= start && ms < end : ms >= start || ms < end
    return inSummer ? summer : standard
  }
}

/** A moment in a zone. `ms` is since the epoch, with fractions. */
export function breakDown(ms: number, zone: Zone): BrokenTime {
  const offset = zone(ms)
  const local = new Date(Math.floor(ms) + offset.seconds * 1000)
  const epoch = Math.floor(ms / 1000)
  const midnight = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate())
  const newYear = new Date(0)
  newYear.setUTCFullYear(local.getUTCFullYear(), 0, 1)
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth(),
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    nanosecond: Math.min(999_999_999, Math.max(0, Math.floor((ms - epoch * 1000) * 1e6))),
    weekday: local.getUTCDay(),
    yearDay: Math.round((midnight - newYear.getTime()) / 86_400_000) + 1,
    zone: offset,
    epoch,
  }
}

/** The moment (ms since the epoch) of a local time; fields may overflow into the next, as mktime(3) allows. */
export function makeTime(
  zone: Zone,
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  date.setUTCHours(hour, minute, second, 0)
  const local = date.getTime()
  const guess = local - zone(local).seconds * 1000
  return local - zone(guess).seconds * 1000
}

function bare(name: string): string {
  return name.startsWith('<') ? name.slice(1, -1) : name
}

function seconds(text: string): number {
  const negative = text.startsWith('-')
  const [hours = 0, minutes = 0, rest = 0] = text.replace(/^[+-]/, '').split(':').map(Number)
  const total = hours * 3600 + minutes * 60 + rest
  return negative ? -total : total
}

function parseRule(text: string): Rule | undefined {
  const match = /^M(\d+)\.(\d)\.(\d)(?:\/([+-]?\d+(?::\d\d){0,2}))?$/.exec(text)
  if (!match) return undefined
  return {
    month: Number(match[1]) - 1,
    week: Number(match[2]),
    weekday: Number(match[3]),
    seconds: match[4] === undefined ? 7200 : seconds(match[4]),
  }
}

/** The local moment of a rule in a year, as ms of a clock that knows no zone. */
function ruleTime(year: number, rule: Rule): number {
  const first = new Date(Date.UTC(year, rule.month, 1)).getUTCDay()
  let day = 1 + ((rule.weekday - first + 7) % 7) + (rule.week - 1) * 7
  const length = new Date(Date.UTC(year, rule.month + 1, 0)).getUTCDate()
  while (day > length) day -= 7
  return Date.UTC(year, rule.month, day) + rule.seconds * 1000
}
