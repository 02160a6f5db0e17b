/** A container's interfaces and its default gateway, from the endpoints it holds. */
import type { EndpointSettings } from '../../api/network.ts'
import type { ContainerRecord } from '../../container/record.ts'
import type { NetworkInterface } from '../../kernel/sandbox.ts'
import { bridgeOptions } from '../../network/bridge-options.ts'
import { networkPath } from '../../network/networks.ts'
import type { NetworkRecord } from '../../network/record.ts'
import type { StoreReader } from '../../store/types.ts'

type Connected = Pick<ContainerRecord, 'networks'>

/**
 * The endpoint that gives the default gateway: the highest `--gw-priority`, then the first network by name
 * (libnetwork Endpoint.Less); undefined when none has a gateway.
 */
export function gatewayOf(container: Connected): EndpointSettings | undefined {
  return Object.entries(container.networks)
    .filter(([, end]) => end.EndpointID !== '' && (end.Gateway !== '' || end.IPv6Gateway !== ''))
    .sort(([a, one], [b, other]) => (other.GwPriority ?? 0) - (one.GwPriority ?? 0) || (a < b ? -1 : 1))[0]?.[1]
}

/** Its interfaces, in the order of their numbers. */
export function interfacesOf(reader: StoreReader, container: ContainerRecord): NetworkInterface[] {
  const gateway = gatewayOf(container)
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
          ...(endpoint.GlobalIPv6Address === ''
            ? []
            : [`${endpoint.GlobalIPv6Address}/${endpoint.GlobalIPv6PrefixLen}`]),
        ],
        ...(endpoint === gateway && endpoint.Gateway !== '' && { gateway: endpoint.Gateway }),
      }
      return [made]
    })
    .sort((a, b) => a.index - b.index)
}
