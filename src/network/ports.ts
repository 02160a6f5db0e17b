/** Published ports: which host ports are taken, and which a container gets when it starts. */
import type { HostConfig, PortBinding, PortMap } from '../api/container.ts'
import { type EngineError, systemError } from '../errors.ts'

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
    const six = address.includes(':')
    return this.#taken
      .get(`${protocol}/${port}`)
      ?.find(held => held.includes(':') === six && (held === address || isWildcard(held) || isWildcard(address)))
  }
}

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
  /** The ephemeral port given out last; goes on from there, as Docker does. */
  last: number
}

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
  const keys = new Set([...exposed, ...Object.keys(hostConfig.PortBindings)])
  for (const key of [...keys].sort(comparePorts)) {
    const wanted = hostConfig.PortBindings[key] ?? (hostConfig.PublishAllPorts ? [{ HostIp: '', HostPort: '' }] : null)
    if (!wanted?.length) {
      out[key] = null
      continue
    }
    const bound: PortBinding[] = []
    for (const binding of wanted) {
      if (bound.some(other => other.HostPort === binding.HostPort && covers(other.HostIp, binding.HostIp)))
        throw systemError(`failed to listen on ${protocolOf(key).toUpperCase()} socket: address already in use`)
      bound.push(...bind(key, binding, state))
    }
    out[key] = bound
  }
  return out
}

const covers = (held: string, wanted: string): boolean => held === wanted || (wanted === '' && isWildcard(held))

/** One binding on every address it means: an empty HostIp stands for all of IPv4 and all of IPv6. */
function bind(key: string, binding: PortBinding, state: Publishing): PortBinding[] {
  const protocol = protocolOf(key)
  const ip = binding.HostIp || state.defaultAddress
  const addresses = ip === '' ? ['0.0.0.0', '::'] : [ip]
  const [from = '', to = from] = binding.HostPort.split('-')
  const free = (port: number): boolean =>
    addresses.every(each => state.inUse.holder(protocol, each, port) === undefined)
  let port: number | undefined
  if (from === '' || from === '0') {
    port = nextEphemeral(state, free)
  } else {
    for (let at = Number(from); at <= Number(to) && port === undefined; at++) if (free(at)) port = at
    if (port === undefined && from === to) throw portInUse(protocol, addresses, Number(from), state)
  }
  if (port === undefined) throw systemError('all ports are allocated')
  if (port < state.firstFree)
    throw systemError(
      `error while calling RootlessKit PortManager.AddPort(): cannot expose privileged port ${port}, you can add 'net.ipv4.ip_unprivileged_port_start=${port}' to /etc/sysctl.conf (currently ${state.firstFree}), or set CAP_NET_BIND_SERVICE on rootlesskit binary, or choose a larger port number (>= ${state.firstFree}): listen ${protocol}4 ${addresses[0]}:${port}: bind: permission denied`,
    )
  for (const address of addresses) {
    if (!state.isLocal(address))
      throw systemError(
        `failed to bind host port for ${address}:${port}:${state.containerAddress}:${key}: cannot assign requested address`,
      )
    if (state.isBound(protocol, address, port))
      throw systemError(
        `failed to bind host port for ${address}:${port}:${state.containerAddress}:${key}: address already in use`,
      )
    state.inUse.take(protocol, address, port)
  }
  return addresses.map(address => ({ HostIp: address, HostPort: String(port) }))
}

function portInUse(protocol: string, addresses: readonly string[], port: number, state: Publishing): EngineError {
  const holder = addresses.map(address => state.inUse.holder(protocol, address, port)).find(held => held !== undefined)
  return systemError(`Bind for ${holder ?? '0.0.0.0'}:${port} failed: port is already allocated`)
}

function nextEphemeral(state: Publishing, free: (port: number) => boolean): number | undefined {
  const count = ephemeral.last - ephemeral.first + 1
  const start = state.last < ephemeral.first || state.last >= ephemeral.last ? ephemeral.first : state.last + 1
  for (let step = 0; step < count; step++) {
    const port = ephemeral.first + ((start - ephemeral.first + step) % count)
    if (!free(port)) continue
    state.last = port
    return port
  }
  return undefined
}

/** tcp and udp ports in the order in which Docker lists them. */
export function comparePorts(a: string, b: string): number {
  const [portA = '', protocolA = ''] = a.split('/')
  const [portB = '', protocolB = ''] = b.split('/')
  return Number(portA) - Number(portB) || (protocolA < protocolB ? -1 : protocolA > protocolB ? 1 : 0)
}
