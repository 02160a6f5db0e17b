/** The interfaces of the simulated host: its own, a bridge for each network, a veth for each endpoint. */
import type { NetworkInterface } from '../../kernel/sandbox.ts'
import { parsePrefix } from '../../network/address.ts'
import { bridgeOptions } from '../../network/bridge-options.ts'
import { hostAddress, hostGateway, hostInterface } from '../../network/host.ts'
import { readPool } from '../../network/ipam.ts'
import { readNetworks } from '../../network/networks.ts'
import type { NetworkRecord } from '../../network/record.ts'
import type { StoreReader } from '../../store/types.ts'
import { linkLocal } from '../network/interfaces.ts'

/** A bridge of the host and the interfaces plugged into it. */
export interface HostBridge {
  name: string
  mac: string
  members: string[]
}

/** The bridge networks, `docker0` first, the others as they were made. */
export function bridgeNetworks(reader: StoreReader): NetworkRecord[] {
  return readNetworks(reader)
    .filter(network => network.driver === 'bridge' && !network.configOnly)
    .sort((a, b) => Number(b.name === 'bridge') - Number(a.name === 'bridge') || a.created - b.created)
}

export function hostInterfaces(reader: StoreReader): NetworkInterface[] {
  const networks = bridgeNetworks(reader)
  const own: NetworkInterface = {
    name: hostInterface.name,
    index: 2,
    peerIndex: 2,
    mac: hostInterface.mac,
    mtu: hostInterface.mtu,
    addresses: [`${hostAddress}/${hostInterface.prefix}`, `${linkLocal(hostInterface.mac)}/64`],
    gateway: hostGateway,
  }
  const bridges = networks.map((network): NetworkInterface => {
    const { bridge, mtu } = bridgeOptions(network)
    const up = Object.keys(network.endpoints).length > 0
    const mac = macOf(network.id)
    const index = network.index ?? 3
    return {
      name: bridge,
      index,
      peerIndex: index,
      mac,
      mtu,
      addresses: [
        ...network.ipam.config.flatMap(config => {
          const pool = readPool(config)
          const enabled = pool && (pool.subnet.family === 4 ? network.enableIPv4 : network.enableIPv6)
          return enabled ? [`${pool.gateway}/${pool.subnet.bits}`] : []
        }),
        ...(up ? [`${linkLocal(mac)}/64`] : []),
      ],
      up,
    }
  })
  const veths = networks.flatMap(network =>
    Object.values(network.endpoints).map(
      (end): NetworkInterface => ({
        name: vethName(end.endpointId),
        index: end.interface?.peer ?? 0,
        peerIndex: end.interface?.index ?? 2,
        mac: macOf(end.endpointId),
        mtu: bridgeOptions(network).mtu,
        addresses: [`${linkLocal(macOf(end.endpointId))}/64`],
        master: bridgeOptions(network).bridge,
      }),
    ),
  )
  return [own, ...bridges, ...veths].sort((a, b) => a.index - b.index)
}

export function hostBridges(reader: StoreReader): HostBridge[] {
  return bridgeNetworks(reader).map(network => ({
    name: bridgeOptions(network).bridge,
    mac: macOf(network.id),
    members: Object.values(network.endpoints).map(end => vethName(end.endpointId)),
  }))
}

/** The routes of the host, as `ip route` prints them. */
export function hostRoutes(reader: StoreReader): string {
  const bridges = bridgeNetworks(reader).flatMap(network => {
    const { bridge } = bridgeOptions(network)
    const down = Object.keys(network.endpoints).length === 0 ? ' linkdown' : ''
    return network.ipam.config.flatMap(config => {
      const pool = readPool(config)
      if (pool?.subnet.family !== 4 || !network.enableIPv4) return []
      return [
        {
          base: pool.subnet.base,
          line: `${config.Subnet} dev ${bridge} proto kernel scope link src ${pool.gateway}${down}`,
        },
      ]
    })
  })
  const own = parsePrefix(`${hostAddress}/${hostInterface.prefix}`)
  const link = `${hostAddress.replace(/\d+$/, '0')}/${hostInterface.prefix} dev ${hostInterface.name} proto kernel scope link src ${hostAddress}`
  const lines = [...bridges, { base: own?.base ?? 0n, line: link }].sort((a, b) => (a.base < b.base ? -1 : 1))
  return [`default via ${hostGateway} dev ${hostInterface.name}`, ...lines.map(({ line }) => line)]
    .map(line => `${line} \n`)
    .join('')
}

/** The end on the host of the pair that joins an endpoint to its bridge. */
export const vethName = (endpointId: string): string => `veth${endpointId.slice(0, 7)}`

/** A locally administered address that follows from an id. */
const macOf = (id: string): string => ['02', ...(id.slice(-10).match(/../g) ?? [])].join(':')
