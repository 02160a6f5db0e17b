/** The order in which getaddrinfo(3) of glibc tries the addresses of a name (RFC 3484, its rules 1, 2 and 9). */
import type { Proc, Routine } from '../../program.ts'
import { type Address, addresses, mask, toNumber } from './interfaces.ts'

/**
 * Best first: addresses that a source of their family can reach, IPv6 before IPv4, and of IPv4 addresses on the
 * sender's own subnet those that share more leading bits with it. Equal ones keep their order.
 */
export function* inOrderOfUse(p: Proc, found: readonly string[]): Routine<string[]> {
  if (found.length < 2) return [...found]
  const own = (yield* addresses(p)).filter(each => each.scope === 'global')
  const hasSix = own.some(each => each.family === 6)
  const rank = (address: string): number => {
    if (address.includes(':')) return hasSix ? 1000 : -1000
    return longestShared(own, address)
  }
  return found
    .map((address, at) => ({ address, at, rank: rank(address) }))
    .sort((a, b) => b.rank - a.rank || a.at - b.at)
    .map(each => each.address)
}

/** Leading bits that an address has in common with the own one on its subnet; 0 for any other address. */
function longestShared(own: readonly Address[], address: string): number {
  const value = toNumber(address)
  const source = own.find(each => each.family === 4 && ((toNumber(each.address) ^ value) & mask(each.prefix)) === 0)
  return source ? Math.clz32(toNumber(source.address) ^ value) : 0
}
