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

/**
 * The lowest free address of a pool (Docker reuses released ones at once), or `wanted` itself if it is free.
 * `used` holds the addresses of live endpoints. Network, broadcast, gateway and auxiliary addresses are never given.
 */
export function pickAddress(pool: IpamPool, used: ReadonlySet<string>, wanted?: string): string {
  const subnet = parsePrefix(pool.Subnet)
  if (!subnet) throw invalid(`invalid subnet ${pool.Subnet}`)
  const reserved = new Set([pool.Gateway ?? '', ...Object.values(pool.AuxiliaryAddresses ?? {})])
  const [first, last] = range(subnet)
  if (wanted) {
    const address = parseAddress(wanted)
    if (!address || !contains(subnet, address.value))
      throw invalid(`no configured subnet contains IP address ${wanted}`)
    if (used.has(wanted) || reserved.has(wanted) || address.value === first || address.value === last)
      throw forbidden('Address already in use')
    return wanted
  }
  const part = parsePrefix(pool.IPRange ?? '') ?? subnet
  const [from, to] = range(part)
  for (let value = from; value <= to; value++) {
    if (value === first || (subnet.family === 4 && value === last)) continue
    const text = formatAddress(value, subnet.family)
    if (!used.has(text) && !reserved.has(text)) return text
  }
  throw forbidden("no available IPv4 addresses on this network's address pools")
}
