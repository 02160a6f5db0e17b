/** DELETE /networks/{id} and POST /networks/prune. */
import type { Filters } from '../../api/system.ts'
import { readIndex } from '../../container/containers.ts'
import { matchLabels } from '../../container/filters.ts'
import { forbidden, invalidFilter } from '../../errors.ts'
import { ensureNetworks, findNetwork, networkPath } from '../../network/networks.ts'
import { isPredefined, type NetworkRecord } from '../../network/record.ts'
import type { EngineContext } from '../context.ts'
import type { Live } from '../live.ts'
import { parseTimeFilter } from '../time-filter.ts'

/** Removes a network without endpoints. */
export async function removeNetwork(ctx: EngineContext, reference: string): Promise<void> {
  await ctx.machine.change(live => {
    const all = ensureNetworks(live.tx, live.time, live.random)
    const network = findNetwork(all, reference)
    if (isPredefined(network)) throw forbidden(`${network.name} is a pre-defined network and cannot be removed`)
    if (isUsedConfiguration(network, all))
      throw forbidden(`error while removing network: configuration network "${network.name}" is in use`)
    const endpoints = Object.values(network.endpoints).sort((a, b) => (a.name < b.name ? -1 : 1))
    if (endpoints.length > 0)
      throw forbidden(
        `error while removing network: network ${network.name} has active endpoints (${endpoints.map(end => `name:"${end.name}" id:"${end.endpointId.slice(0, 12)}"`).join(', ')})`,
      )
    drop(live, network)
  })
}

function drop(live: Live, network: NetworkRecord): void {
  live.tx.remove(networkPath(network.id))
  live.emit({
    type: 'network',
    action: 'destroy',
    id: network.id,
    attributes: { name: network.name, type: network.driver },
  })
}

const isUsedConfiguration = (network: NetworkRecord, all: readonly NetworkRecord[]): boolean =>
  network.configOnly && all.some(other => other.configFrom === network.name)

/** Removes every network of the user's without endpoints; gives their names. */
export async function pruneNetworks(ctx: EngineContext, filters: Filters = {}): Promise<string[]> {
  for (const key of Object.keys(filters)) if (!['label', 'label!', 'until'].includes(key)) throw invalidFilter(key)
  return ctx.machine.change(live => {
    const until = parseTimeFilter(filters['until'], live.time)
    const out: string[] = []
    const all = ensureNetworks(live.tx, live.time, live.random)
    for (const network of all) {
      if (isPredefined(network) || network.configOnly) continue
      if (Object.keys(network.endpoints).length > 0 || isNamedByRunning(live, network)) continue
      if (until !== undefined && network.created >= until) continue
      if (!matchLabels(filters['label'] ?? [], network.labels)) continue
      if (filters['label!']?.some(label => matchLabels([label], network.labels))) continue
      drop(live, network)
      out.push(network.name)
    }
    live.emit({ type: 'network', action: 'prune', id: '', attributes: { reclaimed: '0' } })
    return out
  })
}

/** Whether a running container is on it, as the containers see it. */
function isNamedByRunning(live: Live, network: NetworkRecord): boolean {
  return Object.values(readIndex(live.tx).entries).some(
    entry =>
      ['running', 'paused', 'restarting'].includes(entry.state.status) &&
      Object.values(entry.networks).some(end => end.NetworkID === network.id),
  )
}
