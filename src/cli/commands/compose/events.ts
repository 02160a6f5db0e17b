/** `docker compose events`. */
import { LABEL } from '../../../compose/labels.ts'
import { rfc3339Nano } from '../../../util/time.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { parseTime } from '../../opts/time.ts'
import { projectName } from './service-container.ts'

export const command: Command = {
  async run(ctx, services, flags) {
    const project = await projectName(ctx)
    const now = (await ctx.clock()).now()
    const engine = await ctx.engine()
    const stop = new AbortController()
    const off = ctx.onSignal(['SIGINT', 'SIGTERM'], () => stop.abort())
    const time = (name: string): number | undefined =>
      flags.string(name) === '' ? undefined : parseTime(flags.string(name), now)
    const [since, until] = [time('since'), time('until')]
    const events = engine.system.events({
      filters: { label: [`${LABEL.project}=${project}`] },
      signal: stop.signal,
      ...(since !== undefined && { since }),
      ...(until !== undefined && { until }),
    })
    for await (const { Type, Action, Actor, timeNano } of events) {
      const service = Actor.Attributes[LABEL.service] ?? ''
      if (Type !== 'container' || Actor.Attributes[LABEL.oneOff] === 'True') continue
      if (services.length > 0 && !services.includes(service)) continue
      const attributes = Object.entries(Actor.Attributes)
        .filter(([key]) => !key.startsWith('com.docker.compose.'))
        .sort(([a], [b]) => (a < b ? -1 : 1))
      const at = timeNano / 1e6
      if (flags.bool('json')) {
        const shown = {
          action: Action,
          attributes: Object.fromEntries(attributes),
          id: Actor.ID,
          service,
          time: rfc3339Nano(at),
          type: 'container',
        }
        ctx.out.write(`${JSON.stringify(shown)}\n`)
        continue
      }
      const stamp = `${new Date(Math.floor(at)).toISOString().slice(0, 19).replace('T', ' ')}.${String(Math.floor((timeNano / 1e3) % 1e6)).padStart(6, '0')}`
      const words = attributes.map(([key, value]) => `${key}=${value}`).join(', ')
      ctx.out.write(`${stamp} container ${Action} ${Actor.ID} (${words})\n\n`)
    }
    off()
    // The end of the stream is an error to compose.
    if (!stop.signal.aborted) throw new StatusError(1, 'EOF')
    return 130
  },
}
