/** From a record to the document of `docker inspect`. */
import type { ContainerInspect, MountPoint, NetworkSettings } from '../api/container.ts'
import type { EndpointSettings } from '../api/network.ts'
import { rfc3339Nano } from '../util/time.ts'
import type { ContainerRecord, MountRecord } from './record.ts'
import { isRunning } from './record.ts'
import { apiState } from './state.ts'

/** Where the simulated host keeps Docker's data; paths below it are shown, never touched. */
export const dockerRoot = '/var/lib/docker'

export function inspectContainer(
  record: ContainerRecord,
  links: readonly string[],
  imageLayers: readonly string[],
  size: boolean,
): ContainerInspect {
  const folder = `${dockerRoot}/containers/${record.id}`
  const started = record.state.startedAt !== 0 || record.state.error !== ''
  const file = (name: string): string => (started ? `${folder}/${name}` : '')
  // Who shares a network namespace shares the files that say who one is there.
  const donor = /^container:(.+)$/.exec(record.hostConfig.NetworkMode)?.[1]
  const identity = (name: string): string => (started ? `${dockerRoot}/containers/${donor ?? record.id}/${name}` : '')
  const overlay = (id: string): string => `${dockerRoot}/overlay2/${id}`
  const running = record.execs.filter(exec => exec.running).map(exec => exec.id)
  return {
    Id: record.id,
    Created: rfc3339Nano(record.created),
    Path: record.path,
    Args: record.args,
    State: apiState(record),
    Image: record.image,
    ResolvConfPath: identity('resolv.conf'),
    HostnamePath: identity('hostname'),
    HostsPath: identity('hosts'),
    LogPath: record.hostConfig.LogConfig.Type === 'json-file' ? file(`${record.id}-json.log`) : '',
    Name: `/${record.name}`,
    RestartCount: record.restartCount,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: appArmorProfile(record.hostConfig.SecurityOpt ?? []),
    ExecIDs: running.length > 0 ? running : null,
    HostConfig: links.length > 0 ? { ...record.hostConfig, Links: [...links] } : record.hostConfig,
    GraphDriver: {
      Data: {
        ID: record.id,
        LowerDir: [`${overlay(record.graphId)}-init/diff`, ...imageLayers.map(id => `${overlay(id)}/diff`)].join(':'),
        MergedDir: `${overlay(record.graphId)}/merged`,
        UpperDir: `${overlay(record.graphId)}/diff`,
        WorkDir: `${overlay(record.graphId)}/work`,
      },
      Name: 'overlay2',
    },
    ...(size && { SizeRw: record.sizeRw, SizeRootFs: record.sizeRootFs }),
    Mounts: record.mounts.filter(mount => !mount.hidden).map(apiMount),
    Config: record.config,
    NetworkSettings: networkSettings(record),
  }
}

/** The Mounts entry of inspect and ps. */
export function apiMount(mount: MountRecord): MountPoint {
  return {
    Type: mount.Type,
    ...(mount.Name !== undefined && { Name: mount.Name }),
    Source: mount.Source,
    Destination: mount.Destination,
    ...(mount.Driver !== undefined && { Driver: mount.Driver }),
    Mode: mount.Mode,
    RW: mount.RW,
    Propagation: mount.Propagation,
  }
}

function networkSettings(record: ContainerRecord): NetworkSettings {
  const bridge: Partial<EndpointSettings> = record.networks['bridge'] ?? {}
  const live = isRunning(record) && record.state.status !== 'restarting'
  return {
    Bridge: '',
    SandboxID: live ? record.sandboxId : '',
    SandboxKey: live && record.sandboxId !== '' ? `/var/run/docker/netns/${record.sandboxId.slice(0, 12)}` : '',
    Ports: live ? record.ports : {},
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: bridge.EndpointID ?? '',
    Gateway: bridge.Gateway ?? '',
    GlobalIPv6Address: bridge.GlobalIPv6Address ?? '',
    GlobalIPv6PrefixLen: bridge.GlobalIPv6PrefixLen ?? 0,
    IPAddress: bridge.IPAddress ?? '',
    IPPrefixLen: bridge.IPPrefixLen ?? 0,
    IPv6Gateway: bridge.IPv6Gateway ?? '',
    MacAddress: bridge.MacAddress ?? '',
    Networks: record.networks,
  }
}

const appArmorProfile = (options: readonly string[]): string =>
  options.findLast(option => /^apparmor[=:]/.test(option))?.slice('apparmor='.length) ?? ''
