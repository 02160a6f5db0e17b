/** Where a packet goes, and what a name means, for the processes of containers. */
import { readIndex } from '../../container/containers.ts'
import type { ContainerIndexEntry } from '../../container/summary.ts'
import { readNetworks } from '../../network/networks.ts'
import type { StoreReader } from '../../store/types.ts'
import type { World } from '../world.ts'

export type Route =
  | { net: string; address: string; port: number; from: string }
  | { loading: Promise<unknown> }
  | { error: 'ECONNREFUSED' | 'EHOSTUNREACH' | 'ENETUNREACH' | 'ETIMEDOUT' }

const running = (entry: ContainerIndexEntry | undefined): boolean =>
  entry?.state.status === 'running' || entry?.state.status === 'paused'

/**
 * The namespace and address that a packet from `net` reaches. `open` loads a container's world where it is not in
 * memory yet.
 */
export function routePacket(
  reader: StoreReader,
  net: string,
  to: { address: string; port: number },
  protocol: 'tcp' | 'udp' | 'icmp',
  open: (id: string) => Promise<unknown> | undefined,
): Route {
  const { entries } = readIndex(reader)
  const own = entries[net]
  const ownAddresses = Object.values(own?.networks ?? {}).map(end => end.IPAddress)
  if (to.address.startsWith('127.') || to.address === '::1' || to.address === '0.0.0.0')
    return { net, ...to, from: '127.0.0.1' }
  if (ownAddresses.includes(to.address)) return { net, ...to, from: to.address }
  const reach = (id: string, port: number, address: string, from: string): Route => {
    const loading = open(id)
    return loading ? { loading } : { net: id, address, port, from }
  }
  const networks = readNetworks(reader)
  for (const network of networks) {
    const member = net === 'host' ? { ipv4: network.ipam.config[0]?.Gateway ?? '' } : network.endpoints[net]
    if (!member) continue
    const target = Object.values(network.endpoints).find(end => end.ipv4 === to.address)
    if (target) return reach(target.container, to.port, to.address, member.ipv4)
    const gateway = network.ipam.config.some(pool => pool.Gateway === to.address)
    if (!gateway) continue
    // The gateway is the host: a published port leads on, anything else is refused.
    for (const entry of Object.values(entries)) {
      if (!running(entry)) continue
      for (const [key, bindings] of Object.entries(entry.ports)) {
        const [port = '', kind = 'tcp'] = key.split('/')
        if (
          kind !== protocol ||
          !bindings?.some(binding => Number(binding.HostPort) === to.port && !binding.HostIp.startsWith('127.'))
        )
          continue
        const address = Object.values(entry.networks)[0]?.IPAddress ?? ''
        return reach(entry.id, Number(port), address, member.ipv4)
      }
    }
    return protocol === 'icmp'
      ? { net: 'host', address: to.address, port: 0, from: member.ipv4 }
      : { error: 'ECONNREFUSED' }
  }
  const wayOut = own && Object.values(own.networks).some(end => end.Gateway !== '')
  if (!wayOut) return { error: 'ENETUNREACH' }
  // Other bridges are cut off by the isolation rules, which drop; nothing else of the world is modelled.
  const elsewhere = networks.some(network => Object.values(network.endpoints).some(end => end.ipv4 === to.address))
  return { error: elsewhere ? 'ETIMEDOUT' : 'EHOSTUNREACH' }
}

/** Addresses for a name: /etc/hosts, then the embedded DNS of the user-defined networks the container is on. */
export function resolveName(
  reader: StoreReader,
  world: World | undefined,
  id: string,
  name: string,
  type: 'A' | 'AAAA' | 'PTR',
): string[] {
  const wanted = name.toLowerCase().replace(/\.$/, '')
  const inHosts = hostsLines(world?.textFile('/etc/hosts') ?? '')
  if (type === 'PTR') {
    const local = inHosts.filter(([address]) => address === wanted).flatMap(([, names]) => names.slice(0, 1))
    return [
      ...local,
      ...readNetworks(reader).flatMap(network =>
        network.endpoints[id]
          ? Object.values(network.endpoints)
              .filter(end => end.ipv4 === wanted)
              .map(end => `${end.name}.${network.name}`)
          : [],
      ),
    ]
  }
  const family = (address: string): boolean => address.includes(':') === (type === 'AAAA')
  const local = inHosts
    .filter(([address, names]) => names.some(each => each.toLowerCase() === wanted) && family(address))
    .map(([address]) => address)
  if (local.length > 0) return local
  if (wanted === 'localhost') return [type === 'A' ? '127.0.0.1' : '::1']
  const found: string[] = []
  for (const network of readNetworks(reader)) {
    if (!network.endpoints[id] || network.name === 'bridge') continue
    for (const end of Object.values(network.endpoints)) {
      const address = type === 'A' ? end.ipv4 : end.ipv6
      const names = [...end.dnsNames, ...end.dnsNames.map(each => `${each}.${network.name}`)]
      if (address !== '' && names.some(each => each.toLowerCase() === wanted)) found.push(address)
    }
  }
  return found
}

function hostsLines(text: string): [address: string, names: string[]][] {
  return text.split('\n').flatMap(line => {
    const [address = '', ...names] = (line.split('#', 1)[0] ?? '').trim().split(/\s+/)
    return address === '' ? [] : [[address, names] as [string, string[]]]
  })
}
