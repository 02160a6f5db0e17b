/** What a container may join, in moby's words (daemon/container_operations.go, runconfig/errors.go). */
import type { EndpointSettings } from '../../api/network.ts'
import { type ContainerRecord, hasProcesses } from '../../container/record.ts'
import { invalid } from '../../errors.ts'
import { contains, parseAddress, parsePrefix } from '../../network/address.ts'
import { isPredefined, type NetworkRecord } from '../../network/record.ts'

export const sharedNamespace =
  'container sharing network namespace with another container or host cannot be connected to any other network'

/** Option of an endpoint: kernel parameters of its interface. */
export const endpointSysctls = 'com.docker.network.endpoint.sysctls'

/** Throws when what the container is on does not go with this network. */
export function checkJoin(container: ContainerRecord, network: NetworkRecord): void {
  const mode = container.hostConfig.NetworkMode
  if (mode.startsWith('container:')) {
    // What does not run is only written down.
    if (!hasProcesses(container)) return
    throw invalid(sharedNamespace)
  }
  if (network.driver === 'host' && mode !== 'host')
    throw invalid('cannot connect container to host network - container must be created in host network mode')
  for (const name of Object.keys(container.networks)) {
    if (name === network.name) return
    if (name === 'host') throw invalid(sharedNamespace)
    if (name === 'none' || network.name === 'none')
      throw invalid(
        'container cannot be connected to multiple networks with one of the networks in private (none) mode',
      )
  }
}

/** What is wrong with an endpoint's settings on a network; [] when nothing is (validateEndpointSettings). */
export function endpointErrors(network: NetworkRecord, endpoint: EndpointSettings): string[] {
  const errors: string[] = []
  const { IPv4Address: v4 = '', IPv6Address: v6 = '', LinkLocalIPs: local = [] } = endpoint.IPAMConfig ?? {}
  const user = !isPredefined(network)
  if ((v4 !== '' || v6 !== '') && !user)
    errors.push('user specified IP address is supported on user defined networks only')
  if (endpoint.Aliases?.length && !user)
    errors.push('network-scoped alias is supported only for containers in user defined networks')
  if (v4 !== '' && parseAddress(v4)?.family !== 4) errors.push(`invalid IPv4 address: ${v4}`)
  if (v6 !== '' && parseAddress(v6)?.family !== 6) errors.push(`invalid IPv6 address: ${v6}`)
  for (const address of local) if (!parseAddress(address)) errors.push(`invalid link-local IP address: ${address}`)
  for (const [address, family] of [
    [v4, 4],
    [v6, 6],
  ] as const) {
    if (address === '') continue
    const subnets = network.ipam.automatic?.includes(family)
      ? []
      : network.ipam.config.flatMap(config => parsePrefix(config.Subnet) ?? []).filter(each => each.family === family)
    const parsed = parseAddress(address)
    // A fresh daemon's own bridge has none that a user chose; one that finds its bridge there at a restart thinks so.
    if (subnets.length === 0 || !user)
      errors.push(
        'user specified IP address is supported only when connecting to networks with user configured subnets',
      )
    else if (!subnets.some(subnet => parsed?.family === family && contains(subnet, parsed.value)))
      errors.push(`no configured subnet or ip-range contain the IP address ${address}`)
  }
  for (const text of (endpoint.DriverOpts?.[endpointSysctls] ?? '').split(',').filter(Boolean)) {
    const [, family = '', , device] = text.split('.')
    if (
      !/^[^.]*\.[^.]*\.[^.]*\.[^.]*\../.test(text) ||
      !['ipv4', 'ipv6', 'mpls'].includes(family) ||
      !/^ifname$/i.test(device ?? '')
    )
      errors.push(
        `unrecognised network interface sysctl '${text}'; represent 'net.X.Y.ethN.Z=V' as 'net.X.Y.IFNAME.Z=V', 'X' must be 'ipv4', 'ipv6' or 'mpls'`,
      )
  }
  return errors
}
