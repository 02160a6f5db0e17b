/**
 * What the store keeps of a container (`containers/<id>/config.json`). Times are ms since the epoch, 0 for
 * "never". The API's shapes are built from it in `inspect.ts` and `summary.ts` alone.
 */
import type { ContainerConfig, ContainerStatus, HostConfig, MountPoint, PortMap } from '../api/container.ts'
import type { EndpointSettings } from '../api/network.ts'

export interface ContainerRecord {
  v: 1
  id: string
  /** Without the leading slash that the API shows. */
  name: string
  created: number
  /** Counts creations in this store, so that containers of one millisecond keep their order. */
  sequence: number
  /** Image id: sha256:<hex>. */
  image: string
  platform: string
  path: string
  args: string[]
  config: ContainerConfig
  hostConfig: HostConfig
  state: StateRecord
  mounts: MountRecord[]
  /** By network name, in the order of connection. */
  networks: Record<string, EndpointSettings>
  /** Ports as published while it runs. */
  ports: PortMap
  sandboxId: string
  restartCount: number
  /** Committed length of stream.log. */
  logLength: number
  /** How many sessions read its stream file. */
  attached: number
  execs: ExecRecord[]
  /** Name of the overlay2 directory that `inspect` shows. */
  graphId: string
  /** Bytes written so far, as `ps -s` shows them; kept with the upper. */
  sizeRw: number
  sizeRootFs: number
  /** `--link` on the default bridge; absent without. */
  links?: LinkRecord[]
  /** Whether a manual stop or kill keeps the restart policy from acting. */
  stoppedByHand: boolean
}

/** Another container that this one knows by an alias. `name` is the other's when the link was made. */
export interface LinkRecord {
  id: string
  name: string
  alias: string
}

export interface StateRecord {
  status: Exclude<ContainerStatus, 'removing' | 'dead'>
  /** Process id on the simulated host; 0 when nothing runs. */
  pid: number
  exitCode: number
  error: string
  oomKilled: boolean
  startedAt: number
  finishedAt: number
  health?: HealthRecord
  /** When a restart that backs off is due, and the delay that led there in ms. */
  restartAt?: number
  restartDelay?: number
  /** When `stop`'s grace ends and KILL follows. */
  killAt?: number
  /** How many `stop`s wait for its end; each is an event then. Absent for none. */
  stops?: number
}

export interface HealthRecord {
  status: 'starting' | 'healthy' | 'unhealthy'
  failingStreak: number
  log: { start: number; end: number; exitCode: number; output: string }[]
  /** When the next check starts; absent while one runs. */
  nextAt?: number
  /** The check under way: its exec, its start, and when it times out. */
  running?: { exec: string; start: number; deadline: number; outputLength: number }
}

export interface MountRecord extends MountPoint {
  /** tmpfs: options as given. */
  options?: string
  /** An anonymous volume, removed with the container by `rm -v` and `--rm`. */
  anonymous?: boolean
  /** Below this path of the volume or image. */
  subpath?: string
  /** image mounts: the image id. */
  image?: string
  /** volume: whether the image's content fills it when it is empty. */
  noCopy?: boolean
  /** A bind whose missing source folder is made (`-v`, not `--mount`). */
  createSource?: boolean
  /** tmpfs: its mount point was not there before. */
  made?: boolean
  /** Comes from `--tmpfs` and so is not listed by `inspect`'s Mounts. */
  hidden?: boolean
}

export interface ExecRecord {
  id: string
  /** 0 before it starts and after it ends. */
  pid: number
  running: boolean
  exitCode: number | null
  tty: boolean
  attach: { stdin: boolean; stdout: boolean; stderr: boolean }
  argv: string[]
  env: string[]
  user: string
  workingDir: string
  privileged: boolean
  detachKeys: string
  /** Committed length of its stream file. */
  logLength: number
  /** A health check's probe: not shown in ExecIDs' events as a user's. */
  internal?: boolean
}

/** Whether the container has a main process (paused and backing-off ones count as Docker counts them). */
export function isRunning(record: ContainerRecord): boolean {
  return record.state.status === 'running' || record.state.status === 'paused' || record.state.status === 'restarting'
}

/** Whether the container has processes: not while it backs off before a restart. */
export function hasProcesses(record: ContainerRecord): boolean {
  return record.state.status === 'running' || record.state.status === 'paused'
}
