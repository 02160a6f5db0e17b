/** Where a packet goes, and what a name means, for the processes of containers. */
import { readIndex } from '../../container/containers.ts'
import type { Route } from '../../kernel/kernel.ts'
import { type RecordType, resolve } from '../../network/dns.ts'
import { follow, type Protocol } from '../../network/fabric.ts'
import { internetPage } from '../../network/internet.ts'
import { readNetworks } from '../../network/networks.ts'
import type { StoreReader } from '../../store/types.ts'
import type { World } from '../world.ts'
import { runs, topologyOf } from './topology.ts'

/**
 * The namespace and address that a packet from `net` reaches. `open` loads a container's world where it is not in
 * memory yet.
 */
export function routePacket(
  reader: StoreReader,
  net: string,
  to: { address: string; port: number },
  protocol: Protocol,
  open: (id: string) => Promise<unknown> | undefined,
): Route {
  const { arrival, failure } = follow(topologyOf(reader), net, to, protocol)
  if (!arrival) {
    const code = failure?.code ?? 'EHOSTUNREACH'
    // What a router says of an echo request is not an error of the sender's.
    return { error: protocol === 'icmp' && !failure?.local && code === 'ENETUNREACH' ? 'EHOSTUNREACH' : code }
  }
  const loading = containersOf(reader, arrival.net).flatMap(id => open(id) ?? [])
  if (loading.length > 0) return { loading: Promise.all(loading) }
  return arrival.net === 'internet' ? { ...arrival, page: internetPage(arrival.address) } : arrival
}

/** The running containers whose processes are in a namespace. */
export function containersOf(reader: StoreReader, net: string): string[] {
  const mode = net === 'host' ? 'host' : `container:${net}`
  return Object.values(readIndex(reader).entries)
    .filter(entry => runs(entry) && (entry.id === net || entry.networkMode === mode))
    .map(entry => entry.id)
}

/** Addresses for a name: /etc/hosts, then the embedded DNS of the networks that the container is on. */
export function resolveName(
  reader: StoreReader,
  world: World | undefined,
  id: string,
  name: string,
  type: RecordType,
): string[] {
  const mode = readIndex(reader).entries[id]?.networkMode ?? ''
  const asking = mode.startsWith('container:') ? mode.slice('container:'.length) : id
  return resolve(readNetworks(reader), asking, world?.textFile('/etc/hosts') ?? '', name, type)
}
