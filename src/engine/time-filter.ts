/** Times that users give the engine: `until` of prune, `since` and `until` of events. */
import { invalid } from '../errors.ts'

const unitMs: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 1e-3, µs: 1e-3, ns: 1e-6 }

/** A single `until` filter in ms since the epoch: a Go duration back from now, a Unix time, or a date. */
export function parseTimeFilter(values: readonly string[] | undefined, now: number): number | undefined {
  if (!values || values.length === 0) return undefined
  if (values.length > 1) throw invalid('more than one until filter specified')
  const time = parseTime(values[0] ?? '', now)
  if (time === undefined) throw invalid(`failed to parse value as time or duration: "${values[0]}"`)
  return time
}

/** ms since the epoch of a duration (`1h30m`, back from now), Unix seconds with a fraction, or a date in UTC. */
export function parseTime(text: string, now: number): number | undefined {
  const duration = parseGoDuration(text)
  if (duration !== undefined) return now - duration
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  const date = /^\d{4}-\d\d-\d\d(T\d\d(:\d\d(:\d\d(\.\d+)?)?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(text)
  if (!date) return undefined
  const [, time = '', , seconds = '', , zone = 'Z'] = date
  const full = time === '' ? 'T00:00:00' : time.length === 3 ? `${time}:00:00` : seconds === '' ? `${time}:00` : time
  const parsed = Date.parse(`${text.slice(0, 10)}${full}${zone}`)
  return Number.isNaN(parsed) ? undefined : parsed
}

function parseGoDuration(text: string): number | undefined {
  if (!/^[+-]?(\d+(\.\d*)?(h|ms|m|s|us|µs|ns))+$/.test(text)) return undefined
  let sum = 0
  for (const [, number = '', , unit = ''] of text.matchAll(/(\d+(\.\d*)?)(h|ms|m|s|us|µs|ns)/g))
    sum += Number(number) * (unitMs[unit] ?? 0)
  return text.startsWith('-') ? -sum : sum
}
