/** What starting and stopping a container does on its networks: addresses, names, published ports. */
import type { PortMap } from '../../api/container.ts'
import type { EndpointSettings } from '../../api/network.ts'
import { readIndex } from '../../container/containers.ts'
import type { ContainerRecord } from '../../container/record.ts'
import { parsePrefix } from '../../network/address.ts'
import { pickAddress } from '../../network/ipam.ts'
import { ensureNetworks, findNetwork, saveNetwork } from '../../network/networks.ts'
import { allocatePorts, portsHeld } from '../../network/ports.ts'
import type { NetworkRecord } from '../../network/record.ts'
import { networkingFailed } from '../container/errors.ts'
import type { Live } from '../live.ts'

/** An endpoint before it is connected: everything that a user may set, nothing else. */
export function emptyEndpoint(given: Partial<EndpointSettings> = {}): EndpointSettings {
  return {
    IPAMConfig: given.IPAMConfig ?? null,
    Links: given.Links ?? null,
    Aliases: given.Aliases ?? null,
    MacAddress: given.MacAddress ?? '',
    DriverOpts: given.DriverOpts ?? null,
    GwPriority: given.GwPriority ?? 0,
    NetworkID: given.NetworkID ?? '',
    EndpointID: '',
    Gateway: '',
    IPAddress: '',
    IPPrefixLen: 0,
    IPv6Gateway: '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    DNSNames: null,
  }
}

/** Connects a container to every network it is to be on, then publishes its ports. Throws without leaving a trace. */
export function joinNetworks(live: Live, container: ContainerRecord): void {
  const all = ensureNetworks(live.tx, live.time, live.random)
  const mode = container.hostConfig.NetworkMode
  if (mode.startsWith('container:')) return
  container.sandboxId = live.random.id()
  const endpointIds: string[] = []
  for (const [name, endpoint] of Object.entries(container.networks)) {
    const network = findNetwork(all, endpoint.NetworkID || name)
    joinNetwork(live, container, network, endpoint)
    endpointIds.push(endpoint.EndpointID)
  }
  container.ports = mode === 'host' || mode === 'none' ? {} : publish(live, container, endpointIds[0] ?? '')
}

/** Connects to one network: fills the endpoint and the network's record, and tells the world. */
export function joinNetwork(
  live: Live,
  container: ContainerRecord,
  network: NetworkRecord,
  endpoint: EndpointSettings,
): void {
  endpoint.NetworkID = network.id
  endpoint.EndpointID = live.random.id()
  const used = new Set(Object.values(network.endpoints).flatMap(other => [other.ipv4, other.ipv6]))
  for (const pool of network.ipam.config) {
    const subnet = parsePrefix(pool.Subnet)
    if (subnet?.family === 4 && endpoint.IPAddress === '') {
      endpoint.IPAddress = pickAddress(pool, used, endpoint.IPAMConfig?.IPv4Address)
      endpoint.IPPrefixLen = subnet.bits
      endpoint.Gateway = network.internal ? '' : (pool.Gateway ?? '')
    } else if (subnet?.family === 6 && endpoint.GlobalIPv6Address === '') {
      endpoint.GlobalIPv6Address = pickAddress(pool, used, endpoint.IPAMConfig?.IPv6Address)
      endpoint.GlobalIPv6PrefixLen = subnet.bits
      endpoint.IPv6Gateway = network.internal ? '' : (pool.Gateway ?? '')
    }
  }
  if (endpoint.MacAddress === '' && network.ipam.config.length > 0)
    endpoint.MacAddress = randomMac(live.random.bytes(6))
  const named = network.name !== 'bridge' && network.driver !== 'host' && network.driver !== 'null'
  const names = [container.name, ...(endpoint.Aliases ?? []), container.id.slice(0, 12), container.config.Hostname]
  if (named) endpoint.DNSNames = [...new Set(names.filter(name => name !== ''))]
  network.endpoints[container.id] = {
    container: container.id,
    name: container.name,
    endpointId: endpoint.EndpointID,
    mac: endpoint.MacAddress,
    ipv4: endpoint.IPAddress,
    ipv6: endpoint.GlobalIPv6Address,
    dnsNames: endpoint.DNSNames ?? [],
  }
  saveNetwork(live.tx, network)
  live.emit({
    type: 'network',
    action: 'connect',
    id: network.id,
    attributes: { container: container.id, name: network.name, type: network.driver },
  })
}

/** Gives back every address and port of a container that has ended. */
export function leaveNetworks(live: Live, container: ContainerRecord): void {
  const all = ensureNetworks(live.tx, live.time, live.random)
  for (const [name, endpoint] of Object.entries(container.networks)) {
    const network = all.find(candidate => candidate.id === endpoint.NetworkID)
    if (network?.endpoints[container.id]) leaveNetwork(live, container, network)
    container.networks[name] = { ...emptyEndpoint(endpoint), MacAddress: container.config.MacAddress ?? '' }
  }
  container.ports = {}
}

/** Disconnects one network from a running container. */
export function leaveNetwork(live: Live, container: ContainerRecord, network: NetworkRecord): void {
  delete network.endpoints[container.id]
  saveNetwork(live.tx, network)
  live.emit({
    type: 'network',
    action: 'disconnect',
    id: network.id,
    attributes: { container: container.id, name: network.name, type: network.driver },
  })
}

function publish(live: Live, container: ContainerRecord, endpointId: string): PortMap {
  const inUse = new Set<string>()
  for (const entry of Object.values(readIndex(live.tx).entries))
    if (entry.id !== container.id) for (const key of portsHeld(entry.ports)) inUse.add(key)
  const exposed = Object.keys(container.config.ExposedPorts ?? {})
  return allocatePorts(exposed, container.hostConfig, inUse, (address, port) =>
    networkingFailed(
      `driver failed programming external connectivity on endpoint ${container.name} (${endpointId}): Bind for ${address}:${port} failed: port is already allocated`,
    ),
  )
}

/** A locally administered unicast address. */
function randomMac(bytes: Uint8Array): string {
  const [first = 0, ...rest] = bytes
  return [(first & 0xfe) | 0x02, ...rest].map(byte => byte.toString(16).padStart(2, '0')).join(':')
}
