/** POST /containers/{id}/pause and /unpause. */
import { containerEvent } from '../../container/events.ts'
import type { EngineContext } from '../context.ts'
import { alreadyPaused, notPaused, notRunning, restarting } from './errors.ts'
import { resumeHealth, stopHealth } from './health.ts'

/** Freezes every process of a container (moby daemon/pause.go). */
export async function pauseContainer(ctx: EngineContext, reference: string): Promise<void> {
  await ctx.machine.change(async live => {
    const container = live.find(reference)
    const { status } = container.state
    if (status === 'paused') throw alreadyPaused(container.id)
    if (status === 'restarting') throw restarting(container.id)
    if (status !== 'running') throw notRunning(container.id)
    const world = await live.world(container)
    world.freeze(true)
    container.state.status = 'paused'
    stopHealth(container)
    live.emit(containerEvent(container, 'pause'))
    live.save(container)
  })
}

/** Lets a paused container go on (moby daemon/unpause.go). */
export async function unpauseContainer(ctx: EngineContext, reference: string): Promise<void> {
  await ctx.machine.change(async live => {
    const container = live.find(reference)
    if (container.state.status !== 'paused') throw notPaused(container.id)
    const world = await live.world(container)
    world.freeze(false)
    container.state.status = 'running'
    resumeHealth(container, live.time)
    live.emit(containerEvent(container, 'unpause'))
    live.save(container)
  })
}
