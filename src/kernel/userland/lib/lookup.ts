/** What the tools that ask name servers share. */
import type { Proc, Routine } from '../../program.ts'
import { textOf } from './interfaces.ts'

/** Name servers of /etc/resolv.conf. */
export function* nameServers(p: Proc): Routine<string[]> {
  const text = yield* textOf(p, '/etc/resolv.conf')
  return [...text.matchAll(/^nameserver\s+(\S+)/gm)].map(match => match[1] ?? '')
}

/** The name under which a reverse lookup asks: 4.3.2.1.in-addr.arpa. */
export function reverseName(address: string): string {
  return `${address.split('.').reverse().join('.')}.in-addr.arpa`
}

/** The address of a reverse name; the text itself when it is none. */
export function addressOfReverse(name: string): string {
  const digits = /^([\d.]+)\.in-addr\.arpa\.?$/i.exec(name)?.[1]
  return digits === undefined ? name : digits.split('.').reverse().join('.')
}

export type Answers = { type: 'A' | 'AAAA' | 'PTR'; values: string[] }[]

/**
 * Asks a server for a name's addresses, or an address's name; types without an answer are left out. Throws the errno
 * that the packet meets when nobody answers.
 */
export function* askNames(name: string, types: readonly ('A' | 'AAAA' | 'PTR')[], server: string): Routine<Answers> {
  const answers: Answers = []
  for (const type of types) {
    const values = (yield { op: 'resolve', name, type, server }) as string[]
    if (values.length > 0) answers.push({ type, values })
  }
  return answers
}
