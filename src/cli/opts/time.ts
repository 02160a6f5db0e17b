/** `--since` and `--until`: a time, or how long ago (moby timetypes.GetTimestamp). */
import { parseDuration } from '../../util/go-duration.ts'
import { quote } from '../../util/strconv.ts'

/**
 * ms since the epoch of `2013-01-02T15:04:05.5Z`, `2013-01-02`, `1700000000.5` (seconds) or `42m` (ago).
 * A time without a zone is local.
 * @param now  ms since the epoch
 */
export function parseTime(text: string, now: number): number {
  const ago = text === '0' ? undefined : duration(text)
  if (ago !== undefined) return Math.floor((now - ago) / 1000) * 1000
  if (/^\d+(\.\d{1,9})?$/.test(text)) return Number(text) * 1000
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(\.\d+)?)?)?)?(Z|z|[+-]\d\d:\d\d)?$/.exec(text)
  if (!match) {
    if (text.includes('-'))
      throw new Error(`parsing time ${quote(text)} as "2006-01-02": cannot parse ${quote(text)} as "2006"`)
    throw new Error(`failed to parse value as time or duration: ${quote(text)}`)
  }
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = ''] = match
  const outside = (what: string): Error => new Error(`parsing time ${quote(text)}: ${what} out of range`)
  if (Number(month) < 1 || Number(month) > 12) throw outside('month')
  if (Number(day) < 1 || Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate())
    throw outside('day')
  if (Number(hour) > 23) throw outside('hour')
  if (Number(minute) > 59) throw outside('minute')
  if (Number(second) > 59) throw outside('second')
  const whole = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone.toUpperCase()}`)
  return whole + Number(`0${fraction}`) * 1000
}

/** ms of a Go duration; undefined when it is none. */
function duration(text: string): number | undefined {
  try {
    return parseDuration(text) / 1e6
  } catch {
    return undefined
  }
}
