/** What starting and stopping a container does on its networks: addresses, names, interfaces. */
import type { EndpointSettings } from '../../api/network.ts'
import type { ContainerRecord } from '../../container/record.ts'
import { EngineError, forbidden, systemError } from '../../errors.ts'
import { bridgeOptions, isInterfaceName, longestInterfaceName } from '../../network/bridge-options.ts'
import { pickAddress, readPool } from '../../network/ipam.ts'
import { ensureNetworks, findNetwork, nextIndex, saveNetwork } from '../../network/networks.ts'
import type { EndpointRecord, NetworkRecord } from '../../network/record.ts'
import { networkingFailed } from '../container/errors.ts'
import type { Live } from '../live.ts'
import { checkJoin } from './checks.ts'
import { publish } from './publish.ts'

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
    DNSNames: given.DNSNames ?? null,
  }
}

/**
 * Connects a container to every network it is to be on, then publishes its ports. Throws in Docker's words; who
 * calls gives back what was taken by then (`leaveNetworks`).
 */
export function joinNetworks(live: Live, container: ContainerRecord): void {
  const mode = container.hostConfig.NetworkMode
  if (mode.startsWith('container:')) return
  container.sandboxId = live.random.id()
  networking(() => {
    const all = ensureNetworks(live.tx, live.time, live.random)
    for (const [name, endpoint] of Object.entries(container.networks)) {
      const network = findNetwork(all, endpoint.NetworkID || name)
      checkJoin(container, network)
      joinNetwork(live, container, network, endpoint)
    }
    container.ports = publish(live, container)
  })
}

/** What fails here fails as networking does. */
function networking(work: () => void): void {
  try {
    work()
  } catch (error) {
    throw error instanceof EngineError ? networkingFailed(error.message) : error
  }
}

/** Connects to one network: fills the endpoint and the network's record, and tells the world. */
export function joinNetwork(
  live: Live,
  container: ContainerRecord,
  network: NetworkRecord,
  endpoint: EndpointSettings,
): void {
  if (network.configOnly) throw forbidden('cannot create endpoint on configuration-only network')
  endpoint.NetworkID = network.id
  endpoint.EndpointID = live.random.id()
  takeAddresses(network, endpoint)
  const [octet = '0'] = endpoint.MacAddress.split(':')
  if (Number.parseInt(octet, 16) & 1)
    throw notAdded(
      live,
      veth => `error setting interface "${veth}" MAC to "${endpoint.MacAddress}": cannot assign requested address`,
    )
  if (endpoint.MacAddress === '' && network.ipam.config.length > 0)
    endpoint.MacAddress = randomMac(live.random.bytes(6))
  endpoint.DNSNames = dnsNames(container, network, endpoint)
  network.endpoints[container.id] = {
    container: container.id,
    name: container.name,
    endpointId: endpoint.EndpointID,
    mac: endpoint.MacAddress,
    ipv4: endpoint.IPAddress,
    ipv6: endpoint.GlobalIPv6Address,
    dnsNames: endpoint.DNSNames ?? [],
    ...(network.ipam.config.length > 0 && { interface: newInterface(live, container, network, endpoint) }),
    ...(endpoint.DNSNames && endpoint.Links?.length && { links: linkNames(live, endpoint.Links) }),
  }
  saveNetwork(live.tx, network)
  live.emit({
    type: 'network',
    action: 'connect',
    id: network.id,
    attributes: { container: container.id, name: network.name, type: network.driver },
  })
}

function takeAddresses(network: NetworkRecord, endpoint: EndpointSettings): void {
  const used = new Set(Object.values(network.endpoints).flatMap(other => [other.ipv4, other.ipv6]))
  for (const config of network.ipam.config) {
    const pool = readPool(config)
    if (!pool) continue
    const { family, bits } = pool.subnet
    const known = family === 4 ? endpoint.IPAddress : endpoint.GlobalIPv6Address
    if (known !== '' || !(family === 4 ? network.enableIPv4 : network.enableIPv6)) continue
    const { IPv4Address, IPv6Address } = endpoint.IPAMConfig ?? {}
    const address = pickAddress(pool, used, family === 4 ? IPv4Address : IPv6Address)
    if (address === undefined)
      throw forbidden(
        `no available IPv${family} addresses on this network's address pools: ${network.name} (${network.id})`,
      )
    const gateway = network.internal ? '' : pool.gateway
    Object.assign(
      endpoint,
      family === 4
        ? { IPAddress: address, IPPrefixLen: bits, Gateway: gateway }
        : { GlobalIPv6Address: address, GlobalIPv6PrefixLen: bits, IPv6Gateway: gateway },
    )
  }
}

