/** `--progress=rawjson`: a build's events as BuildKit's client tells them, a line each (buildkit client.SolveStatus). */
import { createHash } from 'node:crypto'
import type { BuildEvent } from '../../../build/events.ts'
import { rfc3339Nano } from '../../../util/time.ts'

const digestOf = (id: number): string => `sha256:${createHash('sha256').update(`step ${id}`).digest('hex')}`

/** Each step by its number, with what was said of it before: BuildKit says it again each time. */
export type RawSteps = Map<number, { name: string; started: string }>

/** One line; '' for what has no place in it. */
export function rawEvent(event: BuildEvent, steps: RawSteps): string {
  const line = (value: object): string => `${JSON.stringify(value)}\n`
  switch (event.type) {
    case 'start': {
      const step = { name: event.name, started: rfc3339Nano(event.time) }
      steps.set(event.id, step)
      return line({ vertexes: [{ digest: digestOf(event.id), ...step }] })
    }
    case 'done':
    case 'cached':
    case 'canceled':
    case 'error':
      return line({
        vertexes: [
          {
            digest: digestOf(event.id),
            ...steps.get(event.id),
            completed: rfc3339Nano(event.time),
            ...(event.type === 'cached' && { cached: true }),
            ...(event.type === 'error' && { error: event.message }),
            ...(event.type === 'canceled' && { error: 'context canceled' }),
          },
        ],
      })
    case 'status':
      return line({
        statuses: [
          { id: event.text.replace(/ done$/, ''), vertex: digestOf(event.id), timestamp: rfc3339Nano(event.time) },
        ],
      })
    case 'log': {
      const data = Buffer.from(event.data).toString('base64')
      const stream = event.stream === 'stdout' ? 1 : 2
      return line({ logs: [{ vertex: digestOf(event.id), stream, data, timestamp: rfc3339Nano(event.time) }] })
    }
    case 'warning':
      return line({
        warnings: [
          {
            vertex: digestOf(event.id),
            level: 1,
            short: Buffer.from(`${event.rule}: ${event.message} (line ${event.location.start})`).toString('base64'),
            url: event.url,
            range: [{ start: { line: event.location.start }, end: { line: event.location.end } }],
          },
        ],
      })
    default:
      return ''
  }
}
