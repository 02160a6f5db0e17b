/** The networks' endpoints of the API: list, inspect, create, remove, connect, disconnect, prune. */
import type { EndpointSettings, IpamPool, NetworkCreateRequest, NetworkInspect } from '../../api/network.ts'
import type { Filters } from '../../api/system.ts'
import { readIndex } from '../../container/containers.ts'
import { matchLabels } from '../../container/filters.ts'
import { conflict, forbidden, invalid, notFound } from '../../errors.ts'
import { contains, overlaps, parseAddress, parsePrefix } from '../../network/address.ts'
import { pickSubnet } from '../../network/ipam.ts'
import { ensureNetworks, findNetwork, networkPath, readNetworks, saveNetwork } from '../../network/networks.ts'
import { type NetworkRecord, predefined } from '../../network/record.ts'
import type { StoreReader } from '../../store/types.ts'
import { rfc3339Nano } from '../../util/time.ts'
import type { EngineContext } from '../context.ts'
import { parseTimeFilter } from '../time-filter.ts'
import { emptyEndpoint, joinNetwork, leaveNetwork } from './join.ts'

const drivers = ['bridge', 'host', 'null', 'macvlan', 'ipvlan', 'overlay']
const acceptedFilters = ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type']
const prunable = (network: NetworkRecord): boolean => !(predefined as readonly string[]).includes(network.name)

/** The API's shape of a network; containers are those that run on it. */
function toApi(network: NetworkRecord): NetworkInspect {
  const bits = (address: string): string => {
    const parsed = parseAddress(address)
    const pool = network.ipam.config
      .map(config => parsePrefix(config.Subnet))
      .find(prefix => parsed && prefix?.family === parsed.family && contains(prefix, parsed.value))
    return address === '' ? '' : `${address}/${pool?.bits ?? 32}`
  }
  return {
    Name: network.name,
    Id: network.id,
    Created: rfc3339Nano(network.created),
    Scope: network.scope,
    Driver: network.driver,
    EnableIPv4: network.enableIPv4,
    EnableIPv6: network.enableIPv6,
    IPAM: { Driver: network.ipam.driver, Options: network.ipam.options, Config: network.ipam.config },
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
          IPv4Address: bits(end.ipv4),
          IPv6Address: bits(end.ipv6),
        },
      ]),
    ),
    Options: network.options,
    Labels: network.labels,
  }
}

async function networksNow(ctx: EngineContext): Promise<NetworkRecord[]> {
  await ctx.machine.settle()
  const found = readNetworks(ctx.store)
  return found.length > 0 ? found : ctx.machine.change(live => ensureNetworks(live.tx, live.time, live.random))
}

export async function listNetworks(ctx: EngineContext, filters: Filters = {}): Promise<NetworkInspect[]> {
  for (const key of Object.keys(filters)) if (!acceptedFilters.includes(key)) throw invalid(`invalid filter '${key}'`)
  const any = (key: string, test: (value: string) => boolean): boolean => !filters[key] || filters[key].some(test)
  for (const type of filters['type'] ?? [])
    if (type !== 'custom' && type !== 'builtin') throw invalid(`invalid filter: 'type'='${type}'`)
  const all = await networksNow(ctx)
  return all
    .filter(
      network =>
        any('driver', value => network.driver === value) &&
        any('id', value => network.id.includes(value)) &&
        any('name', value => network.name.includes(value)) &&
        any('scope', value => network.scope === value) &&
        any('type', value => (value === 'custom') === prunable(network)) &&
        any('dangling', value => ['true', '1'].includes(value) === (prunable(network) && !inUse(ctx.store, network))) &&
        matchLabels(filters['label'] ?? [], network.labels),
    )
    .map(toApi)
}

export async function inspectNetwork(ctx: EngineContext, reference: string): Promise<NetworkInspect> {
  return toApi(findNetwork(await networksNow(ctx), reference))
}

