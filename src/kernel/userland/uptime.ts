/** uptime: how long the machine has been up, and its load. */
import { command } from './lib/command.ts'
import { UsageError } from './lib/failure.ts'
import { strftime } from './lib/strftime.ts'
import { uptimeLine } from './lib/uptime.ts'
import { breakDown, zoneFor } from './lib/zone.ts'

export const options = {
  pretty: 'gnu: -p --pretty  in words',
  since: 'gnu: -s --since  when it started',
}

export const program = command('uptime', options, function* ({ p, out, options: given, args }) {
  if (args.length > 0) throw new UsageError('')
  const zone = zoneFor(p.env.get('TZ'))
  if (given.has('since')) {
    yield* out.write(`${strftime('%Y-%m-%d %H:%M:%S', breakDown(p.now() - p.uptimeMs(), zone))}\n`)
  } else if (given.has('pretty')) {
    const minutes = Math.floor(p.uptimeMs() / 60_000)
    const parts: [number, string][] = [
      [Math.floor(minutes / 10_080), 'week'],
      [Math.floor((minutes % 10_080) / 1440), 'day'],
      [Math.floor((minutes % 1440) / 60), 'hour'],
      [minutes % 60, 'minute'],
    ]
    const words = parts.filter(([n]) => n > 0).map(([n, unit]) => `${n} ${unit}${n === 1 ? '' : 's'}`)
    yield* out.write(`up ${words.length > 0 ? words.join(', ') : '0 minutes'}\n`)
  } else {
    yield* out.write(`${yield* uptimeLine(p)}\n`)
  }
  return 0
})
