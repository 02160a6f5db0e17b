/** Where a packet goes, and what a name means, for the processes of containers. */
import { readIndex } from '../../container/containers.ts'
import type { Route } from '../../kernel/kernel.ts'
import {
  embeddedAnswer,
  embeddedServer,
  fromHosts,
  hasEmbeddedServer,
  internetAnswer,
  type RecordType,
} from '../../network/dns.ts'
import { follow, type Protocol } from '../../network/fabric.ts'
import { hostNameServer } from '../../network/host.ts'
import { internetPage } from '../../network/internet.ts'
import { readNetworks } from '../../network/networks.ts'
import type { StoreReader } from '../../store/types.ts'
import type { Random } from '../../util/random.ts'
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

/** Addresses and ports of the host that lead to running containers. */
export function publishedPorts(reader: StoreReader, protocol: string): { address: string; port: number }[] {
  return Object.values(readIndex(reader).entries)
    .filter(runs)
    .flatMap(entry =>
      Object.entries(entry.ports)
        .filter(([key]) => key.endsWith(`/${protocol}`))
        .flatMap(([, bindings]) => bindings ?? []),
    )
    .map(binding => ({ address: binding.HostIp, port: Number(binding.HostPort) }))
}

/** Who looks a name up: a container, or `host`. */
export interface Asking {
  id: string
  /** Its network namespace. */
  net: string
  world: World | undefined
}

/**
 * Addresses for a name as getaddrinfo finds them: /etc/hosts, then the name servers of /etc/resolv.conf in turn.
 * [] when none of them knows it.
 */
export function resolveName(
  reader: StoreReader,
  asking: Asking,
  name: string,
  type: RecordType,
  random: Random,
): string[] {
  const local = fromHosts(asking.world?.textFile('/etc/hosts') ?? '', name, type)
  if (local.length > 0) return local
  for (const server of nameServers(asking.world?.textFile('/etc/resolv.conf') ?? '')) {
    const answer = askServer(reader, asking, server, name, type, random)
    if (Array.isArray(answer)) return answer
  }
  return []
}

const nameServers = (text: string): string[] => {
  const servers = [...text.matchAll(/^nameserver[ \t]+(\S+)/gm)].map(match => match[1] ?? '')
  return servers.length > 0 ? servers : [text === '' ? hostNameServer : '127.0.0.1']
}

/** What one name server answers, or why it does not. Several addresses come in any order, so that load is spread. */
export function askServer(
  reader: StoreReader,
  asking: Asking,
  server: string,
  name: string,
  type: RecordType,
  random: Random,
): string[] | { error: 'ECONNREFUSED' | 'EHOSTUNREACH' | 'ENETUNREACH' | 'ETIMEDOUT' } {
  const networks = readNetworks(reader)
  if (server === embeddedServer && hasEmbeddedServer(networks, asking.net))
    return shuffled(embeddedAnswer(networks, asking.net, name, type), random)
  const { arrival, failure } = follow(topologyOf(reader), asking.net, { address: server, port: 53 }, 'udp')
  if (arrival?.net === 'internet') return internetAnswer(name, type)
  return { error: failure?.code ?? 'ECONNREFUSED' }
}

function shuffled(list: string[], random: Random): string[] {
  const bytes = list.length > 1 ? random.bytes(list.length) : []
  return list
    .map((value, at) => ({ value, key: bytes[at] ?? 0 }))
    .sort((a, b) => a.key - b.key)
    .map(each => each.value)
}
