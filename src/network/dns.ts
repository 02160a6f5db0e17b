/** The embedded DNS server at 127.0.0.11, and /etc/hosts before it. Pure: records come in, addresses come out. */
import { internetName, internetNames } from './internet.ts'
import type { EndpointRecord, NetworkRecord } from './record.ts'

export type RecordType = 'A' | 'AAAA' | 'PTR'

/** What a resolver in a container finds for a name or, with PTR, for an address. */
export function resolve(
  networks: readonly NetworkRecord[],
  container: string,
  hosts: string,
  name: string,
  type: RecordType,
): string[] {
  const wanted = name.toLowerCase().replace(/\.$/, '')
  const lines = hostsLines(hosts)
  // Networks are asked in the order of their names, as the sandbox holds its endpoints.
  const joined = networks.filter(network => network.endpoints[container]).sort((a, b) => (a.name < b.name ? -1 : 1))
  if (type === 'PTR')
    return [
      ...lines.filter(([address]) => address === wanted).flatMap(([, names]) => names.slice(0, 1)),
      ...joined.filter(hasNames).flatMap(network =>
        Object.values(network.endpoints)
          .filter(end => end.ipv4 === wanted || end.ipv6 === wanted)
          .map(end => `${end.name}.${network.name}`),
      ),
      ...(reachesOut(joined) ? [internetName(wanted) ?? []].flat() : []),
    ]
  const family = (address: string): boolean => address.includes(':') === (type === 'AAAA')
  const local = lines
    .filter(([address, names]) => names.some(each => each.toLowerCase() === wanted) && family(address))
    .map(([address]) => address)
  if (local.length > 0) return local
  if (wanted === 'localhost') return [type === 'A' ? '127.0.0.1' : '::1']
  const found = joined.filter(hasNames).flatMap(network => answers(network, container, wanted))
  const addresses = found.map(end => (type === 'A' ? end.ipv4 : end.ipv6)).filter(address => address !== '')
  // A name that the network knows is not asked for outside, even without an address of this family.
  if (found.length > 0) return addresses
  return container === 'host' || reachesOut(joined) ? (internetNames(wanted) ?? []).filter(family) : []
}

/** Containers that a name means on a network: names, aliases, short ids, each also with the network's name. */
function answers(network: NetworkRecord, asking: string, wanted: string): EndpointRecord[] {
  const suffix = `.${network.name.toLowerCase()}`
  const bare = wanted.endsWith(suffix) ? wanted.slice(0, -suffix.length) : wanted
  const ends = Object.values(network.endpoints)
  // What a link calls a container is that container, whatever else has the name.
  const linked = network.endpoints[asking]?.links?.[bare]
  if (linked !== undefined) return ends.filter(end => end.container === linked)
  return ends.filter(end => end.dnsNames.some(each => each.toLowerCase() === bare || each.toLowerCase() === wanted))
}

/** The default bridge has no names. */
const hasNames = (network: NetworkRecord): boolean => network.name !== 'bridge'

/** Whether the resolver can ask the name server of the host. */
const reachesOut = (joined: readonly NetworkRecord[]): boolean =>
  joined.some(network => !network.internal && network.driver !== 'null')

function hostsLines(text: string): [address: string, names: string[]][] {
  return text.split('\n').flatMap(line => {
    const [address = '', ...names] = (line.split('#', 1)[0] ?? '').trim().split(/\s+/)
    return address === '' ? [] : [[address, names] as [string, string[]]]
  })
}
