/** Image shapes of the Docker Engine API v1.51. */
import type { HealthConfig } from './container.ts'

/** The config of an image: what a container made from it starts with. */
export interface ImageContainerConfig {
  User?: string
  ExposedPorts?: Record<string, Record<string, never>>
  Env?: string[]
  Cmd?: string[] | null
  Healthcheck?: HealthConfig
  ArgsEscaped?: boolean
  Volumes?: Record<string, Record<string, never>>
  WorkingDir?: string
  Entrypoint?: string[] | null
  OnBuild?: string[] | null
  Labels?: Record<string, string>
  StopSignal?: string
  Shell?: string[]
}

export interface ImageInspect {
  Id: string
  RepoTags: string[]
  RepoDigests: string[]
  Parent: string
  Comment: string
  Created: string
  DockerVersion: string
  Author: string
  Architecture: string
  Variant?: string
  Os: string
  OsVersion?: string
  Size: number
  GraphDriver: { Data: Record<string, string> | null; Name: string }
  RootFS: { Type: string; Layers?: string[] }
  Metadata: { LastTagTime: string }
  Config: ImageContainerConfig
}

export interface ImageSummary {
  Id: string
  ParentId: string
  RepoTags: string[]
  RepoDigests: string[]
  /** Seconds since the epoch. */
  Created: number
  Size: number
  SharedSize: number
  /** -1 when not computed. */
  Containers: number
  Labels: Record<string, string> | null
}

export interface ImageHistoryItem {
  Id: string
  /** Seconds since the epoch. */
  Created: number
  CreatedBy: string
  Tags: string[] | null
  Size: number
  Comment: string
}

export type ImageDeleteItem = { Untagged: string } | { Deleted: string }

/** One line of a pull's, push's or load's progress, as the API streams it. */
export interface ProgressMessage {
  status?: string
  id?: string
  progressDetail?: { current?: number; total?: number }
  stream?: string
  error?: string
  aux?: Record<string, unknown>
}
