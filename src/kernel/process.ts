/** One entry of a process table: plain data, and the program that runs in it. */
import type { Cred } from '../vfs/cred.ts'
import type { OpenFile } from './files.ts'
import type { ProcView } from './proc-view.ts'
import type { Answer, Block, Env, ExitStatus, Json, Program, RlimitName } from './program.ts'
import type { SignalName } from './signals.ts'

/** What a coroutine learned from its system calls, in order; see program.ts. */
export type JournalEntry = { value: unknown } | { error: string }

/** Capability sets beyond the effective one (capabilities(7)), for /proc/N/status and exec. */
export interface CapSets {
  permitted: bigint
  inheritable: bigint
  bounding: bigint
  ambient: bigint
}

/**
 * Namespaces that a process got by unshare(2), each known by a hexadecimal word; its children have the same ones. Those
 * it has not are its container's.
 */
export interface OwnNamespaces {
  uts?: { id: string; hostname: string }
  ipc?: string
  cgroup?: string
}

/** Kinds of namespaces that the model can make for a process alone. */
export type UnsharedKind = keyof OwnNamespaces

export interface Descriptor {
  file: OpenFile
  cloexec: boolean
}

export type RunState =
  /** Runs or waits for its turn. */
  | 'ready'
  /** Waits for `block`. */
  | 'blocked'
  | 'zombie'

export interface Process {
  /** Key in the kernel, unique over all containers. */
  readonly key: number
  readonly pid: number
  readonly sandbox: string
  ppid: number
  pgid: number
  sid: number
  argv: readonly string[]
  comm: string
  exe: string
  env: Env
  cwd: string
  root: string
  umask: number
  cred: Cred
  /** The real user and group, where a setuid or setgid file made the effective ones others. */
  ruid?: number
  rgid?: number
  caps: CapSets
  own?: OwnNamespaces
  /** Its own /proc/N/oom_score_adj; default: its container's. */
  oomScoreAdj?: number
  noNewPrivs: boolean
  fds: Map<number, Descriptor>
  /** Shared with those it was forked from: replaced, not changed. */
  rlimits: ReadonlyMap<RlimitName, { soft: number; hard: number }>
  nice: number
  /** Name of the controlling terminal: '' for none. */
  tty: number | undefined
  /** '' for the main process and its children; an exec's id for that exec's leader. */
  exec: string
  startedAt: number
  cpuMs: number
  systemMs: number
  childCpuMs: number
  /** Bytes claimed by `memory()`. */
  memory: number

  state: RunState
  stopped: boolean
  /** The signal that stopped it, until its parent has been told. */
  stopSignal: SignalName | undefined
  status: ExitStatus | undefined
  dispositions: Map<SignalName, 'ignore' | 'catch'>
  pending: SignalName[]
  caught: SignalName[]
  /** Who sent the last caught signal (si_pid): 0 from outside its namespace. */
  sender: number

  program: Program | undefined
  programName: string
  flavour: 'busybox' | 'gnu'
  marker: Record<string, string>
  /** A machine's state, or a coroutine's last checkpoint. */
  data: Json
  /** The coroutine as it runs in this process; rebuilt from the journal after a restore. */
  generator: Generator<Block, number, unknown> | undefined
  /** Its view of the kernel, once it has run. */
  view: ProcView | undefined
  journal: JournalEntry[]
  journalSize: number
  /** Memory for reads whose bytes are passing, and whether the journal holds some of it. */
  passing: Uint8Array | undefined
  passingNoted: boolean
  /** Its journal grew too large: it can no longer be stored, and stands still after a restore. */
  frozen: boolean
  /** What it waits for, with when it may be woken and how far a long write has come. */
  block: Block | undefined
  wakeAt: number | undefined
  progress: number
  /** It waits for the disk or for memory until then, whatever it has asked for. */
  stalledUntil?: number
  /** Set by whoever ends the wait early. */
  answer: Answer | undefined
  /** Files and pipes that have it among their waiters. */
  waitingOn: Set<Set<number>>
  /** CPU time that a `cpu` block has left. */
  cpuLeft: number
}

export const isAlive = (process: Process): boolean => process.state !== 'zombie'
