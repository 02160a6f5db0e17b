/** System shapes of the Docker Engine API v1.51. */
import type { ContainerSummary } from './container.ts'
import type { ImageSummary } from './image.ts'
import type { Volume } from './volume.ts'

/** A filter set: `{ status: ['exited', 'created'] }`. Values of one key are alternatives. */
export type Filters = Readonly<Record<string, readonly string[]>>

export interface EventMessage {
  status?: string
  id?: string
  from?: string
  Type: string
  Action: string
  Actor: { ID: string; Attributes: Record<string, string> }
  scope: string
  /** Seconds, and nanoseconds as a decimal string's digits would have them; see event-log. */
  time: number
  timeNano: number
}

export interface DiskUsage {
  LayersSize: number
  Images: ImageSummary[]
  Containers: ContainerSummary[]
  Volumes: Volume[]
  BuildCache: BuildCacheRecord[]
}

export interface BuildCacheRecord {
  ID: string
  Parents?: string[]
  Type: string
  Description: string
  InUse: boolean
  Shared: boolean
  Size: number
  CreatedAt: string
  LastUsedAt: string | null
  UsageCount: number
}

interface IndexConfig {
  Name: string
  Mirrors: string[]
  Secure: boolean
  Official: boolean
}

/** Fields in the order of the API. */
export interface SystemInfo {
  ID: string
  Containers: number
  ContainersRunning: number
  ContainersPaused: number
  ContainersStopped: number
  Images: number
  Driver: string
  DriverStatus: [string, string][]
  Plugins: { Volume: string[]; Network: string[]; Authorization: string[] | null; Log: string[] }
  MemoryLimit: boolean
  SwapLimit: boolean
  CpuCfsPeriod: boolean
  CpuCfsQuota: boolean
  CPUShares: boolean
  CPUSet: boolean
  PidsLimit: boolean
  IPv4Forwarding: boolean
  Debug: boolean
  NFd: number
  OomKillDisable: boolean
  NGoroutines: number
  SystemTime: string
  LoggingDriver: string
  CgroupDriver: string
  CgroupVersion: string
  NEventsListener: number
  KernelVersion: string
  OperatingSystem: string
  OSVersion: string
  OSType: string
  Architecture: string
  IndexServerAddress: string
  RegistryConfig: {
    IndexConfigs: Record<string, IndexConfig>
    InsecureRegistryCIDRs: string[]
    Mirrors: string[] | null
  }
  NCPU: number
  /** Bytes. */
  MemTotal: number
  GenericResources: null
  DockerRootDir: string
  HttpProxy: string
  HttpsProxy: string
  NoProxy: string
  Name: string
  Labels: string[]
  ExperimentalBuild: boolean
  ServerVersion: string
  Runtimes: Record<string, { path: string }>
  DefaultRuntime: string
  Swarm: {
    NodeID: string
    NodeAddr: string
    LocalNodeState: string
    ControlAvailable: boolean
    Error: string
    RemoteManagers: null
  }
  LiveRestoreEnabled: boolean
  Isolation: string
  InitBinary: string
  ContainerdCommit: { ID: string }
  RuncCommit: { ID: string }
  InitCommit: { ID: string }
  /** `name=seccomp,profile=builtin`. */
  SecurityOptions: string[]
  FirewallBackend: { Driver: string }
  CDISpecDirs: string[]
  Containerd: { Address: string; Namespaces: { Containers: string; Plugins: string } }
  Warnings: string[] | null
}

export interface SystemVersion {
  Version: string
  ApiVersion: string
  MinAPIVersion: string
  GitCommit: string
  GoVersion: string
  Os: string
  Arch: string
  KernelVersion: string
  BuildTime: string
}

export interface PruneReport {
  Deleted: string[]
  SpaceReclaimed: number
}
