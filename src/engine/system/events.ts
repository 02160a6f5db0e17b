/** GET /events. */
import type { EventMessage, Filters } from '../../api/system.ts'
import { eventFilter, eventsEnd, readEvents, recentEvents } from '../../events/event-log.ts'
import type { EngineContext } from '../context.ts'

/**
 * The last 256 events, as far as they are between two times (ms since the epoch), then new ones until `until` comes or `signal` aborts. Without
 * `since` only new ones.
 */
export async function* systemEvents(
  ctx: EngineContext,
  options: { since?: number; until?: number; filters?: Filters; signal?: AbortSignal } = {},
): AsyncGenerator<EventMessage> {
  const passes = eventFilter(options.filters ?? {})
  await ctx.machine.settle()
  const until = options.until ?? Number.POSITIVE_INFINITY
  let at = eventsEnd(ctx.store)
  if (options.since !== undefined) at = recentEvents(ctx.store, at)
  for (;;) {
    const end = eventsEnd(ctx.store)
    for (const { time, message } of readEvents(ctx.store, at, end))
      if (time >= (options.since ?? 0) && time <= until && passes(message)) yield message
    at = end
    if (ctx.clock.now() >= until || options.signal?.aborted) return
    await ctx.machine.advance(options.signal)
  }
}
