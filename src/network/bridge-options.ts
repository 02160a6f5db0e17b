/** What `network create --opt` says to the bridge driver (moby libnetwork/drivers/bridge/bridge_linux.go). */
import { type EngineError, invalid, messageOf } from '../errors.ts'
import { parseBool } from '../util/strconv.ts'
import { parseAddress } from './address.ts'
import type { NetworkRecord } from './record.ts'

const prefix = 'com.docker.network.'

/** IFNAMSIZ, less the closing zero. */
export const longestInterfaceName = 15

/** Whether the kernel takes it as the name of an interface, but for its length (dev_valid_name). */
export const isInterfaceName = (name: string): boolean => !['.', '..'].includes(name) && !/[/:\s]/.test(name)

export interface BridgeOptions {
  /** Name of the bridge on the host. */
  bridge: string
  /** Whether containers of the network reach one another. */
  icc: boolean
  /** Whether packets that leave the network take the host's address. */
  masquerade: boolean
  mtu: number
  /** Address on which ports are published when `-p` names none; '' for all. */
  hostBinding: string
  /** Prefix of interface names in containers. */
  interfacePrefix: string
}

/** The options in force. Values were checked when the network was made. */
export function bridgeOptions(network: Pick<NetworkRecord, 'id' | 'options'>): BridgeOptions {
  const option = (name: string): string | undefined => network.options[prefix + name]
  const binding = option('bridge.host_binding_ipv4') ?? ''
  return {
    bridge: option('bridge.name') || `br-${network.id.slice(0, 12)}`,
    icc: parseBool(option('bridge.enable_icc') ?? 'true'),
    masquerade: parseBool(option('bridge.enable_ip_masquerade') ?? 'true'),
    mtu: Number(option('driver.mtu') ?? 1500) || 1500,
    hostBinding: binding === '0.0.0.0' ? '' : binding,
    interfacePrefix: option('container_iface_prefix') || 'eth',
  }
}

/** Throws the driver's error for an option that it cannot read. */
export function checkBridgeOptions({ options, internal }: Pick<NetworkRecord, 'options' | 'internal'>): void {
  const failed = (name: string, value: string, reason: string): EngineError =>
    invalid(`failed to parse ${prefix}${name} value: ${value} (${reason})`)
  for (const [key, value] of Object.entries(options)) {
    if (!key.startsWith(prefix)) continue
    const name = key.slice(prefix.length)
    switch (name) {
      case 'bridge.enable_icc':
      case 'bridge.enable_ip_masquerade':
      case 'bridge.inhibit_ipv4':
        try {
          parseBool(value)
        } catch (error) {
          throw failed(name, value, messageOf(error))
        }
        break
      case 'driver.mtu':
        if (!/^[+-]?\d+$/.test(value)) throw failed(name, value, `strconv.Atoi: parsing "${value}": invalid syntax`)
        if (Number(value) < 0) throw invalid(`invalid MTU number: ${value}`)
        break
      case 'bridge.host_binding_ipv4':
        if (parseAddress(value)?.family !== 4) throw failed(name, value, 'nil ip')
        break
      case 'bridge.gateway_mode_ipv4':
      case 'bridge.gateway_mode_ipv6':
        if (!['', 'nat', 'nat-unprotected', 'routed', 'isolated'].includes(value))
          throw failed(name, value, `unknown gateway mode ${value}`)
        if (value === 'isolated' && !internal)
          throw invalid("gateway mode 'isolated' can only be used for an internal network")
        break
      case 'bridge.name':
        if (value.length > longestInterfaceName) throw invalid('numerical result out of range')
        if (value !== '' && !isInterfaceName(value)) throw invalid('invalid argument')
        break
      case 'host_ipv4':
        if (parseAddress(value)?.family !== 4) throw failed(name, value, 'nil ip')
        break
      case 'host_ipv6':
        if (parseAddress(value)?.family !== 6) throw failed(name, value, 'nil ip')
        break
    }
  }
}
