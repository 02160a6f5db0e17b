/** GET /containers/{id}/changes and /export. */
import type { FilesystemChange } from '../../api/container.ts'
import { containerEvent } from '../../container/events.ts'
import { changes } from '../../layer/changes.ts'
import { treeEntries } from '../../layer/export-layer.ts'
import { writeTar } from '../../layer/tar-writer.ts'
import { RootFs } from '../../vfs/rootfs.ts'
import type { EngineContext } from '../context.ts'

const kinds = { C: 0, A: 1, D: 2 } as const

/** What a container's files differ in from its image's. */
export async function containerChanges(ctx: EngineContext, reference: string): Promise<FilesystemChange[]> {
  return ctx.machine.change(async live => {
    const world = await live.world(live.find(reference))
    return changes(world.files.overlay).map(({ kind, path }) => ({ Kind: kinds[kind], Path: path }))
  })
}

/** A container's files as one tar, without what is mounted over them. */
export async function* exportContainer(ctx: EngineContext, reference: string): AsyncGenerator<Uint8Array> {
  const files = await ctx.machine.change(async live => {
    const container = live.find(reference)
    const world = await live.world(container)
    live.emit(containerEvent(container, 'export'))
    return new RootFs(world.files.overlay, () => live.time)
  })
  yield* writeTar(treeEntries(files, '/', ''))
}
