/**
 * Container shapes of the Docker Engine API v1.51, in the order in which `docker inspect` prints them.
 * Times are RFC 3339 strings with nanoseconds; the zero time is 0001-01-01T00:00:00Z.
 */
import type { EndpointSettings } from './network.ts'

export interface HealthConfig {
  Test?: string[]
  /** Nanoseconds, as are the next three. */
  Interval?: number
  Timeout?: number
  StartPeriod?: number
  StartInterval?: number
  Retries?: number
}

export interface ContainerConfig {
  Hostname: string
  Domainname: string
  User: string
  AttachStdin: boolean
  AttachStdout: boolean
  AttachStderr: boolean
  ExposedPorts?: Record<string, Record<string, never>>
  Tty: boolean
  OpenStdin: boolean
  StdinOnce: boolean
  Env: string[]
  Cmd: string[] | null
  Healthcheck?: HealthConfig
  ArgsEscaped?: boolean
  Image: string
  Volumes: Record<string, Record<string, never>> | null
  WorkingDir: string
  Entrypoint: string[] | null
  NetworkDisabled?: boolean
  MacAddress?: string
  OnBuild: string[] | null
  Labels: Record<string, string>
  StopSignal?: string
  StopTimeout?: number
  Shell?: string[]
}

export interface PortBinding {
  HostIp: string
  HostPort: string
}

export type PortMap = Record<string, PortBinding[] | null>

export type RestartPolicyName = 'no' | 'always' | 'unless-stopped' | 'on-failure'

export interface RestartPolicy {
  Name: RestartPolicyName
  MaximumRetryCount: number
}

export interface MountSpec {
  Type: 'bind' | 'volume' | 'tmpfs' | 'image' | 'npipe' | 'cluster'
  Source?: string
  Target: string
  ReadOnly?: boolean
  Consistency?: string
  BindOptions?: {
    Propagation?: string
    NonRecursive?: boolean
    CreateMountpoint?: boolean
    ReadOnlyNonRecursive?: boolean
    ReadOnlyForceRecursive?: boolean
  }
  VolumeOptions?: {
    NoCopy?: boolean
    Labels?: Record<string, string>
    Subpath?: string
    DriverConfig?: { Name?: string; Options?: Record<string, string> }
  }
  ImageOptions?: { Subpath?: string }
  TmpfsOptions?: { SizeBytes?: number; Mode?: number; Options?: string[][] }
}

export interface DeviceMapping {
  PathOnHost: string
  PathInContainer: string
  CgroupPermissions: string
}

export interface Ulimit {
  Name: string
  Hard: number
  Soft: number
}

export interface DeviceRequest {
  Driver: string
  Count: number
  DeviceIDs: string[] | null
  Capabilities: string[][] | null
  Options: Record<string, string> | null
}

export interface ThrottleDevice {
  Path: string
  Rate: number
}

export interface WeightDevice {
  Path: string
  Weight: number
}

/** cgroup limits; `update` changes these alone. */
export interface Resources {
  CpuShares: number
  Memory: number
  NanoCpus: number
  CgroupParent: string
  BlkioWeight: number
  BlkioWeightDevice: WeightDevice[] | null
  BlkioDeviceReadBps: ThrottleDevice[] | null
  BlkioDeviceWriteBps: ThrottleDevice[] | null
  BlkioDeviceReadIOps: ThrottleDevice[] | null
  BlkioDeviceWriteIOps: ThrottleDevice[] | null
  CpuPeriod: number
  CpuQuota: number
  CpuRealtimePeriod: number
  CpuRealtimeRuntime: number
  CpusetCpus: string
  CpusetMems: string
  Devices: DeviceMapping[] | null
  DeviceCgroupRules: string[] | null
  DeviceRequests: DeviceRequest[] | null
  MemoryReservation: number
  MemorySwap: number
  MemorySwappiness: number | null
  OomKillDisable: boolean | null
  PidsLimit: number | null
  Ulimits: Ulimit[] | null
  CpuCount: number
  CpuPercent: number
  IOMaximumIOps: number
  IOMaximumBandwidth: number
}

export interface HostConfig extends Resources {
  Binds: string[] | null
  ContainerIDFile: string
  LogConfig: { Type: string; Config: Record<string, string> }
  NetworkMode: string
  PortBindings: PortMap
  RestartPolicy: RestartPolicy
  AutoRemove: boolean
  VolumeDriver: string
  VolumesFrom: string[] | null
  ConsoleSize: [number, number]
  Annotations?: Record<string, string>
  CapAdd: string[] | null
  CapDrop: string[] | null
  CgroupnsMode: string
  Dns: string[]
  DnsOptions: string[]
  DnsSearch: string[]
  ExtraHosts: string[] | null
  GroupAdd: string[] | null
  IpcMode: string
  Cgroup: string
  Links: string[] | null
  OomScoreAdj: number
  PidMode: string
  Privileged: boolean
  PublishAllPorts: boolean
  ReadonlyRootfs: boolean
  SecurityOpt: string[] | null
  StorageOpt?: Record<string, string>
  Tmpfs?: Record<string, string>
  UTSMode: string
  UsernsMode: string
  ShmSize: number
  Sysctls?: Record<string, string>
  Runtime: string
  Isolation: string
  Mounts?: MountSpec[]
  MaskedPaths: string[] | null
  ReadonlyPaths: string[] | null
  Init?: boolean
}

