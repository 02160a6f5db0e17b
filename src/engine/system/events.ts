/** GET /events. */
import type { EventMessage, Filters } from '../../api/system.ts'
import { invalid } from '../../errors.ts'
import { eventFilter, eventsEnd, readEvents, recentEvents } from '../../events/event-log.ts'
import type { EngineContext } from '../context.ts'

/**
 * Of the last 256 events those between two times (ms since the epoch), then new ones until `until` comes or `signal`
 * aborts. Without both times only new ones.
 * @throws EngineError('invalid') when `since` is after `until`
 */
export async function* systemEvents(
  ctx: EngineContext,
  options: { since?: number; until?: number; filters?: Filters; signal?: AbortSignal } = {},
): AsyncGenerator<EventMessage> {
  const { since = 0 } = options
  if (options.until !== undefined && options.until < since)
    throw invalid(
      `\`since\` time (${Math.floor(since / 1000)}) cannot be after \`until\` time (${Math.floor(options.until / 1000)})`,
    )
  const passes = eventFilter(options.filters ?? {})
  await ctx.machine.settle()
  const until = options.until ?? Number.POSITIVE_INFINITY
  let at = eventsEnd(ctx.store)
  if (options.since !== undefined || options.until !== undefined) at = recentEvents(ctx.store, at)
  for (;;) {
    const end = eventsEnd(ctx.store)
    for (const { time, message } of readEvents(ctx.store, at, end))
      if (time >= since && time <= until && passes(message)) yield message
    at = end
    if (ctx.clock.now() >= until || options.signal?.aborted) return
    await ctx.machine.advance(options.signal, until)
  }
}
