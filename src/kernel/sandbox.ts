/** The world of one container as its kernel sees it: namespaces, limits, files, processes. */
import type { DeviceRule } from '../security/devices.ts'
import type { SeccompFilter } from '../security/seccomp.ts'
import type { RootFs } from '../vfs/rootfs.ts'
import type { Pipe } from './pipe.ts'
import type { Process } from './process.ts'
import type { ExitStatus, RlimitName } from './program.ts'
import type { Pty } from './pty.ts'

export interface SandboxSpec {
  id: string
  rootfs: RootFs
  hostname: string
  domainname: string
  /** As `uname -m` says: x86_64, aarch64. */
  machine: string
  /** Limit of processes; undefined: none. */
  pidsLimit: number | undefined
  /** Limit of memory in bytes; undefined: none. */
  memoryLimit: number | undefined
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
  /** Number of CPUs it may use. */
  cpus: number
  /** Which processors it may run on, as a list: `0-1`. */
  cpuset: string
  /** Added to the badness that the OOM killer sees: -1000 to 1000. */
  oomScoreAdj: number
  /** Interfaces, as /sys/class/net and the network commands show them. */
  interfaces: readonly NetworkInterface[]
  /** Ports of the embedded DNS server's sockets on 127.0.0.11, where there is one. */
  resolver?: { udp: number; tcp: number } | undefined
  /** Containers that share its network namespace give the same word. */
  net: string
  /** Path in /proc/self/cgroup. */
  cgroupPath: string
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
  /** The bridge that it is plugged into: on the host. */
  master?: string
  /** false: no carrier. */
  up?: boolean
}

export interface Sandbox extends SandboxSpec {
  processes: Map<number, Process>
  nextPid: number
  frozen: boolean
  /** Highest sum of claimed memory. */
  memoryPeak: number
  oomKills: number
  /** Input of the main process and of execs, by target ('' for the main process). */
  inputs: Map<string, { pipe: Pipe } | { pty: Pty }>
  /** CPU time of processes that have gone. */
  goneCpuMs: number
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
