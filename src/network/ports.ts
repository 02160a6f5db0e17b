/** Published ports: which host ports are taken, and which a container gets when it starts. */
import type { HostConfig, PortBinding, PortMap } from '../api/container.ts'
import { type EngineError, systemError } from '../errors.ts'

/** Range of the host's ephemeral ports, from which unnamed ones are taken. */
const ephemeral = { first: 32768, last: 60999 }

/** Host ports in use, as `protocol/address:port`. */
export type PortsInUse = ReadonlySet<string>

export const portKey = (protocol: string, address: string, port: string | number): string =>
  `${protocol}/${address}:${port}`

/** Every host port that a container's live PortMap holds. */
export function portsHeld(ports: PortMap): string[] {
  return Object.entries(ports).flatMap(([key, bindings]) => {
    const protocol = key.split('/')[1] ?? 'tcp'
    return (bindings ?? []).map(binding => portKey(protocol, binding.HostIp, binding.HostPort))
  })
}

/**
 * Allocates what a container publishes. The result is NetworkSettings.Ports: exposed but unpublished ports are
 * null. `failed` makes Docker's error for an address that cannot be bound.
 */
export function allocatePorts(
  exposed: readonly string[],
  hostConfig: Pick<HostConfig, 'PortBindings' | 'PublishAllPorts'>,
  inUse: PortsInUse,
  failed: (address: string, port: string) => EngineError,
): PortMap {
  const taken = new Set(inUse)
  const out: PortMap = {}
  const keys = new Set([...exposed, ...Object.keys(hostConfig.PortBindings)])
  for (const key of [...keys].sort(comparePorts)) {
    const wanted = hostConfig.PortBindings[key] ?? (hostConfig.PublishAllPorts ? [{ HostIp: '', HostPort: '' }] : null)
    out[key] = wanted?.length
      ? wanted.flatMap(binding => bind(key.split('/')[1] ?? 'tcp', binding, taken, failed))
      : null
  }
  return out
}

/** One binding on every address it means: an empty HostIp stands for all of IPv4 and all of IPv6. */
function bind(
  protocol: string,
  binding: PortBinding,
  taken: Set<string>,
  failed: (address: string, port: string) => EngineError,
): PortBinding[] {
  const addresses = binding.HostIp === '' ? ['0.0.0.0', '::'] : [binding.HostIp]
  const [from = '', to = from] = binding.HostPort.split('-')
  const first = from === '' || from === '0' ? ephemeral.first : Number(from)
  const last = from === '' || from === '0' ? ephemeral.last : Number(to)
  for (let port = first; port <= last; port++) {
    if (addresses.some(address => clashes(taken, protocol, address, port))) continue
    for (const address of addresses) taken.add(portKey(protocol, address, port))
    return addresses.map(address => ({ HostIp: address, HostPort: String(port) }))
  }
  throw from === '' || from === '0'
    ? systemError('all ports are allocated')
    : failed(addresses.find(address => clashes(taken, protocol, address, first)) ?? '0.0.0.0', String(first))
}

/** An address clashes with itself and with the wildcard of its family. */
function clashes(taken: ReadonlySet<string>, protocol: string, address: string, port: number): boolean {
  if (taken.has(portKey(protocol, address, port))) return true
  const wildcard = address.includes(':') ? '::' : '0.0.0.0'
  if (address !== wildcard) return taken.has(portKey(protocol, wildcard, port))
  const suffix = `:${port}`
  for (const key of taken) {
    if (key.startsWith(`${protocol}/`) && key.endsWith(suffix)) {
      const held = key.slice(protocol.length + 1, -suffix.length)
      if (held.includes(':') === address.includes(':')) return true
    }
  }
  return false
}

/** tcp and udp ports in the order in which Docker lists them. */
export function comparePorts(a: string, b: string): number {
  const [portA = '', protocolA = ''] = a.split('/')
  const [portB = '', protocolB = ''] = b.split('/')
  return Number(portA) - Number(portB) || (protocolA < protocolB ? -1 : protocolA > protocolB ? 1 : 0)
}
