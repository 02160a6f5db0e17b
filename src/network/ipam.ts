/**
 * Address management: which address a new endpoint gets, and which subnet a new network. Pure: the pools in
 * use come in, an answer or Docker's error comes out.
 */
import type { IpamPool } from '../api/network.ts'
import { forbidden, invalid } from '../errors.ts'
import {
  contains,
  formatAddress,
  formatPrefix,
  overlaps,
  type Prefix,
  parseAddress,
  parsePrefix,
  range,
} from './address.ts'

/** Docker's default local address pools, in the order of use. */
const defaultPools: readonly { base: string; size: number }[] = [
  { base: '172.17.0.0/16', size: 16 },
  { base: '172.18.0.0/16', size: 16 },
  { base: '172.19.0.0/16', size: 16 },
  { base: '172.20.0.0/14', size: 16 },
  { base: '172.24.0.0/14', size: 16 },
  { base: '172.28.0.0/14', size: 16 },
  { base: '192.168.0.0/16', size: 20 },
]

/** The first default subnet that overlaps none in use. Throws when all are taken. */
export function pickSubnet(inUse: readonly string[]): { Subnet: string; Gateway: string } {
  const taken = inUse.flatMap(text => parsePrefix(text) ?? [])
  for (const pool of defaultPools) {
    const whole = parsePrefix(pool.base)
    if (!whole) continue
    const [first, last] = range(whole)
    const step = 1n << BigInt(32 - pool.size)
    for (let base = first; base <= last; base += step) {
      const candidate: Prefix = { base, bits: pool.size, family: 4 }
      if (!taken.some(other => overlaps(other, candidate)))
        return { Subnet: formatPrefix(candidate), Gateway: formatAddress(base + 1n, 4) }
    }
  }
  throw forbidden('all predefined address pools have been fully subnetted')
}

/** The first IPv6 subnet of the store's own ULA prefix (`fdxx:xxxx:xxxx::/48`, from `seed`) that is free. */
export function pickSubnet6(seed: string, inUse: readonly string[]): { Subnet: string; Gateway: string } {
  const taken = inUse.flatMap(text => parsePrefix(text) ?? [])
  const site = (0xfdn << 120n) | (BigInt(`0x${seed.slice(0, 10)}`) << 80n)
  for (let number = 0n; number < 65536n; number++) {
    const candidate: Prefix = { base: site | (number << 64n), bits: 64, family: 6 }
    if (!taken.some(other => overlaps(other, candidate)))
      return { Subnet: formatPrefix(candidate), Gateway: formatAddress(candidate.base + 1n, 6) }
  }
  throw forbidden('all predefined address pools have been fully subnetted')
}

/** A pool as its network uses it: numbers instead of text, the gateway that Docker picks where none was given. */
export interface Pool {
  subnet: Prefix
  /** Where addresses are taken from when nobody asks for one. */
  from: Prefix
  /** '' when the network has none. */
  gateway: string
  reserved: ReadonlySet<string>
}

/** Reads a pool that was checked when its network was made; undefined for one that holds no subnet. */
export function readPool(config: IpamPool): Pool | undefined {
  const subnet = parsePrefix(config.Subnet)
  if (!subnet) return undefined
  const from = parsePrefix(config.IPRange ?? '') ?? subnet
  const auxiliary = Object.values(config.AuxiliaryAddresses ?? {})
  // libnetwork asks for the gateway as for any other address: the range's first one.
  const gateway = config.Gateway || firstFree({ subnet, from, gateway: '', reserved: new Set() }, new Set()) || ''
  return { subnet, from, gateway, reserved: new Set([gateway, ...auxiliary]) }
}

/** Checks what a new network says of its pool; throws Docker's error (libnetwork Network.ipamAllocateVersion). */
export function checkPool(config: IpamPool): void {
  const pool = readPool(config)
  if (!pool) return
  const edge = (text: string): boolean => {
    const value = parseAddress(text)?.value
    return value !== undefined && isEdge(pool.subnet, value)
  }
  if (config.Gateway && edge(config.Gateway))
    throw forbidden(`failed to allocate gateway (${config.Gateway}): Address already in use`)
  for (const [name, address] of Object.entries(config.AuxiliaryAddresses ?? {}))
    if (edge(address) || address === pool.gateway)
      throw forbidden(`failed to allocate secondary ip address (${name}:${address}): Address already in use`)
}

/** Network and broadcast address; subnets of one or two addresses have none (RFC 3021). */
function isEdge(subnet: Prefix, value: bigint): boolean {
  const [first, last] = range(subnet)
  if (last - first < 2n) return false
  return value === first || (subnet.family === 4 && value === last)
}

function firstFree(pool: Pool, used: ReadonlySet<string>): string | undefined {
  const [first, last] = range(pool.from)
  for (let value = first; value <= last; value++) {
    if (isEdge(pool.subnet, value)) continue
    const text = formatAddress(value, pool.subnet.family)
    if (!used.has(text) && !pool.reserved.has(text)) return text
  }
  return undefined
}

/**
 * The lowest free address of a pool (Docker reuses released ones at once), or `wanted` itself if it is free.
 * `used` holds the addresses of live endpoints. Network, broadcast, gateway and auxiliary addresses are never given.
 * Undefined when the pool has none left; throws when `wanted` cannot be had.
 */
export function pickAddress(pool: Pool, used: ReadonlySet<string>, wanted?: string): string | undefined {
  if (!wanted) return firstFree(pool, used)
  const address = parseAddress(wanted)
  if (!address || !contains(pool.subnet, address.value))
    throw invalid(`no configured subnet contains IP address ${wanted}`)
  const text = formatAddress(address.value, address.family)
  if (used.has(text) || pool.reserved.has(text) || isEdge(pool.subnet, address.value))
    throw forbidden('Address already in use')
  return text
}
