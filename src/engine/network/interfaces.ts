/** A container's interfaces and its default gateway, from the endpoints it holds. */
import type { EndpointSettings } from '../../api/network.ts'
import type { ContainerRecord } from '../../container/record.ts'
import type { NetworkInterface } from '../../kernel/sandbox.ts'
import { bridgeOptions } from '../../network/bridge-options.ts'
import { networkPath } from '../../network/networks.ts'
import type { NetworkRecord } from '../../network/record.ts'
import type { StoreReader } from '../../store/types.ts'
import { endpointSysctls } from './checks.ts'

type Connected = Pick<ContainerRecord, 'networks'>

/**
 * The endpoint that gives the default gateway: the highest `--gw-priority`, then the first network by name
 * (libnetwork Endpoint.Less); undefined when none has a gateway.
 */
export function gatewayOf(container: Connected): EndpointSettings | undefined {
  return inOrder(container).find(end => end.Gateway !== '' || end.IPv6Gateway !== '')
}

/** Live endpoints, the one first that is asked first for a gateway. */
const inOrder = (container: Connected): EndpointSettings[] =>
  Object.entries(container.networks)
    .filter(([, end]) => end.EndpointID !== '')
    .sort(([a, one], [b, other]) => (other.GwPriority ?? 0) - (one.GwPriority ?? 0) || (a < b ? -1 : 1))
    .map(([, end]) => end)

/** Its interfaces, in the order of their numbers. */
export function interfacesOf(reader: StoreReader, container: ContainerRecord): NetworkInterface[] {
  const gateway = gatewayOf(container)
  const gateway6 = inOrder(container).find(end => end.IPv6Gateway !== '')
  const { Sysctls: sysctls } = container.hostConfig
  const six = ['all', 'default'].every(name => sysctls?.[`net.ipv6.conf.${name}.disable_ipv6`] !== '1')
  return Object.values(container.networks)
    .flatMap(endpoint => {
      const network = reader.read<NetworkRecord>(networkPath(endpoint.NetworkID))
      const known = network?.endpoints[container.id]?.interface
      if (!network || !known || endpoint.EndpointID === '') return []
      const local = endpoint.IPAMConfig?.LinkLocalIPs ?? []
      const made: NetworkInterface = {
        name: known.name,
        index: known.index,
        peerIndex: known.peer,
        mac: endpoint.MacAddress,
        mtu: bridgeOptions(network).mtu,
        addresses: [
          ...(endpoint.IPAddress === '' ? [] : [`${endpoint.IPAddress}/${endpoint.IPPrefixLen}`]),
          ...local.map(address => `${address}/16`),
          ...(endpoint.GlobalIPv6Address === '' || !six
            ? []
            : [
                `${endpoint.GlobalIPv6Address}/${endpoint.GlobalIPv6PrefixLen}`,
                `${linkLocal(endpoint.MacAddress)}/64`,
              ]),
        ],
        ...(endpoint === gateway && endpoint.Gateway !== '' && { gateway: endpoint.Gateway }),
        ...(endpoint === gateway6 && six && { gateway6: endpoint.IPv6Gateway }),
        ...(endpoint.DriverOpts?.[endpointSysctls] && { parameters: parametersOf(endpoint.DriverOpts, known.name) }),
      }
      return [made]
    })
    .sort((a, b) => a.index - b.index)
}

/** Kernel parameters that an endpoint's options set for its interface. */
function parametersOf(options: Readonly<Record<string, string>>, device: string): Record<string, string> {
  const settings = (options[endpointSysctls] ?? '').split(',').map((text): [string, string] => {
    const [key = '', value = ''] = text.split('=')
    return [key.replace(/\.ifname\./i, `.${device}.`), value]
  })
  return Object.fromEntries(settings)
}

/** The address that an interface gives itself from its hardware address (EUI-64). */
export function linkLocal(mac: string): string {
  const [first = 0, ...rest] = mac.split(':').map(octet => Number.parseInt(octet, 16))
  const octets = [first ^ 2, ...rest.slice(0, 2), 0xff, 0xfe, ...rest.slice(2)]
  const groups = [0, 2, 4, 6].map(at => (((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0)).toString(16))
  return `fe80::${groups.join(':')}`
}
