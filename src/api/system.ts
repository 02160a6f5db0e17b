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

export interface SystemInfo {
  ID: string
  Containers: number
  ContainersRunning: number
  ContainersPaused: number
  ContainersStopped: number
  Images: number
  Driver: string
  DriverStatus: [string, string][]
  KernelVersion: string
  OperatingSystem: string
  OSVersion: string
  OSType: string
  Architecture: string
  NCPU: number
  MemTotal: number
  DockerRootDir: string
  Name: string
  Labels: string[]
  ServerVersion: string
  LoggingDriver: string
  CgroupDriver: string
  CgroupVersion: string
  SystemTime: string
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
