/** GET /networks and GET /networks/{id}. */

import type { IpamPool, NetworkInspect } from '../../api/network.ts'
import type { Filters } from '../../api/system.ts'
import { matchLabels } from '../../container/filters.ts'
import { invalid, invalidFilter } from '../../errors.ts'
import { contains, parseAddress, parsePrefix } from '../../network/address.ts'
import { ensureNetworks, findNetwork, readNetworks } from '../../network/networks.ts'
import { isPredefined, type NetworkRecord } from '../../network/record.ts'
import { matchesRegexp } from '../../util/regexp.ts'
import { rfc3339Nano } from '../../util/time.ts'
import type { EngineContext } from '../context.ts'

const acceptedFilters = ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type']

/** The API's shape of a network; containers are those that run on it. */
function toApi(network: NetworkRecord): NetworkInspect {
  const subnets = network.ipam.config.flatMap(config => parsePrefix(config.Subnet) ?? [])
  const withBits = (address: string): string => {
    const parsed = parseAddress(address)
    const subnet = subnets.find(prefix => parsed?.family === prefix.family && contains(prefix, parsed.value))
    return address === '' ? '' : `${address}/${subnet?.bits ?? 32}`
  }
  const { config } = network.ipam
  return {
    Name: network.name,
    Id: network.id,
    Created: rfc3339Nano(network.created),
    Scope: network.scope,
    Driver: network.driver,
    EnableIPv4: network.enableIPv4,
    EnableIPv6: network.enableIPv6,
    IPAM: {
      Driver: network.ipam.driver,
      Options: network.ipam.options,
      Config: config.length === 0 && network.ipam.options === null ? null : config.map(sortedAux),
    },
    Internal: network.internal,
    Attachable: network.attachable,
    Ingress: network.ingress,
    ConfigFrom: { Network: network.configFrom },
    ConfigOnly: network.configOnly,
    Containers: Object.fromEntries(
      Object.values(network.endpoints).map(end => [
        end.container,
        {
          Name: end.name,
          EndpointID: end.endpointId,
          MacAddress: end.mac,
          IPv4Address: withBits(end.ipv4),
          IPv6Address: withBits(end.ipv6),
        },
      ]),
    ),
    Options: network.options,
    Labels: network.labels,
  }
}

/** Go's maps are listed in the order of their keys. */
function sortedAux(pool: IpamPool): IpamPool {
  const { AuxiliaryAddresses: aux } = pool
  return aux
    ? { ...pool, AuxiliaryAddresses: Object.fromEntries(Object.entries(aux).sort(([a], [b]) => (a < b ? -1 : 1))) }
    : pool
}

async function networksNow(ctx: EngineContext): Promise<NetworkRecord[]> {
  await ctx.machine.settle()
  const found = readNetworks(ctx.store)
  return found.length > 0 ? found : ctx.machine.change(live => ensureNetworks(live.tx, live.time, live.random))
}

/** Networks that pass the filters (moby daemon/network/filter.go). */
export async function listNetworks(ctx: EngineContext, filters: Filters = {}): Promise<NetworkInspect[]> {
  for (const key of Object.keys(filters)) if (!acceptedFilters.includes(key)) throw invalidFilter(key)
  const any = (key: string, test: (value: string) => boolean): boolean => !filters[key] || filters[key].some(test)
  for (const type of filters['type'] ?? [])
    if (type !== 'custom' && type !== 'builtin') throw invalid(`invalid filter: 'type'='${type}'`)
  for (const value of filters['dangling'] ?? [])
    if (!['true', '1', 'false', '0'].includes(value))
      throw invalid(`invalid value for filter 'dangling', must be "true" (or "1"), or "false" (or "0")`)
  return (await networksNow(ctx))
    .filter(
      network =>
        any('driver', value => network.driver === value) &&
        any('id', value => matchesRegexp(network.id, value)) &&
        any('name', value => matchesRegexp(network.name, value)) &&
        any('scope', value => network.scope === value) &&
        any('type', value => (value === 'custom') !== isPredefined(network)) &&
        // Lists know nothing of endpoints, so every network of the user's counts as dangling.
        any('dangling', value => ['true', '1'].includes(value) !== isPredefined(network)) &&
        matchLabels(filters['label'] ?? [], network.labels),
    )
    .map(toApi)
}

export async function inspectNetwork(ctx: EngineContext, reference: string): Promise<NetworkInspect> {
  return toApi(findNetwork(await networksNow(ctx), reference))
}
