/** What the store keeps of a network (`networks/<id>.json`). */
import type { IpamPool } from '../api/network.ts'

export interface NetworkRecord {
  v: 1
  id: string
  name: string
  created: number
  driver: string
  scope: 'local' | 'swarm' | 'global'
  internal: boolean
  attachable: boolean
  ingress: boolean
  configOnly: boolean
  configFrom: string
  enableIPv4: boolean
  enableIPv6: boolean
  ipam: {
    driver: string
    options: Record<string, string> | null
    /** As given, or as taken from the default pools. A given subnet without a gateway shows none. */
    config: IpamPool[]
    /** Families whose subnet nobody gave: their containers cannot ask for an address. */
    automatic?: (4 | 6)[]
  }
  options: Record<string, string>
  labels: Record<string, string>
  /** Number of its bridge on the host. */
  index?: number
  /** On `bridge` alone: the host port published last of each address, protocol and range. */
  lastPorts?: Record<string, number>
  /** Running containers on it, by container id. */
  endpoints: Record<string, EndpointRecord>
}

export interface EndpointRecord {
  container: string
  name: string
  endpointId: string
  mac: string
  /** Without the prefix length; '' on networks without addresses. */
  ipv4: string
  ipv6: string
  /** Names that the embedded DNS answers for on this network. */
  dnsNames: string[]
  /** Its interface in the container (eth0), its number there, and that of its peer on the host. */
  interface?: { name: string; index: number; peer: number }
  /** Names of `--link` that only this container's DNS answers for, with the container they mean. */
  links?: Record<string, string>
}

/** The networks that every engine has, which cannot be removed. */
export const predefined = ['bridge', 'host', 'none'] as const

export const isPredefined = (network: NetworkRecord): boolean =>
  (predefined as readonly string[]).includes(network.name)

/** The bridge, host and none networks of a new store. `ids` are three fresh ids. */
export function initialNetworks(now: number, ids: readonly [string, string, string]): NetworkRecord[] {
  const base = {
    v: 1 as const,
    created: now,
    scope: 'local' as const,
    internal: false,
    attachable: false,
    ingress: false,
    configOnly: false,
    configFrom: '',
    enableIPv4: true,
    enableIPv6: false,
    labels: {},
    endpoints: {},
  }
  return [
    {
      ...base,
      id: ids[0],
      name: 'bridge',
      driver: 'bridge',
      ipam: { driver: 'default', options: null, config: [{ Subnet: '172.17.0.0/16', Gateway: '172.17.0.1' }] },
      options: {
        'com.docker.network.bridge.default_bridge': 'true',
        'com.docker.network.bridge.enable_icc': 'true',
        'com.docker.network.bridge.enable_ip_masquerade': 'true',
        'com.docker.network.bridge.host_binding_ipv4': '0.0.0.0',
        'com.docker.network.bridge.name': 'docker0',
        'com.docker.network.driver.mtu': '1500',
      },
    },
    {
      ...base,
      id: ids[1],
      name: 'host',
      driver: 'host',
      ipam: { driver: 'default', options: null, config: [] },
      options: {},
    },
    {
      ...base,
      id: ids[2],
      name: 'none',
      driver: 'null',
      ipam: { driver: 'default', options: null, config: [] },
      options: {},
    },
  ]
}