/** Names that a container has on a network of the user's; null on the predefined ones. */
export function dnsNames(
  container: Pick<ContainerRecord, 'id' | 'name' | 'config'>,
  network: NetworkRecord,
  endpoint: EndpointSettings,
): string[] | null {
  if (network.name === 'bridge' || network.driver === 'host' || network.driver === 'null') return null
  const names = [container.name, ...(endpoint.Aliases ?? []), container.id.slice(0, 12), container.config.Hostname]
  return [...new Set(names.filter(name => name !== ''))]
}

/** The name that its options give, or the lowest free one (eth0, eth1, …), and the next numbers of the container's and the host's interfaces. */
function newInterface(
  live: Live,
  container: ContainerRecord,
  network: NetworkRecord,
  endpoint: EndpointSettings,
): NonNullable<EndpointRecord['interface']> {
  const all = ensureNetworks(live.tx, live.time, live.random)
  const own: NonNullable<EndpointRecord['interface']>[] = []
  for (const other of all) {
    const known = other.endpoints[container.id]?.interface
    if (known) own.push(known)
  }
  const prefix = bridgeOptions(network).interfacePrefix
  let number = 0
  while (own.some(each => each.name === `${prefix}${number}`)) number++
  const asked = endpoint.DriverOpts?.['com.docker.network.endpoint.ifname']
  const fault = asked
    ? nameFault(
        asked,
        own.map(each => each.name),
      )
    : undefined
  if (fault) throw notAdded(live, veth => `error renaming interface "${veth}" to "${asked}": ${fault}`)
  const name = asked || `${prefix}${number}`
  return { name, index: Math.max(1, ...own.map(each => each.index)) + 1, peer: nextIndex(all) }
}

/** Why the kernel takes no interface of that name. */
function nameFault(name: string, taken: readonly string[]): string | undefined {
  if (name.length > longestInterfaceName) return 'numerical result out of range'
  if (!isInterfaceName(name)) return 'invalid argument'
  return name === 'lo' || taken.includes(name) ? 'file exists' : undefined
}

/** An interface that cannot be brought into the container. */
function notAdded(live: Live, reason: (veth: string) => string): EngineError {
  const veth = `veth${live.random.id().slice(0, 7)}`
  return systemError(`failed to add interface ${veth} to sandbox: ${reason(veth)}`)
}

/** `--link` on a network of the user's: container ids by alias, in lower case. One that is not there is no error. */
function linkNames(live: Live, links: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    links.flatMap(link => {
      const [reference = '', alias = reference] = link.split(':')
      const linked = findContainer(live, reference)
      return linked ? [[alias.toLowerCase(), linked.id]] : []
    }),
  )
}

function findContainer(live: Live, reference: string): ContainerRecord | undefined {
  try {
    return live.find(reference)
  } catch (error) {
    if (error instanceof EngineError && error.kind === 'notFound') return undefined
    throw error
  }
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

/** A container has another name: its networks and their DNS know it by that. */
export function renameEndpoints(live: Live, container: ContainerRecord): void {
  for (const network of ensureNetworks(live.tx, live.time, live.random)) {
    const known = network.endpoints[container.id]
    const endpoint = container.networks[network.name]
    if (!known || !endpoint) continue
    endpoint.DNSNames = dnsNames(container, network, endpoint)
    network.endpoints[container.id] = { ...known, name: container.name, dnsNames: endpoint.DNSNames ?? [] }
    saveNetwork(live.tx, network)
  }
}

/** A locally administered unicast address. */
function randomMac(bytes: Uint8Array): string {
  const [first = 0, ...rest] = bytes
  return [(first & 0xfe) | 0x02, ...rest].map(byte => byte.toString(16).padStart(2, '0')).join(':')
}
