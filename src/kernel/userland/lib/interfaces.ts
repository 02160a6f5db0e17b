/**
 * Network interfaces, addresses, routes, neighbours and sockets of the container, from /sys/class/net and /proc/net.
 * The real tools ask over netlink; these files hold the same facts (IPv4 addresses are those of fib_trie).
 */
import { isErrno } from '../../../vfs/errno.ts'
import type { Proc, Routine } from '../../program.ts'
import { readFile } from './input.ts'

export interface Link {
  readonly index: number
  readonly name: string
  /** Index of the other end of a veth pair; the own index without one. */
  readonly peer: number
  readonly mac: string
  readonly mtu: number
  /** IFF_ bits. */
  readonly flags: number
  /** up, down, unknown. */
  readonly state: string
  readonly queueLength: number
  /** The bridge it is plugged into; '' for none. */
  readonly master: string
  readonly counters: Counters
}

export interface Counters {
  readonly rxBytes: number
  readonly rxPackets: number
  readonly txBytes: number
  readonly txPackets: number
}

export interface Address {
  readonly device: string
  readonly family: 4 | 6
  readonly address: string
  readonly prefix: number
  readonly broadcast?: string
  readonly scope: 'host' | 'global' | 'link'
  /** IFA_F_ bits: 0x02 no duplicate detection, 0x40 tentative, 0x80 permanent. */
  readonly flags: number
}

export interface Route {
  /** Dotted network; 0.0.0.0 for the default. */
  readonly network: string
  readonly prefix: number
  /** 0.0.0.0 when the network is directly attached. */
  readonly gateway: string
  readonly device: string
  readonly flags: number
  readonly metric: number
}

export interface Neighbour {
  readonly address: string
  readonly flags: number
  readonly mac: string
  readonly device: string
}

export const IFF = {
  UP: 1,
  BROADCAST: 2,
  LOOPBACK: 8,
  POINTOPOINT: 0x10,
  RUNNING: 0x40,
  NOARP: 0x80,
  PROMISC: 0x100,
  MULTICAST: 0x1000,
}

/** A file's text, '' when there is none. */
export function* textOf(p: Proc, path: string): Routine<string> {
  try {
    return yield* readFile(p, path)
  } catch (error) {
    if (isErrno(error)) return ''
    throw error
  }
}

/** Interfaces in the order of their indexes. */
export function* links(p: Proc): Routine<Link[]> {
  const counters = yield* counterTable(p)
  const list: Link[] = []
  for (const name of names(p, counters)) {
    const file = (key: string) => textOf(p, `/sys/class/net/${name}/${key}`)
    const loopback = name === 'lo'
    const index = Number((yield* file('ifindex')).trim()) || (loopback ? 1 : list.length + 1)
    const flags = Number((yield* file('flags')).trim()) || (loopback ? 0x9 : 0x1003)
    list.push({
      index,
      name,
      peer: Number((yield* file('iflink')).trim()) || index,
      mac: (yield* file('address')).trim() || '00:00:00:00:00:00',
      mtu: Number((yield* file('mtu')).trim()) || (loopback ? 65_536 : 1500),
      flags,
      state: (yield* file('operstate')).trim() || (loopback ? 'unknown' : 'up'),
      queueLength: Number((yield* file('tx_queue_len')).trim() || (loopback ? 1000 : 0)),
      master: (yield* file('master')).trim(),
      counters: counters.get(name) ?? { rxBytes: 0, rxPackets: 0, txBytes: 0, txPackets: 0 },
    })
  }
  return list.sort((a, b) => a.index - b.index)
}

function names(p: Proc, counters: ReadonlyMap<string, Counters>): string[] {
  try {
    return p.readdir('/sys/class/net').map(entry => entry.name)
  } catch (error) {
    if (isErrno(error)) return [...counters.keys()]
    throw error
  }
}

/** /proc/net/dev: receive bytes, packets and six more, then transmit bytes, packets, … */
function* counterTable(p: Proc): Routine<Map<string, Counters>> {
  const table = new Map<string, Counters>()
  for (const line of (yield* textOf(p, '/proc/net/dev')).split('\n')) {
    const match = /^\s*([^:\s]+):\s*(.*)$/.exec(line)
    if (!match?.[1]) continue
    const numbers = (match[2] ?? '').trim().split(/\s+/).map(Number)
    const [rxBytes = 0, rxPackets = 0] = numbers
    table.set(match[1], { rxBytes, rxPackets, txBytes: numbers[8] ?? 0, txPackets: numbers[9] ?? 0 })
  }
  return table
}

/** Addresses of all interfaces: IPv4 first for each, interfaces in their order. */
export function* addresses(p: Proc): Routine<Address[]> {
  const order = (yield* links(p)).map(link => link.name)
  const all = [...(yield* addresses4(p)), ...(yield* addresses6(p))]
  return order.flatMap(name => all.filter(address => address.device === name))
}

