/** The compact index of containers: what `ps`, name look-ups and settling need without reading every record. */
import type { ContainerSummary, PortMap, PortSummary } from '../api/container.ts'
import type { EndpointSettings } from '../api/network.ts'
import { apiMount } from './inspect.ts'
import type { ContainerRecord, LinkRecord, MountRecord, StateRecord } from './record.ts'
import { statusText } from './state.ts'

/** One row of `index/containers.json`. */
export interface ContainerIndexEntry {
  id: string
  name: string
  created: number
  sequence: number
  /** The image as the user named it, and its id. */
  imageName: string
  image: string
  command: string
  labels: Record<string, string>
  state: Pick<StateRecord, 'status' | 'exitCode' | 'startedAt' | 'finishedAt'> & {
    health?: 'starting' | 'healthy' | 'unhealthy'
  }
  networkMode: string
  /** `--pid`, where it is another's. */
  pidMode?: string
  /** `--ipc`, where it is another's. */
  ipcMode?: string
  networks: Record<string, EndpointSettings>
  ports: PortMap
  exposed: string[]
  mounts: MountRecord[]
  links?: LinkRecord[]
  sizeRw: number
  sizeRootFs: number
  /** When the engine has something to do for it; absent: not before someone acts. */
  wakeAt?: number
}

/** The index row of a record. `wakeAt` is given by who knows the kernel's timers. */
export function indexEntry(record: ContainerRecord, wakeAt: number | undefined): ContainerIndexEntry {
  const { state, config, hostConfig } = record
  return {
    id: record.id,
    name: record.name,
    created: record.created,
    sequence: record.sequence,
    imageName: config.Image,
    image: record.image,
    command: [record.path, ...record.args]
      .map((word, at) => (at > 0 && word.includes(' ') ? `'${word}'` : word))
      .join(' '),
    labels: config.Labels,
    state: {
      status: state.status,
      exitCode: state.exitCode,
      startedAt: state.startedAt,
      finishedAt: state.finishedAt,
      ...(state.health && { health: state.health.status }),
    },
    networkMode: hostConfig.NetworkMode,
    ...(hostConfig.PidMode && { pidMode: hostConfig.PidMode }),
    ...(/^container:/.test(hostConfig.IpcMode) && { ipcMode: hostConfig.IpcMode }),
    networks: record.networks,
    ports: record.ports,
    exposed: Object.keys(config.ExposedPorts ?? {}),
    mounts: record.mounts,
    ...(record.links?.length && { links: record.links }),
    sizeRw: record.sizeRw,
    sizeRootFs: record.sizeRootFs,
    ...(wakeAt !== undefined && { wakeAt }),
  }
}

/** What others call a container, by its id: `/parent/alias` of each link to it. */
export function linkNames(entries: readonly ContainerIndexEntry[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>()
  for (const { name, links } of entries)
    for (const link of links ?? []) names.set(link.id, [...(names.get(link.id) ?? []), `/${name}/${link.alias}`])
  return names
}

/**
 * The API's summary of one container, as of `now`. `imageName` replaces the name of an image that lost its tag;
 * `aliases` are its names through links.
 */
export function summarize(
  entry: ContainerIndexEntry,
  now: number,
  imageName: string,
  size: boolean,
  aliases: readonly string[] = [],
): ContainerSummary {
  const { health, ...state } = entry.state
  return {
    Id: entry.id,
    Names: [`/${entry.name}`, ...aliases],
    Image: imageName,
    ImageID: entry.image,
    Command: entry.command,
    Created: Math.floor(entry.created / 1000),
    Ports: portSummaries(entry),
    ...(size && { SizeRw: entry.sizeRw, SizeRootFs: entry.sizeRootFs }),
    Labels: entry.labels,
    State: state.status,
    Status: statusText(
      {
        ...state,
        pid: 0,
        error: '',
        oomKilled: false,
        ...(health && { health: { status: health, failingStreak: 0, log: [] } }),
      },
      now,
    ),
    HostConfig: { NetworkMode: entry.networkMode },
    NetworkSettings: { Networks: entry.networks },
    Mounts: entry.mounts.filter(mount => !mount.hidden).map(apiMount),
  }
}

function portSummaries(entry: ContainerIndexEntry): PortSummary[] {
  if (entry.state.status !== 'running' && entry.state.status !== 'paused') return []
  const out: PortSummary[] = []
  // Ports that are exposed but not published are in the map too; it is empty where nothing can be published.
  for (const [key, bindings] of Object.entries(entry.ports)) {
    const [port = '', protocol = 'tcp'] = key.split('/')
    if (!bindings || bindings.length === 0) out.push({ PrivatePort: Number(port), Type: protocol })
    for (const binding of bindings ?? [])
      out.push({ IP: binding.HostIp, PrivatePort: Number(port), PublicPort: Number(binding.HostPort), Type: protocol })
  }
  return out
}