/** Makes a network (moby daemon/network.go). */
export async function createNetwork(
  ctx: EngineContext,
  request: NetworkCreateRequest,
): Promise<{ Id: string; Warning: string }> {
  return ctx.machine.change(live => {
    const all = ensureNetworks(live.tx, live.time, live.random)
    const driver = request.Driver || 'bridge'
    if ((predefined as readonly string[]).includes(request.Name) || request.Name === 'default')
      throw forbidden(`operation is not permitted on predefined ${request.Name} network`)
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(request.Name))
      throw invalid(
        request.Name.trim() === ''
          ? 'network name cannot be empty'
          : `invalid network name: ${request.Name}: only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
      )
    if (all.some(network => network.name === request.Name))
      throw conflict(`network with name ${request.Name} already exists`)
    if (driver === 'overlay')
      throw forbidden(
        'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
      )
    if (driver === 'host' || driver === 'null') throw forbidden(`only one instance of "${driver}" network is allowed`)
    if (!drivers.includes(driver))
      throw notFound(`could not find plugin ${driver} in v1 plugin registry: plugin not found`)
    const inUseNow = all.flatMap(network => network.ipam.config.map(config => config.Subnet))
    const network: NetworkRecord = {
      v: 1,
      id: live.random.id(),
      name: request.Name,
      created: live.time,
      driver,
      scope: 'local',
      internal: request.Internal ?? false,
      attachable: request.Attachable ?? false,
      ingress: request.Ingress ?? false,
      configOnly: request.ConfigOnly ?? false,
      configFrom: request.ConfigFrom?.Network ?? '',
      enableIPv4: request.EnableIPv4 ?? true,
      enableIPv6: request.EnableIPv6 ?? false,
      ipam: {
        driver: request.IPAM?.Driver || 'default',
        options: request.IPAM?.Options ?? {},
        config: pools(request.IPAM?.Config ?? [], inUseNow),
      },
      options: request.Options ?? {},
      labels: request.Labels ?? {},
      endpoints: {},
    }
    saveNetwork(live.tx, network)
    live.emit({ type: 'network', action: 'create', id: network.id, attributes: { name: network.name, type: driver } })
    return { Id: network.id, Warning: '' }
  })
}

/** Checks given pools and completes them; a network without any gets the next default subnet. */
function pools(given: readonly IpamPool[], inUseNow: readonly string[]): IpamPool[] {
  const wanted = given.filter(pool => pool.Subnet || pool.Gateway || pool.IPRange)
  if (wanted.length === 0) return [pickSubnet(inUseNow)]
  return wanted.map(pool => {
    const subnet = parsePrefix(pool.Subnet ?? '')
    if (!subnet) throw invalid(`invalid subnet ${pool.Subnet}: invalid CIDR block notation`)
    for (const other of inUseNow) {
      const prefix = parsePrefix(other)
      if (prefix && overlaps(prefix, subnet))
        throw forbidden('invalid pool request: Pool overlaps with other one on this address space')
    }
    const inside = (text: string): boolean => {
      const address = parseAddress(text)
      return address !== undefined && contains(subnet, address.value)
    }
    if (pool.Gateway && !inside(pool.Gateway))
      throw invalid(
        `invalid network config:\ninvalid gateway ${pool.Gateway}: parent subnet ${pool.Subnet} doesn't contain it`,
      )
    const range = pool.IPRange ? parsePrefix(pool.IPRange) : undefined
    if (pool.IPRange && (!range || !overlaps(range, subnet) || range.bits < subnet.bits))
      throw invalid(
        `invalid network config:\ninvalid ip-range ${pool.IPRange}: parent subnet ${pool.Subnet} doesn't contain ip-range`,
      )
    const first = parseAddress((pool.Subnet ?? '').split('/')[0] ?? '')
    return { ...pool, Gateway: pool.Gateway || (first ? pickSubnetGateway(pool.Subnet) : '') }
  })
}

/** The first address of a subnet. */
function pickSubnetGateway(subnet: string): string {
  const [network = ''] = subnet.split('/')
  return network.replace(/(\d+)$/, last => String(Number(last) + 1))
}

