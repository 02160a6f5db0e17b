/**
 * Read-only views of what the engine keeps to itself, for `explain`: the same state that containers run on, as plain
 * data. Not a part of `Engine`: Docker's API has nothing of it.
 */
import type { EngineContext } from './context.ts'

/** What one sheet of an overlay has at a path. A hard link counts as a file. */
export interface SheetEntry {
  /** Absolute. */
  path: string
  kind: 'file' | 'directory' | 'symlink' | 'device' | 'whiteout' | 'opaque'
  /** Bytes of a file; 0 for others. */
  size: number
}

/** A directory of an overlay: a layer of the image, the engine's own files, or what the container wrote. */
export interface Sheet {
  kind: 'layer' | 'init' | 'upper'
  /** Of a layer its diffID, else ''. */
  diffID: string
  /** The name of its folder under overlay2. */
  folder: string
  /** The instruction that made it; '' where the history does not say. */
  createdBy: string
  entries: SheetEntry[]
}

export interface OverlayView {
  id: string
  name: string
  image: string
  state: string
  /** The sheets, lowest first; the last is the upper directory. */
  sheets: Sheet[]
  /** What is mounted over the overlay: path and type of each. */
  mounts: { path: string; type: string }[]
}

export interface LayerView extends Sheet {
  chainID: string
  /** The compressed blob that it came as; absent for what was made here. */
  blob?: { digest: string; size: number }
  /** Names of the other local images that have it in the same place. */
  sharedWith: string[]
}

export interface ImageView {
  id: string
  names: string[]
  platform: string
  /** Layers, lowest first. */
  layers: LayerView[]
  /** The history, oldest first; `layer`: index in `layers`, absent for metadata. */
  history: { createdBy: string; layer?: number }[]
  /** The config document as it is stored. */
  config: string
}

/** A network as the host has it. */
export interface WireView {
  network: string
  driver: string
  /** Interface on the host; '' for drivers without a bridge. */
  bridge: string
  subnets: string[]
  gateways: string[]
  internal: boolean
  /** Whether its containers ask the embedded DNS server. */
  dns: boolean
  ends: { container: string; interface: string; veth: string; ipv4: string; mac: string; names: string[] }[]
}

export interface HostNetworkView {
  interface: { name: string; address: string; gateway: string }
  networks: WireView[]
  published: { container: string; host: string; hostPort: number; port: number; protocol: string; address: string }[]
  /** Containers that use the host's own network, and those that have none. */
  onHost: string[]
  without: string[]
}

/** A control group, version 2. Absent limits are `max`. Sizes in bytes, times in ms. */
export interface CgroupView {
  path: string
  /** The container whose group it is; '' for one above. */
  container: string
  memory: number
  memoryPeak: number
  memoryMax?: number
  cpuMs: number
  /** Processors' worth of time it may use. */
  cpuMax?: number
  cpuWeight?: number
  periods: number
  throttled: number
  throttledMs: number
  pids: number
  pidsMax?: number
  oomKills: number
}

export interface CgroupsView {
  cpus: number
  memory: number
  /** Those above before those below. */
  groups: CgroupView[]
}

export interface Internals {
  /** The sheets of a container's root file system. */
  overlay(container: string): Promise<OverlayView>
  image(reference: string, platform?: string): Promise<ImageView>
  hostNetwork(): Promise<HostNetworkView>
  /** The groups of running containers and those above them. */
  cgroups(): Promise<CgroupsView>
}

/** The views of an open engine. */
export function openInternals(ctx: EngineContext): Internals {
  const sheets = () => import('./views/sheets.ts')
  return {
    overlay: async container => (await sheets()).overlayView(ctx, container),
    image: async (reference, platform) => (await sheets()).imageView(ctx, reference, platform),
    cgroups: async () => (await import('./views/cgroups.ts')).cgroupsView(ctx),
    hostNetwork: async () => (await import('./views/host-network.ts')).hostNetworkView(ctx),
  }
}
