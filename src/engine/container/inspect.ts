/** GET /containers/{id}/json. */
import type { ContainerInspect } from '../../api/container.ts'
import { findRecord, readIndex } from '../../container/containers.ts'
import { inspectContainer } from '../../container/inspect.ts'
import type { EngineContext } from '../context.ts'
import { layerFolders } from '../image/for-container.ts'

/** Everything about one container. */
export async function inspect(
  ctx: EngineContext,
  reference: string,
  options: { size?: boolean } = {},
): Promise<ContainerInspect> {
  await ctx.machine.settle()
  const record = findRecord(ctx.store, reference)
  const { entries } = readIndex(ctx.store)
  const links = (record.links ?? []).map(
    ({ id, name, alias }) => `/${entries[id]?.name ?? name}:/${record.name}/${alias}`,
  )
  return inspectContainer(record, links, layerFolders(ctx.store, record.image), options.size ?? false)
}
