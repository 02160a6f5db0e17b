/** POST /containers/{id}/attach: a session over the container's stream file and its input. */

import {
  findRecord,
  forgetRemoved,
  readIndex,
  readRecord,
  streamPath,
  type Tombstone,
  tombstonePath,
} from '../../container/containers.ts'
import { containerEvent } from '../../container/events.ts'
import { hasProcesses, isRunning } from '../../container/record.ts'
import { readFrames } from '../../runtime/stream-log.ts'
import type { EngineContext } from '../context.ts'
import type { AttachOptions, Frame, Session } from '../engine.ts'

/**
 * Attaches to the main process. Attaching before the start misses nothing; the frames end when the process
 * does, also when the container is removed with it.
 */
export async function attachContainer(ctx: EngineContext, reference: string, options: AttachOptions): Promise<Session> {
  await ctx.machine.settle()
  const { id, ...start } = await ctx.machine.change(live => {
    const container = live.find(reference)
    container.attached++
    live.emit(containerEvent(container, 'attach'))
    live.save(container)
    const from = options.logs ? 0 : container.logLength
    return { id: container.id, from, startedAt: container.state.startedAt, running: isRunning(container) }
  })
  const closing = new AbortController()
  let open = true
  const close = async (): Promise<void> => {
    if (!open) return
    open = false
    closing.abort()
    await ctx.machine.change(live => {
      if (!live.has(id)) return forgetRemoved(live.tx, id)
      const container = live.record(id)
      container.attached--
      live.save(container)
    })
  }
  return {
    frames: follow(ctx, id, start, options, closing.signal, close),
    write: data => (options.stdin ? feedInput(ctx, id, undefined, data, closing.signal) : Promise.resolve()),
    async closeInput() {
      if (!options.stdin) return
      await ctx.machine.change(async live => {
        if (!live.has(id)) return
        const container = live.record(id)
        // Input that stays open for whoever attaches next: only this session ends (moby container/stream/attach.go).
        if (!container.config.StdinOnce || container.config.Tty) closing.abort()
        else if (hasProcesses(container)) (await live.world(container)).closeInput()
      })
    },
    resize: (rows, cols) => resizeContainer(ctx, id, rows, cols),
    close,
  }
}

/** Frames as they come, until the process that runs (or is about to start) has ended. */
async function* follow(
  ctx: EngineContext,
  id: string,
  start: { from: number; startedAt: number; running: boolean },
  options: AttachOptions,
  signal: AbortSignal,
  close: () => Promise<void>,
): AsyncGenerator<Frame> {
  const file = ctx.store.locate(streamPath(id))
  let at = start.from
  try {
    while (!signal.aborted) {
      const { record, length } = ctx.store.view(reader => {
        const present = readIndex(reader).entries[id] ? readRecord(reader, id) : undefined
        return { record: present, length: (present ?? reader.read<Tombstone>(tombstonePath(id)))?.logLength ?? at }
      })
      for (const frame of readFrames(file, at, length)) if (options[frame.stream]) yield frame
      at = length
      const ended =
        !record ||
        ((!isRunning(record) || record.state.status === 'restarting') &&
          (start.running || record.state.startedAt !== start.startedAt || record.state.error !== ''))
      if (ended || signal.aborted) return
      await ctx.machine.advance(signal)
    }
  } finally {
    await close()
  }
}

/** Hands input to a process, waiting while its pipe is full; input for a process that has ended is dropped. */
export async function feedInput(
  ctx: EngineContext,
  id: string,
  exec: string | undefined,
  data: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  let rest = data
  while (rest.length > 0 && !signal.aborted) {
    const taken = await ctx.machine.change(async live => {
      if (!live.has(id)) return rest.length
      const container = live.record(id)
      if (!hasProcesses(container)) return rest.length
      return (await live.world(container)).feed(rest, exec)
    })
    rest = rest.subarray(taken)
    if (rest.length > 0) await ctx.machine.advance(signal)
  }
}

/** POST /containers/{id}/resize. */
export async function resizeContainer(
  ctx: EngineContext,
  reference: string,
  rows: number,
  cols: number,
): Promise<void> {
  await ctx.machine.change(async live => {
    if (!live.has(reference) && !findRecord(live.tx, reference)) return
    const container = live.find(reference)
    if (hasProcesses(container)) (await live.world(container)).resize(rows, cols)
  })
}
