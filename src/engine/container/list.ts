/** GET /containers/json. */
import type { ContainerSummary } from '../../api/container.ts'
import { newestFirst, readIndex } from '../../container/containers.ts'
import { containerFilter } from '../../container/filters.ts'
import { linkNames, summarize } from '../../container/summary.ts'
import { readNetworks } from '../../network/networks.ts'
import type { EngineContext } from '../context.ts'
import type { ContainerListOptions } from '../engine.ts'
import { ancestorsOf, imageNameFor } from '../image/for-container.ts'

const live = ['running', 'paused', 'restarting']

/** The containers that `docker ps` shows with these options, newest first (moby daemon/list.go). */
export async function listContainers(
  ctx: EngineContext,
  options: ContainerListOptions = {},
): Promise<ContainerSummary[]> {
  await ctx.machine.settle()
  const filters = options.filters ?? {}
  const all = newestFirst(readIndex(ctx.store))
  const passes = containerFilter(filters, all, {
    ancestors: reference => ancestorsOf(ctx.store, reference),
    networkId: name => readNetworks(ctx.store).find(network => network.name === name)?.id,
  })
  // A status filter, and a position among all containers, bring in those that do not run.
  const widened = Boolean(options.all || options.limit || filters['status']?.length)
  const limit = options.limit && options.limit > 0 ? options.limit : Number.POSITIVE_INFINITY
  const now = ctx.clock.now()
  const aliases = linkNames(all)
  const out: ContainerSummary[] = []
  for (const entry of all) {
    if (out.length >= limit) break
    if (!widened && !live.includes(entry.state.status)) continue
    if (passes(entry))
      out.push(
        summarize(entry, now, imageNameFor(ctx.store, entry), options.size ?? false, aliases.get(entry.id) ?? []),
      )
  }
  return out
}