export interface NetworkingConfig {
  EndpointsConfig?: Record<string, Partial<EndpointSettings>>
}

/** A create request: what the client leaves out, the engine fills in from the image and its defaults. */
export interface ContainerCreateRequest extends Partial<ContainerConfig> {
  HostConfig?: Partial<HostConfig>
  NetworkingConfig?: NetworkingConfig
}

export interface ContainerCreateResponse {
  Id: string
  Warnings: string[]
}

export type ContainerStatus = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'

export interface HealthcheckResult {
  Start: string
  End: string
  ExitCode: number
  Output: string
}

export interface Health {
  Status: 'none' | 'starting' | 'healthy' | 'unhealthy'
  FailingStreak: number
  Log: HealthcheckResult[]
}

export interface ContainerState {
  Status: ContainerStatus
  Running: boolean
  Paused: boolean
  Restarting: boolean
  OOMKilled: boolean
  Dead: boolean
  Pid: number
  ExitCode: number
  Error: string
  StartedAt: string
  FinishedAt: string
  Health?: Health
}

export interface MountPoint {
  Type: string
  Name?: string
  Source: string
  Destination: string
  Driver?: string
  Mode: string
  RW: boolean
  Propagation: string
}

export interface NetworkSettings {
  Bridge: string
  SandboxID: string
  SandboxKey: string
  Ports: PortMap
  HairpinMode: boolean
  LinkLocalIPv6Address: string
  LinkLocalIPv6PrefixLen: number
  SecondaryIPAddresses: null
  SecondaryIPv6Addresses: null
  EndpointID: string
  Gateway: string
  GlobalIPv6Address: string
  GlobalIPv6PrefixLen: number
  IPAddress: string
  IPPrefixLen: number
  IPv6Gateway: string
  MacAddress: string
  Networks: Record<string, EndpointSettings>
}

export interface ContainerInspect {
  Id: string
  Created: string
  Path: string
  Args: string[]
  State: ContainerState
  Image: string
  ResolvConfPath: string
  HostnamePath: string
  HostsPath: string
  LogPath: string
  Name: string
  RestartCount: number
  Driver: string
  Platform: string
  MountLabel: string
  ProcessLabel: string
  AppArmorProfile: string
  ExecIDs: string[] | null
  HostConfig: HostConfig
  GraphDriver: { Data: Record<string, string>; Name: string }
  SizeRw?: number
  SizeRootFs?: number
  Mounts: MountPoint[]
  Config: ContainerConfig
  NetworkSettings: NetworkSettings
}

export interface PortSummary {
  IP?: string
  PrivatePort: number
  PublicPort?: number
  Type: string
}

export interface ContainerSummary {
  Id: string
  Names: string[]
  Image: string
  ImageID: string
  Command: string
  /** Seconds since the epoch. */
  Created: number
  Ports: PortSummary[]
  SizeRw?: number
  SizeRootFs?: number
  Labels: Record<string, string>
  State: ContainerStatus
  /** "Up 2 minutes (healthy)". */
  Status: string
  HostConfig: { NetworkMode: string; Annotations?: Record<string, string> }
  NetworkSettings: { Networks: Record<string, EndpointSettings> }
  Mounts: MountPoint[]
}

export interface FilesystemChange {
  /** 0 modified, 1 added, 2 deleted. */
  Kind: 0 | 1 | 2
  Path: string
}

export interface ContainerTop {
  Titles: string[]
  Processes: string[][]
}

export interface ContainerWaitResponse {
  StatusCode: number
  Error?: { Message: string }
}

export interface PathStat {
  name: string
  size: number
  /** Go's os.FileMode bits. */
  mode: number
  mtime: string
  linkTarget: string
}

export interface ContainerUpdateRequest extends Partial<Resources> {
  RestartPolicy?: RestartPolicy
}

export interface ContainerStats {
  id: string
  name: string
  read: string
  preread: string
  pids_stats: { current?: number; limit?: number }
  num_procs: number
  cpu_stats: CpuStats
  precpu_stats: CpuStats
  memory_stats: { usage?: number; limit?: number; stats?: Record<string, number> }
  blkio_stats: { io_service_bytes_recursive: { major: number; minor: number; op: string; value: number }[] | null }
  networks?: Record<string, { rx_bytes: number; rx_packets: number; tx_bytes: number; tx_packets: number }>
}

export interface CpuStats {
  cpu_usage: { total_usage: number; usage_in_kernelmode: number; usage_in_usermode: number }
  system_cpu_usage?: number
  online_cpus?: number
  throttling_data: { periods: number; throttled_periods: number; throttled_time: number }
}
