/** Published ports: which host ports are taken, and which a container gets when it starts. */
import type { HostConfig, PortBinding, PortMap } from '../api/container.ts'
import { type EngineError, systemError } from '../errors.ts'
import { parseAddress } from './address.ts'

/** Range of the host's ephemeral ports, from which unnamed ones are taken. */
const ephemeral = { first: 32768, last: 60999 }

/** The ports of the simulated host that are taken. */
export class HostPorts {
  /** Addresses by `protocol/port`. */
  readonly #taken = new Map<string, string[]>()

  /** Adds what a container's live PortMap holds. */
  hold(ports: PortMap): void {
    for (const [key, bindings] of Object.entries(ports))
      for (const binding of bindings ?? []) this.take(protocolOf(key), binding.HostIp, Number(binding.HostPort))
  }

  take(protocol: string, address: string, port: number): void {
    const key = `${protocol}/${port}`
    const known = this.#taken.get(key)
    if (known) known.push(address)
    else this.#taken.set(key, [address])
  }

  /** The address that is in the way: the same one, or the wildcard of its family on either side. */
  holder(protocol: string, address: string, port: number): string | undefined {
    return this.#taken.get(`${protocol}/${port}`)?.find(held => clash(held, address))
  }
}

/** Whether two addresses cannot have the same port: they are one, or one is the wildcard of their family. */
const clash = (a: string, b: string): boolean =>
  a.includes(':') === b.includes(':') && (a === b || isWildcard(a) || isWildcard(b))

const isWildcard = (address: string): boolean => address === '0.0.0.0' || address === '::'
const protocolOf = (key: string): string => key.split('/')[1] ?? 'tcp'

export interface Publishing {
  inUse: HostPorts
  /** Address for bindings that name none; '' for every one of IPv4 and IPv6. */
  defaultAddress: string
  /** The container's own address, for messages. */
  containerAddress: string
  /** Ports below it cannot be had. */
  firstFree: number
  /** Whether the host has an address. */
  isLocal: (address: string) => boolean
  /** Whether a process of the host's own listens there. */
  isBound: (protocol: string, address: string, port: number) => boolean
  /** The port given out last of each address, protocol and range; the next search goes on from there. */
  last: Record<string, number>
}

/** One address of one binding; ports from 0 to 0 are the ephemeral ones. */
interface Request {
  key: string
  address: string
  from: number
  to: number
}

/** How often Docker tries another port of a range when one cannot be bound. */
const attempts = 10

/**
 * Allocates what a container publishes. The result is NetworkSettings.Ports: exposed but unpublished ports are
 * null. Throws Docker's words for an address that cannot be bound; `state.last` moves on.
 */
export function allocatePorts(
  exposed: readonly string[],
  hostConfig: Pick<HostConfig, 'PortBindings' | 'PublishAllPorts'>,
  state: Publishing,
): PortMap {
  const out: PortMap = {}
  const requests: Request[] = []
  const keys = new Set([...exposed, ...Object.keys(hostConfig.PortBindings)])
  for (const key of [...keys].sort(comparePorts)) {
    const wanted = hostConfig.PortBindings[key] ?? (hostConfig.PublishAllPorts ? [{ HostIp: '', HostPort: '' }] : null)
    out[key] = wanted?.length ? [] : null
    for (const binding of wanted ?? []) requests.push(...addressesOf(key, binding, state.defaultAddress))
  }
  requests.sort(compareRequests)
  while (requests.length > 0) {
    const [head] = requests as [Request]
    // Addresses of the same port of the container share their port on the host.
    const rest = requests.findIndex(each => each.key !== head.key || each.from !== head.from || each.to !== head.to)
    const group = requests.splice(0, rest < 0 ? requests.length : rest)
    const port = allocate(group, state)
    for (const { key, address } of group) out[key]?.push({ HostIp: address, HostPort: String(port) })
  }
  return out
}

/** The addresses that a binding means: an empty HostIp stands for all of IPv4 and all of IPv6. */
function addressesOf(key: string, binding: PortBinding, defaultAddress: string): Request[] {
  const ip = binding.HostIp || defaultAddress
  const [from = '', to = from] = binding.HostPort.split('-')
  return (ip === '' ? ['0.0.0.0', '::'] : [ip]).map(address => ({ key, address, from: Number(from), to: Number(to) }))
}

