/** The embedded DNS server at 127.0.0.11, and /etc/hosts before it. Pure: records come in, addresses come out. */
import { internetName, internetNames } from './internet.ts'
import type { EndpointRecord, NetworkRecord } from './record.ts'

export type RecordType = 'A' | 'AAAA' | 'PTR'

/** Where the embedded server listens in the namespace of a container. */
export const embeddedServer = '127.0.0.11'

const plain = (name: string): string => name.toLowerCase().replace(/\.$/, '')
const ofType =
  (type: RecordType) =>
  (address: string): boolean =>
    address.includes(':') === (type === 'AAAA')

/** What /etc/hosts says of a name or, with PTR, of an address. `localhost` is known without a line, too. */
export function fromHosts(hosts: string, name: string, type: RecordType): string[] {
  const wanted = plain(name)
  const lines = hostsLines(hosts)
  if (type === 'PTR') return lines.filter(([address]) => address === wanted).flatMap(([, names]) => names.slice(0, 1))
  const found = lines
    .filter(([address, names]) => names.some(each => each.toLowerCase() === wanted) && ofType(type)(address))
    .map(([address]) => address)
  if (found.length > 0 || wanted !== 'localhost') return found
  return [type === 'A' ? '127.0.0.1' : '::1']
}

/** Networks that a container is on, in the order in which they are asked: that of their names, as the sandbox has it. */
const joinedBy = (networks: readonly NetworkRecord[], container: string): NetworkRecord[] =>
  networks.filter(network => network.endpoints[container]).sort((a, b) => (a.name < b.name ? -1 : 1))

/** Whether the embedded server listens in a container: on a network with names. */
export const hasEmbeddedServer = (networks: readonly NetworkRecord[], container: string): boolean =>
  joinedBy(networks, container).some(hasNames)

/** What the embedded server answers a container: names of its networks, then what the host's server knows. */
export function embeddedAnswer(
  networks: readonly NetworkRecord[],
  container: string,
  name: string,
  type: RecordType,
): string[] {
  const wanted = plain(name)
  const joined = joinedBy(networks, container)
  const outside = (): string[] => (reachesOut(joined) ? internetAnswer(name, type) : [])
  if (type === 'PTR') {
    const names = joined.filter(hasNames).flatMap(network =>
      Object.values(network.endpoints)
        .filter(end => end.ipv4 === wanted || end.ipv6 === wanted)
        .map(end => `${end.name}.${network.name}`),
    )
    return names.length > 0 ? names : outside()
  }
  // The first network that knows the name answers for all.
  for (const network of joined.filter(hasNames)) {
    const found = answers(network, container, wanted)
    // A name that the network knows is not asked for outside, even without an address of this family.
    if (found.length > 0)
      return found.map(end => (type === 'A' ? end.ipv4 : end.ipv6)).filter(address => address !== '')
  }
  return outside()
}

/** What name servers of the simulated internet answer. */
export function internetAnswer(name: string, type: RecordType): string[] {
  if (type === 'PTR') return [internetName(plain(name)) ?? []].flat()
  return (internetNames(plain(name)) ?? []).filter(ofType(type))
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
