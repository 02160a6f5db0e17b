/** `network trace`: the way of one packet, hop by hop, with the rule that decided each. */

import { findEntry, readIndex } from '../../container/containers.ts'
import type { ContainerIndexEntry } from '../../container/summary.ts'
import { EngineError, invalid, notFound } from '../../errors.ts'
import { parseAddress } from '../../network/address.ts'
import { follow, type Hop, type Protocol } from '../../network/fabric.ts'
import { hostAddress } from '../../network/host.ts'
import type { EngineContext } from '../context.ts'
import type { NetworkTrace } from '../engine.ts'
import type { Live } from '../live.ts'
import { containersOf, resolveName } from '../network/packets.ts'
import { runs, topologyOf } from '../network/topology.ts'

const results = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  ETIMEDOUT: 'no answer: the connection times out',
} as const

/** Follows a packet from a container (or `host`) to a container, a name or an address. */
export async function traceNetwork(
  ctx: EngineContext,
  from: string,
  to: string,
  protocol: Protocol | undefined,
): Promise<NetworkTrace> {
  return ctx.machine.change(async live => {
    const source = from === 'host' ? undefined : findEntry(live.tx, from)
    if (source && !runs(source)) throw invalid(`container ${source.name} is not running`)
    const { name, port } = parseTarget(to)
    const kind = protocol ?? (port === undefined ? 'icmp' : 'tcp')
    const net = namespaceOf(source)
    const hops: Hop[] = []
    const address = await addressOf(live, source, name, hops)
    const path = follow(topologyOf(live.tx), net, { address, port: port ?? 0 }, kind)
    hops.push(...path.hops)
    const answer = {
      From: source?.name ?? 'host',
      To: to,
      Address: address,
      Port: port ?? 0,
      Protocol: kind,
      Hops: hops,
    }
    if (!path.arrival) return { ...answer, Reached: false, Result: results[path.failure?.code ?? 'EHOSTUNREACH'] }
    if (kind === 'icmp' || path.arrival.net === 'internet') return { ...answer, Reached: true, Result: 'answered' }
    for (const id of containersOf(live.tx, path.arrival.net)) await live.world(live.record(id))
    const listening = live.worlds.listenersOf(path.arrival.net, kind).filter(each => each.port === path.arrival?.port)
    const socket = listening.find(
      each => each.address === path.arrival?.address || each.address === '0.0.0.0' || each.address === '::',
    )
    if (socket) {
      const shown = socket.address.includes(':') ? `[${socket.address}]` : socket.address
      hops.push({ at: endName(live, path.arrival.net), what: `a process listens on ${shown}:${socket.port}` })
      return { ...answer, Reached: true, Result: 'connected' }
    }
    const only = listening[0]
    hops.push({
      at: endName(live, path.arrival.net),
      what: only
        ? `a process listens on ${only.address}:${only.port} only, not on ${path.arrival.address}`
        : `nobody listens on port ${path.arrival.port}`,
    })
    const refused = path.arrival.proxied ? 'docker-proxy takes the connection and closes it' : results.ECONNREFUSED
    return { ...answer, Reached: false, Result: kind === 'udp' ? 'nobody reads the datagram' : refused }
  })
}

const endName = (live: Live, net: string): string => readIndex(live.tx).entries[net]?.name ?? net

function namespaceOf(source: ContainerIndexEntry | undefined): string {
  if (!source || source.networkMode === 'host') return 'host'
  return source.networkMode.startsWith('container:') ? source.networkMode.slice('container:'.length) : source.id
}

/** `NAME`, `NAME:PORT`, `ADDRESS`, `[ADDRESS6]:PORT`. */
function parseTarget(to: string): { name: string; port: number | undefined } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)|([0-9a-fA-F:]*:[0-9a-fA-F:]*))(?::(\d{1,5}))?$/.exec(to)
  const name = match?.[1] ?? match?.[2] ?? match?.[3]
  const port = match?.[4] === undefined ? undefined : Number(match[4])
  if (name === undefined || (port ?? 1) > 65535 || port === 0) throw invalid(`invalid destination: ${to}`)
  return { name, port }
}

/** The address behind what the user named: as the sender resolves it, else as the engine knows it. */
async function addressOf(
  live: Live,
  source: ContainerIndexEntry | undefined,
  name: string,
  hops: Hop[],
): Promise<string> {
  if (parseAddress(name)) return name
  if (name === 'localhost') return '127.0.0.1'
  if (name === 'host') return firstGateway(live, source)
  const world = source && (await live.world(live.record(source.id)))
  const asking = { world, id: source?.id ?? 'host', net: namespaceOf(source) }
  const [found] = resolveName(live.tx, asking, name, 'A', live.random)
  const at = source?.name ?? 'host'
  if (found !== undefined) {
    hops.push({ at, what: `${name} resolves to ${found}` })
    return found
  }
  const target = containerOf(live, name)
  const address = target && Object.values(target.networks).find(end => end.IPAddress !== '')?.IPAddress
  if (!target || !address) throw notFound(`${at} cannot resolve ${name}, and no running container has that name`)
  const named = source && Object.keys(source.networks).some(network => !['bridge', 'host', 'none'].includes(network))
  hops.push({
    at,
    what: source
      ? named
        ? `${name} does not resolve: no network of ${at} has a container of that name. Its address ${address} is tried`
        : `${name} does not resolve: only networks of your own have names. Its address ${address} is tried`
      : `${name} is not a name for the host. Its address ${address} is tried`,
  })
  return address
}

function containerOf(live: Live, name: string): ContainerIndexEntry | undefined {
  try {
    const entry = findEntry(live.tx, name)
    return runs(entry) ? entry : undefined
  } catch (error) {
    if (error instanceof EngineError) return undefined
    throw error
  }
}

/** The host as the sender sees it: its default gateway. */
function firstGateway(live: Live, source: ContainerIndexEntry | undefined): string {
  if (!source) return '127.0.0.1'
  const member = topologyOf(live.tx).membersOf(namespaceOf(source))[0]
  return member?.network.bridge.gateway || hostAddress
}
