/** POST /containers/{id}/wait. */

import type { ContainerWaitResponse } from '../../api/container.ts'
import { findEntry, readIndex, readRecord, recordIfThere } from '../../container/containers.ts'
import { type ContainerRecord, isRunning } from '../../container/record.ts'
import type { EngineContext } from '../context.ts'
import type { WaitCondition } from '../engine.ts'

/** Waits for a container to end (or, by condition, for its next end or its removal) and gives its exit code. */
export async function waitContainer(
  ctx: EngineContext,
  reference: string,
  options: { condition?: WaitCondition; signal?: AbortSignal } = {},
): Promise<ContainerWaitResponse> {
  await ctx.machine.settle()
  const gone = readIndex(ctx.store).removed.findLast(entry => entry.id === reference)
  if (gone) return { StatusCode: gone.exitCode }
  const { id } = findEntry(ctx.store, reference)
  const restarts = readRecord(ctx.store, id).restartCount
  const condition = options.condition ?? 'not-running'
  const done = (container: ContainerRecord | undefined): boolean => {
    if (!container) return true
    if (condition === 'removed') return false
    // A restart that follows at once must not hide the end before it.
    const restarted = container.state.status === 'restarting' || container.restartCount !== restarts
    return !isRunning(container) || (condition === 'next-exit' && restarted)
  }
  const last = await waitUntil(ctx, id, done, options.signal)
  const removed = readIndex(ctx.store).removed.findLast(entry => entry.id === id)
  return { StatusCode: removed?.exitCode ?? last.state.exitCode }
}

/**
 * Lets time pass until `done` says so of the container (undefined: it was removed).
 * @returns the record as it was last seen
 */
export async function waitUntil(
  ctx: EngineContext,
  id: string,
  done: (container: ContainerRecord | undefined) => boolean,
  signal?: AbortSignal,
): Promise<ContainerRecord> {
  let last = readRecord(ctx.store, id)
  for (;;) {
    const container = recordIfThere(ctx.store, id)
    if (container) last = container
    if (done(container) || signal?.aborted) return last
    await ctx.machine.advance(signal)
  }
}
