/** Volume shapes of the Docker Engine API v1.51. */

export interface Volume {
  CreatedAt: string
  Driver: string
  Labels: Record<string, string> | null
  Mountpoint: string
  Name: string
  Options: Record<string, string> | null
  Scope: string
  UsageData?: { Size: number; RefCount: number }
}

export interface VolumeCreateRequest {
  Name?: string
  Driver?: string
  DriverOpts?: Record<string, string>
  Labels?: Record<string, string>
  /** Asks for a volume of the cluster. */
  ClusterVolumeSpec?: Record<string, unknown>
}
