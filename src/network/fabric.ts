/**
 * The way of a packet: the sender's routes, the bridge, the host's rules, the receiver. Connectivity is what this
 * says; `network trace` prints the very hops that decided. Pure: the topology comes in, a path comes out.
 */
import { contains, formatPrefix, type Prefix, parseAddress } from './address.ts'
import { type Bridge, firewall, type Published } from './firewall.ts'
import { hostAddress, hostGateway, hostInterface } from './host.ts'
import { answersOn, isInternetHost } from './internet.ts'
import { evaluate, type Packet, type TableName, type Tables } from './iptables.ts'

/** A container on a network. */
export interface Endpoint {
  container: string
  name: string
  /** Its interface in the container. */
  interface: string
  ipv4: string
  ipv6: string
  /** '' on networks without a way out. */
  gateway: string
  /** The same for IPv6. */
  gateway6: string
  /** Whether the container's default route goes this way. */
  isDefault: boolean
}

export interface FabricNetwork {
  name: string
  driver: string
  bridge: Bridge
  prefixes: readonly Prefix[]
  /** The host's IPv6 address on it. */
  gateway6: string
  endpoints: readonly Endpoint[]
  /** The same, by address. */
  byAddress: ReadonlyMap<string, Endpoint>
}

export interface Topology {
  /** In the order in which they were made. */
  networks: readonly FabricNetwork[]
  /** In the order in which their containers were started. */
  published: readonly Published[]
  /** Which networks a container is on. */
  membersOf: (container: string) => readonly { network: FabricNetwork; endpoint: Endpoint }[]
  nameOf: (container: string) => string
  tables: Tables
}

/** The rules that hold in a topology; made once for all its packets. */
export function tablesOf(networks: readonly FabricNetwork[], published: readonly Published[]): Tables {
  const bridged = networks.filter(network => network.driver === 'bridge')
  return firewall(
    bridged.map(network => network.bridge),
    bridged.flatMap(({ bridge, endpoints }) =>
      endpoints.filter(end => end.ipv4 !== '').map(end => ({ bridge, address: end.ipv4 })),
    ),
    published,
  )
}

export interface Hop {
  /** Where the packet is: `web`, `host`, `internet`. */
  at: string
  /** What happens there, in words. */
  what: string
  /** The rule of the firewall, or the route, that decided. */
  rule?: string
  table?: TableName
  chain?: string
}

export type Failure = 'ECONNREFUSED' | 'EHOSTUNREACH' | 'ENETUNREACH' | 'ETIMEDOUT'

export interface Arrival {
  /** Network namespace: a container's id, `host`, or `internet`. */
  net: string
  address: string
  port: number
  /** The sender's address as the receiver sees it. */
  from: string
  /** docker-proxy took the connection, and opened another one to the container. */
  proxied: boolean
}

export interface Path {
  hops: Hop[]
  arrival?: Arrival
  /** Why it does not arrive; `local`: the sender's own kernel says so at once. */
  failure?: { code: Failure; local: boolean }
}

export type Protocol = 'tcp' | 'udp' | 'icmp'

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1'
const isAny = (address: string): boolean => address === '0.0.0.0' || address === '::'

/** Follows a packet from a namespace (a container's id, or `host`) to an address. */
export function follow(
  topology: Topology,
  from: string,
  to: { address: string; port: number },
  protocol: Protocol,
): Path {
  return new Walk(topology, protocol).start(from, to)
}

class Walk {
  readonly #topology: Topology
  readonly #protocol: Protocol
  readonly #hops: Hop[] = []

  constructor(topology: Topology, protocol: Protocol) {
    this.#topology = topology
    this.#protocol = protocol
  }

  start(from: string, to: { address: string; port: number }): Path {
    return from === 'host' ? this.#fromHost(to) : this.#fromContainer(from, to)
  }

