/** The rules that dockerd 28.5 makes for its bridges, endpoints and published ports, in its order. */
import type { Chain, Match, Rule, Table, Tables } from './iptables.ts'

/** A bridge network as the firewall sees it. */
export interface Bridge {
  /** Name of the interface on the host. */
  name: string
  /** '' for a network without IPv4. */
  subnet: string
  gateway: string
  internal: boolean
  icc: boolean
  masquerade: boolean
}

/** A container's address on a bridge. */
export interface BridgedAddress {
  bridge: Bridge
  address: string
}

/** A host port that leads to a container. */
export interface Published extends BridgedAddress {
  hostAddress: string
  hostPort: number
  port: number
  protocol: string
}

const is = (value: string): Match => ({ value })
const not = (value: string): Match => ({ value, not: true })

/** `bridges` in the order in which they were made, `endpoints` and `ports` in that in which they were connected. */
export function firewall(
  bridges: readonly Bridge[],
  endpoints: readonly BridgedAddress[],
  ports: readonly Published[],
): Tables {
  const ipv4 = ports.filter(each => !each.hostAddress.includes(':'))
  return { raw: rawTable(endpoints, ipv4), filter: filterTable(bridges, ipv4), nat: natTable(bridges, ipv4) }
}

/** Nobody reaches a container's address, or a port of the loopback, but through the interface that it belongs to. */
function rawTable(endpoints: readonly BridgedAddress[], ports: readonly Published[]): Table {
  const rules: Rule[] = []
  for (const { bridge, address } of endpoints) {
    if (!bridge.internal) rules.push({ destination: is(`${address}/32`), in: not(bridge.name), target: 'DROP' })
    for (const port of ports)
      if (port.address === address && port.hostAddress.startsWith('127.'))
        rules.push({
          destination: is(`${port.hostAddress}/32`),
          in: not('lo'),
          protocol: port.protocol,
          dport: port.hostPort,
          target: 'DROP',
        })
  }
  return new Map([
    ['PREROUTING', builtIn(rules)],
    ['OUTPUT', builtIn([])],
  ])
}

function filterTable(bridges: readonly Bridge[], ports: readonly Published[]): Table {
  const open = bridges.filter(bridge => !bridge.internal)
  const accepted = new Map<string, Rule>()
  for (const { bridge, address, port, protocol } of ports)
    accepted.set(`${address} ${port} ${protocol}`, {
      destination: is(`${address}/32`),
      in: not(bridge.name),
      out: is(bridge.name),
      protocol,
      dport: port,
      target: 'ACCEPT',
    })
  const forwards = bridges.flatMap((bridge): Rule[] => {
    const own = { in: is(bridge.name), out: is(bridge.name) }
    if (bridge.internal) return [{ ...own, target: bridge.icc ? 'ACCEPT' : 'DROP' }]
    if (bridge.icc) return [{ in: is(bridge.name), target: 'ACCEPT' }]
    return [
      { ...own, target: 'DROP' },
      { in: is(bridge.name), out: not(bridge.name), target: 'ACCEPT' },
    ]
  })
  const closed = bridges.filter(bridge => bridge.internal)
  return new Map([
    ['INPUT', builtIn([])],
    ['FORWARD', { policy: 'DROP' as const, rules: [{ target: 'DOCKER-USER' }, { target: 'DOCKER-FORWARD' }] }],
    ['OUTPUT', builtIn([])],
    [
      'DOCKER',
      chain([
        // Each is put before those that are there.
        ...[...accepted.values()].reverse(),
        ...open.map(({ name }) => ({ in: not(name), out: is(name), target: 'DROP' })),
      ]),
    ],
    ['DOCKER-BRIDGE', chain(open.map(({ name }) => ({ out: is(name), target: 'DOCKER' })))],
    ['DOCKER-CT', chain(open.map(({ name }) => ({ out: is(name), established: true, target: 'ACCEPT' })))],
    [
      'DOCKER-FORWARD',
      chain([
        { target: 'DOCKER-CT' },
        { target: 'DOCKER-ISOLATION-STAGE-1' },
        { target: 'DOCKER-BRIDGE' },
        ...forwards,
      ]),
    ],
    [
      'DOCKER-ISOLATION-STAGE-1',
      chain([
        ...closed.reverse().flatMap(({ name, subnet }) => [
          { source: not(subnet), out: is(name), target: 'DROP' },
          { destination: not(subnet), in: is(name), target: 'DROP' },
        ]),
        ...open.map(({ name }) => ({ in: is(name), out: not(name), target: 'DOCKER-ISOLATION-STAGE-2' })),
      ]),
    ],
    ['DOCKER-ISOLATION-STAGE-2', chain([...open].reverse().map(({ name }) => ({ out: is(name), target: 'DROP' })))],
    ['DOCKER-USER', chain([])],
  ])
}

function natTable(bridges: readonly Bridge[], ports: readonly Published[]): Table {
  const masked = bridges.filter(bridge => bridge.masquerade && !bridge.internal && bridge.subnet !== '').reverse()
  const wildcard = (address: string): boolean => address === '0.0.0.0'
  return new Map([
    ['PREROUTING', builtIn([{ toLocal: true, target: 'DOCKER' }])],
    ['INPUT', builtIn([])],
    ['OUTPUT', builtIn([{ destination: not('127.0.0.0/8'), toLocal: true, target: 'DOCKER' }])],
    [
      'POSTROUTING',
      builtIn(masked.map(({ name, subnet }) => ({ source: is(subnet), out: not(name), target: 'MASQUERADE' }))),
    ],
    [
      'DOCKER',
      chain([
        ...masked.map(({ name }) => ({ in: is(name), target: 'RETURN' })),
        ...ports.map(({ bridge, address, port, protocol, hostAddress, hostPort }) => ({
          ...(!wildcard(hostAddress) && { destination: is(`${hostAddress}/32`) }),
          in: not(bridge.name),
          protocol,
          dport: hostPort,
          target: 'DNAT',
          to: `${address}:${port}`,
        })),
      ]),
    ],
  ])
}

const chain = (rules: Rule[]): Chain => ({ rules })
const builtIn = (rules: Rule[]): Chain => ({ policy: 'ACCEPT', rules })
