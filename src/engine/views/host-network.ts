/** The simulated host's network as `explain network` draws it. */
import { readIndex } from '../../container/containers.ts'
import { bridgeOptions } from '../../network/bridge-options.ts'
import { hostAddress, hostGateway, hostInterface } from '../../network/host.ts'
import { readPool } from '../../network/ipam.ts'
import { readNetworks } from '../../network/networks.ts'
import type { NetworkRecord } from '../../network/record.ts'
import type { EngineContext } from '../context.ts'
import { vethName } from '../host/interfaces.ts'
import type { HostNetworkView, WireView } from '../internals.ts'
import { runs, topologyOf } from '../network/topology.ts'

/** Networks with what is plugged into them, published ports, and who has no bridge. */
export async function hostNetworkView(ctx: EngineContext): Promise<HostNetworkView> {
  await ctx.machine.settle()
  const { entries } = readIndex(ctx.store)
  const running = Object.values(entries).filter(runs)
  const on = (mode: string): string[] =>
    running.filter(entry => entry.networks[mode] !== undefined).map(entry => entry.name)
  const topology = topologyOf(ctx.store)
  const ownerOf = (address: string): string =>
    topology.networks.flatMap(network => network.byAddress.get(address)?.name ?? [])[0] ?? ''
  const wire = (network: NetworkRecord): WireView => ({
    network: network.name,
    driver: network.driver,
    bridge: network.driver === 'bridge' ? bridgeOptions(network).bridge : '',
    subnets: network.ipam.config.flatMap(config => config.Subnet ?? []),
    gateways: network.ipam.config.flatMap(config => readPool(config)?.gateway ?? []),
    internal: network.internal,
    dns: network.name !== 'bridge',
    ends: Object.values(network.endpoints).map(end => ({
      container: entries[end.container]?.name ?? end.name,
      interface: end.interface?.name ?? 'eth0',
      veth: vethName(end.endpointId),
      ipv4: end.ipv4,
      mac: end.mac,
      names: network.name === 'bridge' ? [] : [...end.dnsNames],
    })),
  })
  return {
    interface: {
      name: hostInterface.name,
      address: `${hostAddress}/${hostInterface.prefix}`,
      gateway: hostGateway,
    },
    networks: readNetworks(ctx.store)
      .filter(network => !network.configOnly && network.driver !== 'host' && network.driver !== 'null')
      .sort((a, b) => Number(b.name === 'bridge') - Number(a.name === 'bridge') || a.created - b.created)
      .map(wire),
    published: topology.published.map(each => ({
      container: ownerOf(each.address),
      host: each.hostAddress,
      hostPort: each.hostPort,
      port: each.port,
      protocol: each.protocol,
      address: each.address,
    })),
    onHost: on('host'),
    without: on('none'),
  }
}
