/** DELETE /containers/{id}. */
import { containerEvent } from '../../container/events.ts'
import type { ContainerRecord } from '../../container/record.ts'
import type { EngineContext } from '../context.ts'
import type { RemoveContainerOptions } from '../engine.ts'
import type { Live } from '../live.ts'
import { removeLink } from '../network/links.ts'
import { removeVolume } from '../volume/volumes.ts'
import { removeRunning } from './errors.ts'
import { killNow } from './kill.ts'

/** Removes a container (moby daemon/delete.go); `force` kills it first, `volumes` removes its anonymous volumes. */
export async function removeContainer(
  ctx: EngineContext,
  reference: string,
  options: RemoveContainerOptions = {},
): Promise<void> {
  await ctx.machine.change(async live => {
    const container = live.find(reference)
    if (options.link) return removeLink(live, reference)
    const { status } = container.state
    if (status === 'running' || status === 'paused' || status === 'restarting') {
      if (!options.force) throw removeRunning(reference.replace(/^\//, ''), status)
      await killNow(live, container)
    }
    // The forced end of a container with --rm has removed it already.
    if (live.has(container.id)) await removeIn(live, container, options)
  })
}

/** Removes a container that has ended: record, files, its own volumes. */
export async function removeIn(live: Live, container: ContainerRecord, options: { volumes?: boolean }): Promise<void> {
  live.emit(containerEvent(container, 'destroy'))
  live.drop(container)
  if (options.volumes) removeAnonymous(live, container)
}

/** Removes the volumes that were made for a container alone, which is gone. */
export function removeAnonymous(live: Live, container: ContainerRecord): void {
  for (const mount of container.mounts)
    if (mount.Type === 'volume' && mount.anonymous) removeVolume(live, mount.Name ?? '', 'unused')
}
