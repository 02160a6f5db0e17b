/** The line that uptime, w and top start with. */
import type { Proc, Routine } from '../../program.ts'
import { two } from './columns.ts'
import { readFile } from './input.ts'
import { strftime } from './strftime.ts'
import { breakDown, zoneFor } from './zone.ts'

/** " 13:48:23 up 28 min,  0 users,  load average: 0.08, 0.09, 0.03" */
export function* uptimeLine(p: Proc): Routine<string> {
  const clock = strftime('%H:%M:%S', breakDown(p.now(), zoneFor(p.env.get('TZ'))))
  const minutes = Math.floor(p.uptimeMs() / 60_000)
  const days = Math.floor(minutes / 1440)
  const hours = Math.floor(minutes / 60) % 24
  let up = days > 0 ? `${days} day${days === 1 ? '' : 's'}, ` : ''
  up += hours > 0 ? `${String(hours).padStart(2)}:${two(minutes % 60)}` : `${minutes % 60} min`
  const load = yield* loadAverage(p)
  return ` ${clock} up ${up},  0 users,  load average: ${load.join(', ')}`
}

/** The three load averages of /proc/loadavg, as texts. */
export function* loadAverage(p: Proc): Routine<string[]> {
  return (yield* readFile(p, '/proc/loadavg')).trim().split(' ').slice(0, 3)
}