  #fromContainer(id: string, to: { address: string; port: number }): Path {
    const at = this.#topology.nameOf(id)
    const own = this.#topology.membersOf(id)
    const mine = own.some(({ endpoint }) => endpoint.ipv4 === to.address || endpoint.ipv6 === to.address)
    if (isLoopback(to.address) || isAny(to.address) || mine) {
      this.#hop({ at, what: `${to.address} is its own address: the packet stays inside`, rule: 'dev lo' })
      return this.#arrive({ net: id, ...to, from: mine ? to.address : loopbackOf(to.address), proxied: false })
    }
    const value = parseAddress(to.address)
    const direct = own.find(({ network }) =>
      network.prefixes.some(prefix => value?.family === prefix.family && contains(prefix, value.value)),
    )
    if (direct) return this.#onLink(at, direct.network, direct.endpoint, to)
    const way =
      value?.family === 4
        ? own.find(({ endpoint }) => endpoint.isDefault && endpoint.gateway !== '')
        : own.find(({ endpoint }) => endpoint.gateway6 !== '')
    if (!way) {
      this.#hop({ at, what: `no route to ${to.address}: the network is unreachable` })
      return this.#fail('ENETUNREACH', true)
    }
    const { network, endpoint } = way
    const gateway = value?.family === 4 ? endpoint.gateway : endpoint.gateway6
    this.#hop({
      at,
      what: `leaves ${endpoint.interface} for the gateway ${gateway}`,
      rule: `default via ${gateway} dev ${endpoint.interface}`,
    })
    if (network.driver !== 'bridge') {
      this.#hop({
        at: network.name,
        what: `nothing is at the gateway ${gateway} of this ${network.driver} network`,
      })
      return this.#fail('EHOSTUNREACH', false)
    }
    const source = value?.family === 4 ? endpoint.ipv4 : endpoint.ipv6
    return this.#received(network, { source, destination: to.address, port: to.port })
  }

  /** To a neighbour on the same network, or to the host's own address on it. */
  #onLink(at: string, network: FabricNetwork, sender: Endpoint, to: { address: string; port: number }): Path {
    const { bridge } = network
    this.#hop({
      at,
      what: `${to.address} is on the link of ${sender.interface}, network ${network.name}`,
      rule: `${routeOf(network, parseAddress(to.address)?.family) || network.name} dev ${sender.interface} scope link`,
    })
    const source = to.address.includes(':') ? sender.ipv6 : sender.ipv4
    if (network.driver === 'bridge' && (to.address === bridge.gateway || to.address === network.gateway6))
      return this.#received(network, { source, destination: to.address, port: to.port })
    const target = network.byAddress.get(to.address)
    if (!target) {
      this.#hop({ at: bridge.name, what: `nobody on network ${network.name} has the address ${to.address}` })
      return this.#fail('EHOSTUNREACH', false)
    }
    // Frames between two ports of a bridge pass FORWARD as well (br_netfilter).
    if (network.driver === 'bridge' && !to.address.includes(':')) {
      const packet = this.#packet({ source, destination: to.address, port: to.port, in: bridge.name, out: bridge.name })
      if (!this.#passes('filter', 'FORWARD', packet)) return this.#fail('ETIMEDOUT', false)
    }
    return this.#deliver(network, target, to.port, source)
  }

  /** The host got a packet from one of its bridges. */
  #received(network: FabricNetwork, packet: { source: string; destination: string; port: number }): Path {
    const { bridge } = network
    const six = packet.destination.includes(':')
    const arrived = this.#packet({ ...packet, in: bridge.name })
    if (six) return this.#routed(arrived)
    if (!this.#passes('raw', 'PREROUTING', arrived)) return this.#fail('ETIMEDOUT', false)
    return this.#routed(this.#translated('PREROUTING', arrived))
  }

  #fromHost(to: { address: string; port: number }): Path {
    const destination = isAny(to.address) ? loopbackOf(to.address) : to.address
    const leaving = this.#packet({ source: this.#sourceFor(destination), destination, port: to.port })
    if (destination.includes(':')) return this.#routed(leaving)
    return this.#routed(this.#translated('OUTPUT', leaving))
  }

  /** What the nat table makes of the destination. */
  #translated(chain: 'PREROUTING' | 'OUTPUT', packet: Packet): Packet {
    const { target, to, path } = evaluate(this.#topology.tables, 'nat', chain, packet)
    if (target !== 'DNAT' || to === undefined) return packet
    for (const step of path)
      this.#hop({
        at: 'host',
        what: step.target === 'DNAT' ? `the destination becomes ${to}` : `jump to ${step.target}`,
        ...step,
      })
    const colon = to.lastIndexOf(':')
    const destination = to.slice(0, colon)
    return { ...packet, destination, port: Number(to.slice(colon + 1)), toLocal: this.#isLocal(destination) }
  }

  /** The host's routing decision: its own sockets, a bridge, or the world. */
  #routed(packet: Packet): Path {
    if (packet.toLocal) return this.#local(packet)
    const value = parseAddress(packet.destination)
    const network = this.#topology.networks.find(
      each =>
        each.driver === 'bridge' &&
        each.prefixes.some(prefix => value?.family === prefix.family && contains(prefix, value.value)),
    )
    if (!network && value?.family === 6) {
      this.#hop({ at: 'host', what: `no route to ${packet.destination}: the network is unreachable` })
      return this.#fail('ENETUNREACH', packet.in === '')
    }
    const out = network?.bridge.name ?? hostInterface.name
    this.#hop({
      at: 'host',
      what: `goes out by ${out}`,
      rule: network ? `${routeOf(network, value?.family)} dev ${out}` : `default via ${hostGateway} dev ${out}`,
    })
    const leaving = { ...packet, out }
    if (value?.family === 6 && packet.in !== '' && packet.in !== out) {
      this.#hop({ at: 'host', what: 'ip6tables drops what goes from one bridge to another, without an answer' })
      return this.#fail('ETIMEDOUT', false)
    }
    const chain = packet.in === '' ? 'OUTPUT' : 'FORWARD'
    if (value?.family === 4 && !this.#passes('filter', chain, leaving)) return this.#fail('ETIMEDOUT', false)
    const source = this.#masqueraded(leaving, network)
    if (!network) return this.#toInternet({ ...leaving, source })
    const target = network.byAddress.get(packet.destination)
    if (!target) {
      this.#hop({ at: out, what: `nobody on network ${network.name} has the address ${packet.destination}` })
      return this.#fail('EHOSTUNREACH', packet.in === '')
    }
    this.#reply(packet, network)
    return this.#deliver(network, target, packet.port, source)
  }

  /** The way back of a forwarded flow: conntrack knows it, and no rule asks again. */
  #reply(packet: Packet, network: FabricNetwork): void {
    if (packet.in === '' || packet.destination.includes(':')) return
    const back: Packet = {
      ...packet,
      source: packet.destination,
      destination: packet.source,
      in: network.bridge.name,
      out: packet.in,
      toLocal: false,
      established: true,
    }
    const decided = evaluate(this.#topology.tables, 'filter', 'FORWARD', back).path.at(-1)
    if (decided) this.#hop({ at: 'host', what: 'what comes back is known to conntrack', ...decided })
  }

  #masqueraded(packet: Packet, network: FabricNetwork | undefined): string {
    if (packet.destination.includes(':')) return packet.source
    const { target, path } = evaluate(this.#topology.tables, 'nat', 'POSTROUTING', packet)
    if (target !== 'MASQUERADE') return packet.source
    const source = network?.bridge.gateway ?? hostAddress
    for (const step of path) this.#hop({ at: 'host', what: `the source becomes ${source}`, ...step })
    return source
  }

  /** To a socket of the host: docker-proxy's for published ports, or one of a process in its namespace. */
  #local(packet: Packet): Path {
    const { destination, port } = packet
    if (!destination.includes(':') && !this.#passes('filter', 'INPUT', packet)) return this.#fail('ETIMEDOUT', false)
    const proxy = this.#topology.published.find(
      each =>
        each.protocol === this.#protocol &&
        each.hostPort === port &&
        each.hostAddress.includes(':') === destination.includes(':') &&
        (isAny(each.hostAddress) || each.hostAddress === destination),
    )
    if (!proxy) {
      this.#hop({ at: 'host', what: `${destination} is an address of the host` })
      return this.#arrive({ net: 'host', address: destination, port, from: packet.source, proxied: false })
    }
    const shown = proxy.hostAddress.includes(':') ? `[${proxy.hostAddress}]` : proxy.hostAddress
    this.#hop({
      at: 'host',
      what: `docker-proxy listens on ${shown}:${proxy.hostPort} and connects to ${proxy.address}:${proxy.port}`,
    })
    const network = this.#topology.networks.find(each => each.bridge.name === proxy.bridge.name)
    const target = network?.byAddress.get(proxy.address)
    if (!network || !target) return this.#fail('ECONNREFUSED', false)
    return this.#deliver(network, target, proxy.port, network.bridge.gateway, true)
  }

  #toInternet(packet: Packet): Path {
    const { destination, port, source } = packet
    if (!answersOn(destination, this.#protocol, port)) {
      const known = isInternetHost(destination)
      this.#hop({
        at: 'internet',
        what: known
          ? `${destination} of the simulated internet does not answer on port ${port}`
          : `${destination} is not in the simulated internet: nothing outside this machine is reached`,
      })
      return this.#fail(known ? 'ECONNREFUSED' : 'ENETUNREACH', false)
    }
    return this.#arrive({ net: 'internet', address: destination, port, from: source, proxied: false })
  }

  #deliver(network: FabricNetwork, target: Endpoint, port: number, from: string, proxied = false): Path {
    const address = from.includes(':') ? target.ipv6 : target.ipv4
    this.#hop({
      at: target.name,
      what: `arrives on ${target.interface} (${address}) through network ${network.name}`,
    })
    return this.#arrive({ net: target.container, address, port, from, proxied })
  }

  #packet(given: { source: string; destination: string; port: number; in?: string; out?: string }): Packet {
    return {
      in: '',
      out: '',
      ...given,
      protocol: this.#protocol,
      toLocal: this.#isLocal(given.destination),
      established: false,
    }
  }

  /** Whether a chain lets a packet through; the rules that said so become hops. */
  #passes(table: TableName, chain: string, packet: Packet): boolean {
    const { target, path } = evaluate(this.#topology.tables, table, chain, packet)
    const silent = target === 'ACCEPT' && path.length === 1 && path[0]?.rule === ''
    if (!silent)
      for (const step of path)
        this.#hop({ at: 'host', what: step.rule === '' ? `policy ${step.target}` : words(step.target), ...step })
    return target !== 'DROP'
  }

  #isLocal(address: string): boolean {
    return (
      isLoopback(address) ||
      address === hostAddress ||
      this.#topology.networks.some(
        each => each.driver === 'bridge' && (each.bridge.gateway === address || each.gateway6 === address),
      )
    )
  }

  #sourceFor(destination: string): string {
    if (isLoopback(destination)) return destination
    const value = parseAddress(destination)
    const network = this.#topology.networks.find(
      each =>
        each.driver === 'bridge' &&
        each.prefixes.some(prefix => value?.family === prefix.family && contains(prefix, value.value)),
    )
    if (destination.includes(':')) return network?.gateway6 ?? '::1'
    return network?.bridge.gateway ?? hostAddress
  }

  #hop(hop: Hop & { target?: string; to?: string }): void {
    const { at, what, rule, table, chain } = hop
    this.#hops.push({
      at,
      what,
      ...(rule !== undefined && rule !== '' && { rule }),
      ...(table && { table }),
      ...(chain && { chain }),
    })
  }

  #arrive(arrival: Arrival): Path {
    return { hops: this.#hops, arrival }
  }

  #fail(code: Failure, local: boolean): Path {
    return { hops: this.#hops, failure: { code, local } }
  }
}

const routeOf = (network: FabricNetwork, family: 4 | 6 | undefined): string =>
  network.prefixes.filter(each => each.family === family).map(formatPrefix)[0] ?? network.bridge.subnet

const words = (target: string): string =>
  target === 'ACCEPT'
    ? 'accepted'
    : target === 'DROP'
      ? 'dropped, without an answer'
      : target === 'RETURN'
        ? 'left alone'
        : `jump to ${target}`

const loopbackOf = (address: string): string => (address.includes(':') ? '::1' : '127.0.0.1')