function inUse(reader: StoreReader, network: NetworkRecord): boolean {
  return Object.values(readIndex(reader).entries).some(entry =>
    Object.entries(entry.networks).some(([name, end]) => end.NetworkID === network.id || name === network.name),
  )
}

/** Removes a network without endpoints. */
export async function removeNetwork(ctx: EngineContext, reference: string): Promise<void> {
  await ctx.machine.change(live => {
    const network = findNetwork(ensureNetworks(live.tx, live.time, live.random), reference)
    if (!prunable(network)) throw forbidden(`${network.name} is a pre-defined network and cannot be removed`)
    const endpoints = Object.values(network.endpoints)
    if (endpoints.length > 0)
      throw forbidden(
        `error while removing network: network ${network.name} has active endpoints (${endpoints.map(end => `name:"${end.name}" id:"${end.endpointId.slice(0, 12)}"`).join(', ')})`,
      )
    live.tx.remove(networkPath(network.id))
    live.emit({
      type: 'network',
      action: 'destroy',
      id: network.id,
      attributes: { name: network.name, type: network.driver },
    })
  })
}

/** Connects a container, at once when it runs. */
export async function connectNetwork(
  ctx: EngineContext,
  reference: string,
  containerReference: string,
  given: Partial<EndpointSettings> = {},
): Promise<void> {
  await ctx.machine.change(async live => {
    const network = findNetwork(ensureNetworks(live.tx, live.time, live.random), reference)
    const container = live.find(containerReference)
    if (container.networks[network.name]?.EndpointID || network.endpoints[container.id])
      throw forbidden(`endpoint with name ${container.name} already exists in network ${network.name}`)
    if (container.hostConfig.NetworkMode === 'host' || network.name === 'host')
      throw invalid('container cannot be connected to host network')
    const endpoint = emptyEndpoint({ ...given, NetworkID: network.id })
    if (container.state.status === 'running' || container.state.status === 'paused') {
      joinNetwork(live, container, network, endpoint)
      container.networks[network.name] = endpoint
      ;(await live.world(container)).networksChanged(container)
    } else container.networks[network.name] = endpoint
    live.save(container)
  })
}

/** Disconnects a container. */
export async function disconnectNetwork(
  ctx: EngineContext,
  reference: string,
  containerReference: string,
  force = false,
): Promise<void> {
  await ctx.machine.change(async live => {
    const network = findNetwork(ensureNetworks(live.tx, live.time, live.random), reference)
    const container = live.find(containerReference)
    if (container.hostConfig.NetworkMode === 'host')
      throw invalid('container cannot be disconnected from host network or connected to host network')
    if (!container.networks[network.name]) {
      if (force) return
      throw forbidden(`container ${container.id} is not connected to network ${network.name}`)
    }
    if (network.endpoints[container.id]) leaveNetwork(live, container, network)
    delete container.networks[network.name]
    if (container.state.status === 'running' || container.state.status === 'paused')
      (await live.world(container)).networksChanged(container)
    live.save(container)
  })
}

/** Removes every network of the user's that no container is on; gives their names. */
export async function pruneNetworks(ctx: EngineContext, filters: Filters = {}): Promise<string[]> {
  for (const key of Object.keys(filters))
    if (!['label', 'label!', 'until'].includes(key)) throw invalid(`invalid filter '${key}'`)
  return ctx.machine.change(live => {
    const until = parseTimeFilter(filters['until'], live.time)
    const out: string[] = []
    for (const network of ensureNetworks(live.tx, live.time, live.random)) {
      if (!prunable(network) || inUse(live.tx, network) || (until !== undefined && network.created >= until)) continue
      if (!matchLabels(filters['label'] ?? [], network.labels)) continue
      if (filters['label!']?.some(label => matchLabels([label], network.labels))) continue
      live.tx.remove(networkPath(network.id))
      out.push(network.name)
    }
    return out
  })
}