function* addresses4(p: Proc): Routine<Address[]> {
  const trie = yield* textOf(p, '/proc/net/fib_trie')
  const connected = (yield* routes(p)).filter(route => route.gateway === '0.0.0.0')
  const local = new Set<string>()
  const broadcasts = new Set<string>()
  let leaf = ''
  for (const line of trie.split('\n')) {
    const node = /\|-- (\S+)/.exec(line)
    if (node?.[1]) leaf = node[1]
    else if (/\/32 host LOCAL/.test(line)) local.add(leaf)
    else if (/\/32 link BROADCAST/.test(line)) broadcasts.add(leaf)
  }
  const list: Address[] = []
  for (const address of local) {
    if (address.startsWith('127.')) {
      list.push({ device: 'lo', family: 4, address, prefix: 8, scope: 'host', flags: 0x80 })
      continue
    }
    const route = connected.filter(r => inNetwork(address, r)).sort((a, b) => b.prefix - a.prefix)[0]
    if (!route) continue
    const broadcast = fromNumber((toNumber(address) | ~mask(route.prefix)) >>> 0)
    list.push({
      device: route.device,
      family: 4,
      address,
      prefix: route.prefix,
      scope: 'global',
      flags: 0x80,
      ...(broadcasts.has(broadcast) ? { broadcast } : {}),
    })
  }
  return list
}

/** /proc/net/if_inet6: address, index, prefix length, scope, flags, name; the first five in hexadecimal. */
function* addresses6(p: Proc): Routine<Address[]> {
  const list: Address[] = []
  for (const line of (yield* textOf(p, '/proc/net/if_inet6')).split('\n')) {
    const [hex = '', , prefix = '', scope = '', flags = '', device] = line.trim().split(/\s+/)
    if (device === undefined) continue
    list.push({
      device,
      family: 6,
      address: ipv6FromHex(hex),
      prefix: Number.parseInt(prefix, 16),
      scope: scope === '10' ? 'host' : scope === '20' ? 'link' : 'global',
      flags: Number.parseInt(flags, 16),
    })
  }
  return list
}

/** The IPv4 routing table, /proc/net/route. */
export function* routes(p: Proc): Routine<Route[]> {
  const list: Route[] = []
  for (const line of (yield* textOf(p, '/proc/net/route')).split('\n').slice(1)) {
    const [device = '', to = '', gateway = '', flags = '', , , metric = '0', netmask = ''] = line.trim().split(/\s+/)
    if (netmask === '') continue
    const bits = hostOrder(netmask).toString(2)
    list.push({
      device,
      network: fromNumber(hostOrder(to)),
      gateway: fromNumber(hostOrder(gateway)),
      flags: Number.parseInt(flags, 16),
      metric: Number(metric),
      prefix: bits === '0' ? 0 : bits.replace(/0/g, '').length,
    })
  }
  return list
}

/** The IPv6 routing table, /proc/net/ipv6_route; `::` where the table has no gateway. */
export function* routes6(p: Proc): Routine<Route[]> {
  const list: Route[] = []
  for (const line of (yield* textOf(p, '/proc/net/ipv6_route')).split('\n')) {
    const [to = '', bits = '', , , via = '', metric = '', , , flags = '', device] = line.trim().split(/\s+/)
    if (device === undefined) continue
    list.push({
      device,
      network: ipv6FromHex(to),
      prefix: Number.parseInt(bits, 16),
      gateway: ipv6FromHex(via),
      flags: Number.parseInt(flags, 16),
      metric: Number.parseInt(metric, 16),
    })
  }
  return list
}

/** The route that an address would take: the longest prefix, then the lowest metric. */
export function routeTo(address: string, table: readonly Route[]): Route | undefined {
  return table.filter(route => inNetwork(address, route)).sort((a, b) => b.prefix - a.prefix || a.metric - b.metric)[0]
}

/** /proc/net/arp. */
export function* neighbours(p: Proc): Routine<Neighbour[]> {
  const list: Neighbour[] = []
  for (const line of (yield* textOf(p, '/proc/net/arp')).split('\n').slice(1)) {
    const [address = '', , flags = '', mac = '', , device] = line.trim().split(/\s+/)
    if (device !== undefined) list.push({ address, flags: Number(flags), mac, device })
  }
  return list
}

function inNetwork(address: string, route: { network: string; prefix: number }): boolean {
  return ((toNumber(address) ^ toNumber(route.network)) & mask(route.prefix)) === 0
}

export function mask(prefix: number): number {
  return prefix === 0 ? 0 : (-1 << (32 - prefix)) >>> 0
}

export function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0)
}

export function fromNumber(value: number): string {
  return [24, 16, 8, 0].map(shift => (value >>> shift) & 255).join('.')
}

/** The kernel prints addresses as 32-bit words in the machine's order: little-endian. */
function hostOrder(hex: string): number {
  const value = Number.parseInt(hex, 16)
  return (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0
}

/** 32 hexadecimal digits as an address with its longest run of zeros cut (RFC 5952). */
export function ipv6FromHex(hex: string): string {
  const groups = (hex.match(/.{4}/g) ?? []).map(group => Number.parseInt(group, 16).toString(16))
  let best = { at: -1, length: 1 }
  for (let at = 0; at < groups.length; at++) {
    let length = 0
    while (groups[at + length] === '0') length++
    if (length > best.length) best = { at, length }
  }
  if (best.at === -1) return groups.join(':')
  return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`
}