const isRange = ({ from, to }: Request): boolean => from === 0 || from !== to

/** Chosen ports go before ranges, so that these find others (moby's cmpPortBinding). */
function compareRequests(a: Request, b: Request): number {
  return (
    Number(isRange(a)) - Number(isRange(b)) ||
    comparePorts(a.key, b.key) ||
    a.from - b.from ||
    a.to - b.to ||
    compareAddresses(a.address, b.address)
  )
}

function compareAddresses(a: string, b: string): number {
  const [left, right] = [parseAddress(a), parseAddress(b)]
  if (!left || !right || left.family !== right.family) return (left?.family ?? 0) - (right?.family ?? 0)
  return left.value < right.value ? -1 : left.value > right.value ? 1 : 0
}

/** Takes one host port for a group of requests that differ in their address only. */
function allocate(group: readonly Request[], state: Publishing): number {
  const [head] = group as [Request]
  const protocol = protocolOf(head.key)
  for (let attempt = 1; ; attempt++) {
    const port = isRange(head) ? nextOfRange(group, state) : freePort(group, state)
    const failure = bindFailure(group, port, state)
    if (!failure) {
      for (const { address } of group) state.inUse.take(protocol, address, port)
      return port
    }
    if (!isRange(head) || attempt === attempts) throw failure
  }
}

/** The port that all requests name. @throws when it is taken */
function freePort(group: readonly Request[], { inUse }: Publishing): number {
  for (const { key, address, from } of group) {
    const holder = inUse.holder(protocolOf(key), address, from)
    if (holder !== undefined) throw systemError(`Bind for ${holder}:${from} failed: port is already allocated`)
  }
  return group[0]?.from ?? 0
}

/** The next free port of a range, after the last one that was given out of it (moby's portallocator). */
function nextOfRange(group: readonly Request[], { inUse, last }: Publishing): number {
  const [head] = group as [Request]
  const protocol = protocolOf(head.key)
  const { first, last: end } = head.from === 0 ? ephemeral : { first: head.from, last: head.to }
  const memory = ({ address }: Request): string => `${address} ${protocol} ${first}-${end}`
  let port = last[memory(head)] ?? end
  for (let step = first; step <= end; step++) {
    port = port >= end ? first : port + 1
    if (group.some(({ address }) => inUse.holder(protocol, address, port) !== undefined)) continue
    for (const each of group) last[memory(each)] = port
    return port
  }
  throw systemError('all ports are allocated')
}

/** Why the host cannot bind a port that is free for Docker. */
function bindFailure(group: readonly Request[], port: number, state: Publishing): EngineError | undefined {
  const bound: string[] = []
  for (const { key, address } of group) {
    const protocol = protocolOf(key)
    if (port < state.firstFree)
      return systemError(
        `error while calling RootlessKit PortManager.AddPort(): cannot expose privileged port ${port}, you can add 'net.ipv4.ip_unprivileged_port_start=${port}' to /etc/sysctl.conf (currently ${state.firstFree}), or set CAP_NET_BIND_SERVICE on rootlesskit binary, or choose a larger port number (>= ${state.firstFree}): listen ${protocol}4 ${address}:${port}: bind: permission denied`,
      )
    const failed = `failed to bind host port for ${address}:${port}:${state.containerAddress}:${key}`
    if (!state.isLocal(address)) return systemError(`${failed}: cannot assign requested address`)
    if (state.isBound(protocol, address, port)) return systemError(`${failed}: address already in use`)
    if (bound.some(other => clash(other, address)))
      return systemError(`failed to listen on ${protocol.toUpperCase()} socket: address already in use`)
    bound.push(address)
  }
  return undefined
}

/** tcp and udp ports in the order in which Docker lists them. */
export function comparePorts(a: string, b: string): number {
  const [portA = '', protocolA = ''] = a.split('/')
  const [portB = '', protocolB = ''] = b.split('/')
  return Number(portA) - Number(portB) || (protocolA < protocolB ? -1 : protocolA > protocolB ? 1 : 0)
}
