/** POST /containers/{id}/stop and /restart. */
import { containerEvent } from '../../container/events.ts'
import { type ContainerRecord, isRunning } from '../../container/record.ts'
import { EngineError } from '../../errors.ts'
import type { EngineContext } from '../context.ts'
import { cannot } from './errors.ts'
import { killNow, sendSignal, toStopSignal } from './kill.ts'
import { startIn } from './start.ts'
import { waitUntil } from './wait.ts'

/** Seconds that a main process gets to end, unless the container or the command says otherwise. */
const defaultGrace = 10
/** The same when the signal could not be sent. */
const unsentGrace = 2

export interface StopOptions {
  signal?: string
  /** Seconds; -1 waits for ever. */
  t?: number
}

/**
 * Sends the stop signal, waits, then kills (moby daemon/stop.go). The end of the grace is a timer of the
 * container, so it comes even if this process does not live to see it.
 */
export function stopContainer(ctx: EngineContext, reference: string, options: StopOptions = {}): Promise<void> {
  return stopAs('stop', ctx, reference, options)
}

/** `verb` is what errors say failed. */
async function stopAs(
  verb: 'stop' | 'restart',
  ctx: EngineContext,
  reference: string,
  options: StopOptions,
): Promise<void> {
  const id = await ctx.machine.change(async live => {
    const container = live.find(reference)
    if (!isRunning(container)) return undefined
    container.stoppedByHand = true
    if (container.state.status === 'restarting') {
      await killNow(live, container)
      return undefined
    }
    try {
      const signal = toStopSignal(options.signal || container.config.StopSignal || 'TERM')
      const grace = options.t ?? container.config.StopTimeout ?? defaultGrace
      if (container.state.status === 'paused') {
        const world = await live.world(container)
        world.freeze(false)
        container.state.status = 'running'
      }
      if (signal) await sendSignal(live, container, signal)
      const wait = signal ? grace : unsentGrace
      if (wait >= 0) container.state.killAt = live.time + wait * 1000
      container.state.stops = (container.state.stops ?? 0) + 1
      live.save(container)
    } catch (error) {
      throw error instanceof EngineError ? cannot(verb, reference, error) : error
    }
    return container.id
  })
  if (id === undefined) return
  await waitUntil(ctx, id, container => !container || !isRunning(container))
}

/** Stops a container if it runs, and starts it. */
export async function restartContainer(
  ctx: EngineContext,
  reference: string,
  options: StopOptions = {},
): Promise<void> {
  const before = await ctx.machine.change<ContainerRecord>(live => {
    const container = live.find(reference)
    // `--rm` must not take the container away between the two halves.
    return container
  })
  const removes = before.hostConfig.AutoRemove
  if (removes) await setAutoRemove(ctx, before.id, false)
  await stopAs('restart', ctx, reference, options)
  if (removes) await setAutoRemove(ctx, before.id, true)
  const failure = await ctx.machine.change(async live => {
    const container = live.record(before.id)
    container.restartCount = 0
    container.stoppedByHand = false
    const failed = await startIn(live, container)
    if (!failed) live.emit(containerEvent(container, 'restart'))
    return failed
  })
  if (failure) throw cannot('restart', reference, failure)
}

async function setAutoRemove(ctx: EngineContext, id: string, on: boolean): Promise<void> {
  await ctx.machine.change(live => {
    const container = live.record(id)
    container.hostConfig.AutoRemove = on
    live.save(container)
  })
}
