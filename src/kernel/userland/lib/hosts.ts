/** /etc/hosts and name lookups. */

import { isErrno } from '../../../vfs/errno.ts'
import type { Proc, Routine } from '../../program.ts'
import { inOrderOfUse } from './address-order.ts'
import { readFile } from './input.ts'

/** A line of /etc/hosts: the address, its canonical name, other names. */
export interface HostLine {
  readonly address: string
  readonly names: readonly string[]
}

export function* hostLines(p: Proc): Routine<HostLine[]> {
  let text = ''
  try {
    text = yield* readFile(p, '/etc/hosts')
  } catch (error) {
    if (!isErrno(error)) throw error
  }
  return text
    .split('\n')
    .map(line => line.replace(/#.*/, '').trim().split(/\s+/))
    .filter(words => words.length > 1)
    .map(([address = '', ...names]) => ({ address, names }))
}

/** The first name that /etc/hosts gives beside this one, or the name itself when a server knows it. undefined: unknown. */
export function* canonicalName(p: Proc, name: string): Routine<string | undefined> {
  const line = (yield* hostLines(p)).find(({ names }) => names.includes(name))
  if (line) return line.names[0]
  return (yield* resolveName(p, name)).length > 0 ? name : undefined
}

export function isIPv4(text: string): boolean {
  return /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/.test(text)
}

/** Roughly: hexadecimal groups with at least two colons. */
export function isIPv6(text: string): boolean {
  return /^[0-9a-f:.]*$/i.test(text) && (text.match(/:/g)?.length ?? 0) >= 2
}

/**
 * Addresses of a name, as getaddrinfo(3) finds them: an address is its own, then /etc/hosts, then the name servers.
 * `family` keeps only IPv4 (4) or IPv6 (6) ones. [] when unknown.
 */
export function* resolveName(p: Proc, name: string, family?: 4 | 6): Routine<string[]> {
  const keep = (list: string[]) =>
    family === undefined ? list : list.filter(address => (family === 4 ? isIPv4(address) : isIPv6(address)))
  if (isIPv4(name) || isIPv6(name)) return keep([name])
  const local = (yield* hostLines(p)).filter(({ names }) => names.includes(name)).map(({ address }) => address)
  const listed = keep(family === undefined ? [...local.filter(isIPv4), ...local.filter(isIPv6)] : local)
  if (listed.length > 0) return listed
  const ask = function* (type: 'A' | 'AAAA'): Routine<string[]> {
    return (yield { op: 'resolve', name, type }) as string[]
  }
  const four = family === 6 ? [] : yield* ask('A')
  const six = family === 4 ? [] : yield* ask('AAAA')
  return yield* inOrderOfUse(p, [...four, ...six])
}

/** The name of an address, undefined when there is none. */
export function* nameOfAddress(p: Proc, address: string): Routine<string | undefined> {
  const line = (yield* hostLines(p)).find(host => host.address === address)
  if (line) return line.names[0]
  const names = (yield { op: 'resolve', name: address, type: 'PTR' }) as string[]
  return names[0]
}
