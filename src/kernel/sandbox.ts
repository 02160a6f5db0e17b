/** The world of one container as its kernel sees it: namespaces, limits, files, processes. */
import type { Cgroup, CgroupLimits } from '../cgroup/tree.ts'
import type { DeviceRule } from '../security/devices.ts'
import type { SeccompFilter } from '../security/seccomp.ts'
import type { RootFs } from '../vfs/rootfs.ts'
import type { StaticRoute } from './network-admin.ts'
import type { Pipe } from './pipe.ts'
import type { Process } from './process.ts'
import type { ExitStatus, MountRequest, RlimitName } from './program.ts'
import type { Pty } from './pty.ts'
import type { Remapping } from './user-namespaces.ts'

export interface SandboxSpec {
  id: string
  rootfs: RootFs
  hostname: string
  domainname: string
  /** As `uname -m` says: x86_64, aarch64. */
  machine: string
  /** Its control group and that group's limits. */
  cgroup: { path: string; limits: CgroupLimits }
  /** Bytes in its tmpfs mounts, which count as its memory. */
  shmem?: () => number
  rlimits: ReadonlyMap<RlimitName, { soft: number; hard: number }>
  /** Capabilities that a root process of the container has. */
  capabilities: bigint
  noNewPrivs: boolean
  /** What its device cgroup lets it use. */
  devices: readonly DeviceRule[]
  /** Whether a seccomp filter is on. */
  seccomp: boolean
  /** The filter of a profile of the user's own. */
  filter?: SeccompFilter
  sysctls: ReadonlyMap<string, string>
  /** Added to the badness that the OOM killer sees: -1000 to 1000. */
  oomScoreAdj: number
  /** Interfaces, as /sys/class/net and the network commands show them. */
  interfaces: readonly NetworkInterface[]
  /** Ports of the embedded DNS server's sockets on 127.0.0.11, where there is one. */
  resolver?: { udp: number; tcp: number } | undefined
  /** Containers that share its network namespace give the same word. */
  net: string
  /** The same for its other namespaces: the container that each began with, or `host`. Default: its own. */
  namespaces?: Partial<Record<'pid' | 'ipc' | 'uts' | 'cgroup', string>>
  /** Whose users on the host its users are; default: the same. */
  remapping?: Remapping
  /** Process id of its main process on the host. */
  hostPid?: number
  /** Path in /proc/self/cgroup. */
  cgroupPath: string
  /** Makes and undoes mounts; without it there can be none. */
  mounter?: { mount(request: MountRequest): void; umount(target: string): void }
  /** When it was started, in ms. */
  bootTime: number
  /** `--init`: docker-init runs as PID 1 and starts the command. */
  init: boolean
}

export interface NetworkInterface {
  name: string
  index: number
  peerIndex: number
  mac: string
  mtu: number
  /** `172.17.0.2/16`. */
  addresses: readonly string[]
  /** Default gateway through this interface. */
  gateway?: string
  /** The same for IPv6. */
  gateway6?: string
  /** Kernel parameters of its own by name, as `net.ipv4.conf.eth0.log_martians`. */
  parameters?: Readonly<Record<string, string>>
  /** The bridge that it is plugged into: on the host. */
  master?: string
  /** false: no carrier. */
  up?: boolean
}

/** Processes that see one another, by the numbers they have there (pid_namespaces(7)). */
export interface PidNamespace {
  readonly id: string
  processes: Map<number, Process>
  nextPid: number
  /** What its PID 1 is called on the host; its others follow. */
  hostBase: number
}

/** What a container has moved so far, in bytes and calls or packets. */
export interface Usage {
  readBytes: number
  reads: number
  writtenBytes: number
  writes: number
  rxBytes: number
  rxPackets: number
  txBytes: number
  txPackets: number
  /** File caches that are charged to it. */
  cacheBytes: number
  /** Those that were given back: on disk only. */
  coldBytes: number
}

export interface Sandbox extends SandboxSpec {
  /** The container's own processes, by their numbers in its PID namespace. */
  processes: Map<number, Process>
  pids: PidNamespace
  /** Its main process: 1, but where it joined another namespace. */
  mainPid: number
  /** `ip link set lo down`. */
  loopbackDown?: boolean
  /** Routes beside those of its interfaces, and whether a process has changed any of it. */
  routes?: readonly StaticRoute[]
  changedNetwork?: boolean
  frozen: boolean
  group: Cgroup
  /** CPU time in ms that was used before the clock came to it. */
  lead: number
  /** CPU time used up to some moments of the last seconds, oldest first. */
  samples: { time: number; cpuMs: number }[]
  usage: Usage
  /** Input of the main process and of execs, by target ('' for the main process). */
  inputs: Map<string, { pipe: Pipe } | { pty: Pty }>
  /** Terminals by number. */
  ptys: Map<number, Pty>
}

export interface ExitEvent {
  sandbox: string
  /** '' for the main process. */
  exec: string
  status: ExitStatus
  time: number
  oom: boolean
}

export interface OutputEvent {
  sandbox: string
  target: string
  stream: 'stdout' | 'stderr'
  data: Uint8Array
  time: number
}
