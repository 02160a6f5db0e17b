/** The networks of the store as the fabric sees them. */
import { readIndex } from '../../container/containers.ts'
import type { ContainerIndexEntry } from '../../container/summary.ts'
import { parsePrefix } from '../../network/address.ts'
import { bridgeOptions } from '../../network/bridge-options.ts'
import { type Endpoint, type FabricNetwork, type Topology, tablesOf } from '../../network/fabric.ts'
import type { Published } from '../../network/firewall.ts'
import { readPool } from '../../network/ipam.ts'
import { readNetworks } from '../../network/networks.ts'
import { comparePorts } from '../../network/ports.ts'
import type { NetworkRecord } from '../../network/record.ts'
import type { StoreReader } from '../../store/types.ts'
import { gatewayOf } from './interfaces.ts'

export const runs = (entry: ContainerIndexEntry | undefined): boolean =>
  entry?.state.status === 'running' || entry?.state.status === 'paused'

/** Networks, endpoints, published ports and the rules that follow from them. */
export function topologyOf(reader: StoreReader): Topology {
  const { entries } = readIndex(reader)
  const networks = readNetworks(reader)
    .filter(network => network.ipam.config.length > 0 && !network.configOnly)
    .sort((a, b) => Number(b.name === 'bridge') - Number(a.name === 'bridge') || a.created - b.created)
    .map(network => fabricNetwork(network, entries))
  const members = new Map<string, { network: FabricNetwork; endpoint: Endpoint }[]>()
  for (const network of networks)
    for (const endpoint of network.endpoints) {
      const list = members.get(endpoint.container)
      if (list) list.push({ network, endpoint })
      else members.set(endpoint.container, [{ network, endpoint }])
    }
  const published = Object.values(entries)
    .filter(runs)
    .sort((a, b) => a.state.startedAt - b.state.startedAt || a.sequence - b.sequence)
    .flatMap(entry => publishedBy(entry, members.get(entry.id) ?? []))
  return {
    networks,
    published,
    membersOf: container => members.get(container) ?? [],
    nameOf: container => entries[container]?.name ?? container,
    tables: tablesOf(networks, published),
  }
}

function fabricNetwork(network: NetworkRecord, entries: Record<string, ContainerIndexEntry>): FabricNetwork {
  const { bridge, icc, masquerade } = bridgeOptions(network)
  const pools = network.ipam.config.flatMap(config => readPool(config) ?? [])
  const four = pools.find(pool => pool.subnet.family === 4)
  const subnet = network.ipam.config.map(config => config.Subnet).find(text => parsePrefix(text)?.family === 4) ?? ''
  const endpoints = Object.values(network.endpoints).map((end): Endpoint => {
    const entry = entries[end.container]
    const own = entry?.networks[network.name]
    return {
      container: end.container,
      name: end.name,
      interface: end.interface?.name ?? 'eth0',
      ipv4: end.ipv4,
      ipv6: end.ipv6,
      gateway: own?.Gateway ?? '',
      gateway6: own?.IPv6Gateway ?? '',
      isDefault: entry !== undefined && own !== undefined && gatewayOf(entry) === own,
    }
  })
  const byAddress = new Map<string, Endpoint>()
  for (const end of endpoints)
    for (const address of [end.ipv4, end.ipv6]) if (address !== '') byAddress.set(address, end)
  return {
    name: network.name,
    driver: network.driver,
    bridge: { name: bridge, subnet, gateway: four?.gateway ?? '', internal: network.internal, icc, masquerade },
    prefixes: pools.map(pool => pool.subnet),
    gateway6: pools.find(pool => pool.subnet.family === 6)?.gateway ?? '',
    endpoints,
    byAddress,
  }
}

/** The host ports of a container, which lead to it through the network of its default gateway. */
function publishedBy(
  entry: ContainerIndexEntry,
  members: readonly { network: FabricNetwork; endpoint: Endpoint }[],
): Published[] {
  const way = members.find(({ endpoint }) => endpoint.isDefault)
  if (!way) return []
  return Object.entries(entry.ports)
    .sort(([a], [b]) => comparePorts(a, b))
    .flatMap(([key, bindings]) => {
      const [port = '', protocol = 'tcp'] = key.split('/')
      return (bindings ?? []).map(binding => ({
        bridge: way.network.bridge,
        address: way.endpoint.ipv4,
        hostAddress: binding.HostIp,
        hostPort: Number(binding.HostPort),
        port: Number(port),
        protocol,
      }))
    })
}
