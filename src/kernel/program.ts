/**
 * What runs inside a container: the contract between the kernel and programs (the shell, the userland
 * commands, models of servers).
 *
 * Nothing stays alive between two minidock commands, so every process can be stored. There are two kinds:
 *
 * - a **machine** keeps its whole state as plain data (the shell: explicit frames). It is stored as it is.
 * - a **coroutine** is a generator. The kernel keeps a journal of what each system call returned, and brings
 *   the generator back by running it again with those answers, without repeating their effects. A coroutine
 *   must therefore be deterministic: everything it learns comes from `Proc`. One that runs long calls
 *   `p.checkpoint(state)`: the journal starts anew, and a restart passes `state` to `main` as `saved`.
 *
 * Strings inside a container are *byte strings*: one character for each byte (latin1), in arguments,
 * environment, paths, file contents and output, so that `wc -c` counts what Linux counts. The kernel decodes
 * UTF-8 where a path meets a file system.
 */

import type { Cred } from '../vfs/cred.ts'
import type { Attributes, DirEntry, FileType, Stat } from '../vfs/filesystem.ts'
import type { UnsharedKind } from './process.ts'

/** Signal names without SIG: HUP, INT, QUIT, KILL, TERM, CHLD, … */
export type SignalName = string

/** How a process ended: an exit code, or the signal that killed it. */
export type ExitStatus = { code: number } | { signal: SignalName }

/** What wait(2) tells of a child: that it has ended, or with WUNTRACED that a signal has stopped it. */
export type WaitStatus = ExitStatus | { stopped: SignalName }

/** JSON data: what a machine's state and a checkpoint consist of. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/**
 * A request that may take time. A program hands it to the kernel (a coroutine by `yield`, a machine by
 * returning it) and is resumed with the answer named after each, or with a thrown `Errno`
 * (EINTR when a caught signal came first).
 */
export type Block =
  /**
   * Answer: Uint8Array, empty at end of file. It may be shared: it must not be changed. `passing`: the program is done with
   * it when it reads again, so that the same memory serves for all.
   */
  | { op: 'read'; fd: number; length: number; passing?: boolean }
  /**
   * Answer: number of bytes, always all of them. EPIPE after SIGPIPE. `given`: the program does not touch the data again,
   * so that a pipe need not copy it.
   */
  | { op: 'write'; fd: number; data: Uint8Array; given?: boolean }
  /** Answer: a file descriptor. Blocks only on a fifo. */
  | { op: 'open'; path: string; flags: OpenFlags; mode: number }
  /** Answer: ms left (more than 0 only together with a caught signal). `ms` may be Infinity. */
  | { op: 'sleep'; ms: number }
  /** pid > 0: that child; -1: any; `untraced`: also one that stops. Answer: { pid, status }. ECHILD without such a child. */
  | { op: 'wait'; pid: number; untraced?: boolean }
  /** Answer: the ready descriptors, [] at the deadline (`ms` from now; Infinity: none). */
  | { op: 'poll'; fds: { fd: number; event: 'in' | 'out' }[]; ms: number }
  /** Blocks until a caught signal; then throws EINTR. */
  | { op: 'pause' }
  /** Uses the processor for `ms` of CPU time (longer on the clock when throttled). Answer: undefined. */
  | { op: 'cpu'; ms: number }
  /** Answer: a connected socket's descriptor. `now`: EAGAIN when nobody waits to be accepted (O_NONBLOCK). */
  | { op: 'accept'; fd: number; now?: boolean }
  /** Answer: a connected descriptor. ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT. */
  | { op: 'connect'; address: string; port: number; protocol: 'tcp' | 'udp'; timeoutMs?: number }
  /**
   * Name lookup through the container's resolv.conf and /etc/hosts, or of `server` alone. Answer: addresses, [] when
   * unknown. With a server: ECONNREFUSED, ENETUNREACH, ETIMEDOUT (after 10 s) when it does not answer.
   */
  | { op: 'resolve'; name: string; type?: 'A' | 'AAAA' | 'PTR'; server?: string }
  /** One echo request. Answer: { ms } or null at the deadline. EHOSTUNREACH, ENETUNREACH. */
  | { op: 'echo'; address: string; timeoutMs: number }
  /** What the processor does to a program that goes wrong (SIGSEGV): nothing survives it, PID 1 neither. Never answers. */
  | { op: 'fault'; signal: SignalName }
  /**
   * Hands a command to who drives the kernel (`hooks.outside`): a tool that is modelled outside of it. Answer:
   * `{ stdout, stderr, status }`, byte strings. ENOSYS where nobody takes it.
   */
  | { op: 'outside'; argv: string[]; env: [string, string][]; cwd: string; input: string }
  /** Replaces the process image; never answers unless it fails. */
  | { op: 'exec'; path: string; argv: string[]; env: Env }

export interface OpenFlags {
  read?: boolean
  write?: boolean
  create?: boolean
  /** Fails with EEXIST when the file is there. */
  exclusive?: boolean
  truncate?: boolean
  append?: boolean
  /** O_DIRECT or O_DSYNC: transfers wait for the disk. */
  direct?: boolean
  /** ENOTDIR for anything but a directory. */
  directory?: boolean
  /** ELOOP on a symbolic link. */
  noFollow?: boolean
}

/** Environment in order, name to value. */
export type Env = Map<string, string>

export interface SpawnRequest {
  /** Path of the file to execute, with a slash; no PATH search. */
  path: string
  argv: string[]
  env?: Env
  /** Child descriptor to parent descriptor. Default: 0, 1 and 2 as they are. */
  fds?: ReadonlyMap<number, number>
  cwd?: string
  cred?: Cred
  /** 0: a new process group led by the child; default: the parent's. */
  pgid?: number
  /** Starts a session of its own (setsid). */
  newSession?: boolean
  /** Signals that the child starts with ignored, and those that it does as everyone although its parent does not. */
  ignore?: SignalName[]
  unignore?: readonly SignalName[]
}

export interface Rusage {
  userMs: number
  systemMs: number
}

/** Modes of a terminal, of termios(3), as far as shells and programs change them. */
export interface Termios {
  /** Input comes line by line, edited by the terminal itself (ICANON). */
  canonical: boolean
  echo: boolean
  /** `^C`, `^\\` and `^Z` make signals (ISIG). */
  signals: boolean
  /** Whether `^C` is one of them (VINTR): a line editor takes it for itself. */
  interrupt: boolean
  /** A carriage return that is typed becomes a newline (ICRNL). */
  newline: boolean
  /** A newline that is printed also returns the carriage (OPOST). */
  output: boolean
}

/** What mount(2) is asked for: a new file system, one that is there in another place, or other flags of a mount. */
export interface MountRequest {
  kind: 'new' | 'bind' | 'remount'
  source: string
  target: string
  type: string
  /** Comma-separated, as `-o` gives them. */
  options: string
}

/** One process's view of the kernel. Every call may throw `Errno`. */
export interface Proc {
  readonly pid: number
  readonly ppid: number
  readonly pgid: number
  readonly sid: number
  readonly argv: readonly string[]
  readonly env: Env
  /** The name to prefix messages with: basename of argv[0]. */
  readonly name: string
  /** Which family of tools the executed file belongs to: decides wording and options. */
  readonly flavour: 'busybox' | 'gnu'
  /** What the executed file says of itself (a placeholder's marker: program, version, …). */
  readonly marker: Readonly<Record<string, string>>
  /** Path of the executed file. */
  readonly exe: string
  readonly cred: Cred
  /** The real user and group: those of who executed a setuid file. */
  realIds(): { uid: number; gid: number }
  cwd(): string
  chdir(path: string): void
  chroot(path: string): void
  umask(mask?: number): number

  /** Time in ms since the epoch. */
  now(): number
  /** ms since the container's machine booted (for uptime and /proc). */
  uptimeMs(): number
  /** Random bytes from the engine's seeded source. */
  random(length: number): Uint8Array

  // Files. Paths are relative to cwd. These never block (use the `open` and `read` blocks for that).
  /** Opens without waiting (O_NONBLOCK on a fifo). */
  open(path: string, flags: OpenFlags, mode?: number): number
  close(fd: number): void
  /** Reads at once, without waiting: of a regular file. */
  readNow(fd: number, length: number): Uint8Array
  /** Writes at once what fits without waiting: to a regular file or a pipe; the number of bytes taken. */
  writeNow(fd: number, data: Uint8Array): number
  /** Lowest free descriptor that is at least `min`. */
  dup(fd: number, min?: number): number
  dup2(from: number, to: number): void
  pipe(): [read: number, write: number]
  seek(fd: number, offset: number, whence: 'set' | 'cur' | 'end'): number
  fstat(fd: number): Stat & { path: string }
  fdList(): number[]
  setCloexec(fd: number, on: boolean): void
  isatty(fd: number): boolean
  /** Rows and columns of the terminal behind `fd`, changed; returns what they were. ENOTTY. */
  winsize(fd: number, change?: { rows?: number; cols?: number }): { rows: number; cols: number }
  /** Modes of the terminal behind `fd`, changed; returns what they were. ENOTTY. */
  termios(fd: number, change?: Partial<Termios>): Termios
  /** Foreground process group of the terminal. ENOTTY. */
  tcsetpgrp(fd: number, pgid: number): void
  stat(path: string): Stat
  lstat(path: string): Stat
  /** Entries without `.` and `..`. */
  readdir(path: string): DirEntry[]
  readlink(path: string): string
  realpath(path: string): string
  access(path: string, want: { read?: boolean; write?: boolean; execute?: boolean }): boolean
  mkdir(path: string, mode?: number): void
  rmdir(path: string): void
  unlink(path: string): void
  rename(from: string, to: string): void
  link(from: string, to: string): void
  symlink(target: string, path: string): void
  mknod(path: string, type: FileType, mode: number, rdev?: readonly [number, number]): void
  /** chmod, chown and utimes in one; follows a final symlink unless `noFollow`. */
  setattr(path: string, attributes: Attributes, options?: { noFollow?: boolean }): void
  truncate(path: string, size: number): void
  ftruncate(fd: number, size: number): void
  statfs(path: string): {
    total: number
    free: number
    files: number
    filesFree: number
    type: string
    mountPoint: string
  }
  /** Which device a path is on, as `stat -c %d` and find -xdev compare it. */
  device(path: string): number

  // Processes.
  /** fork + exec in one step. ENOENT, EACCES, ENOEXEC (not a program), EAGAIN (pids limit). */
  spawn(request: SpawnRequest): number
  /** A finished child without waiting: undefined if none is ready. ECHILD without children. */
  tryWait(pid: number): { pid: number; status: ExitStatus } | undefined
  /** Any child that has ended or was stopped, without waiting (WUNTRACED). ECHILD without children. */
  tryWaitUntraced(): { pid: number; status: WaitStatus } | undefined
  /** pid 0: the own group; -1: everything it may signal; below -1: that group. ESRCH, EPERM. */
  kill(pid: number, signal: SignalName | 0): void
  /** How a signal is handled; 'catch' makes blocks fail with EINTR and queues it for `takeSignal`. */
  sigaction(signal: SignalName, action: 'default' | 'ignore' | 'catch'): void
  sigDisposition(signal: SignalName): 'default' | 'ignore' | 'catch'
  /** The next caught signal, if one came. */
  takeSignal(): SignalName | undefined
  /** Process that sent the last caught signal; 0 when it came from outside the container. */
  signalSender(): number
  setpgid(pid: number, pgid: number): void
  setsid(): void
  setCred(change: { uid?: number; gid?: number; groups?: number[] }): void
  /** Name in /proc/N/comm and argv in /proc/N/cmdline, for programs that rename themselves. */
  setTitle(comm: string, argv?: string[]): void
  rusage(who: 'self' | 'children'): Rusage
  getrlimit(name: RlimitName): { soft: number; hard: number }
  setrlimit(name: RlimitName, limit: { soft: number; hard: number }): void
  nice(increment: number): number
  uname(): { sysname: string; nodename: string; release: string; version: string; machine: string; domainname: string }
  sethostname(name: string): void
  /** Asks whether the clock may be set, which is the machine's and stays as it is. EPERM without CAP_SYS_TIME. */
  settime(): void
  /** New namespaces for this process and its children. EPERM without CAP_SYS_ADMIN. */
  unshare(kinds: readonly UnsharedKind[]): void
  /**
   * Enters a namespace of another process; `other`: one that both have anyway. ENOENT without such a process, EACCES for
   * processes with more rights, EPERM without CAP_SYS_ADMIN, EOPNOTSUPP for those of other containers and of the host.
   */
  setns(pid: number, kind: UnsharedKind | 'other'): void
  /** mount(2). EPERM without CAP_SYS_ADMIN, ENODEV for an unknown type, ENOENT. */
  mount(request: MountRequest): void
  /** umount(2). EPERM, EINVAL where nothing is mounted, EBUSY. */
  umount(target: string): void
  /** Changes a network interface. EPERM without CAP_NET_ADMIN, ENODEV. */
  setLink(name: string, change: { up?: boolean; mtu?: number }): void
  /** Changes addresses and routes (ADDRESS/PREFIX; IPv4 numbers, gateway 0: none). EPERM without CAP_NET_ADMIN. */
  changeAddress(verb: 'add' | 'del', device: string, address: string): void
  changeRoute(verb: 'add' | 'del', route: { network: number; prefix: number; gateway: number; device?: string }): void
  /**
   * Asks whether a socket could be made: what programs do first that reach the network through the model's own calls.
   * Throws what a seccomp filter says to socket(2).
   */
  socket(domain: 'inet' | 'inet6' | 'netlink', type: 'stream' | 'dgram' | 'raw'): void
  /** Lines of the kernel's log. EPERM without CAP_SYSLOG. */
  kernelLog(): string[]
  /** Claims memory (bytes beyond what it had claimed); may bring the OOM killer. */
  memory(bytes: number): void

  // Network.
  /** A listening socket. EADDRINUSE, EADDRNOTAVAIL, EACCES. */
  listen(address: string, port: number, protocol: 'tcp' | 'udp'): number
  /** Ends sending on a connected socket: its peer reads end of file, and may still send (SHUT_WR). ENOTCONN. */
  shutdown(fd: number): void
  /** Address and port of a socket's two ends. */
  sockname(fd: number): { local: { address: string; port: number }; peer?: { address: string; port: number } }

  /** Everything needed to go on from here; see the top of this file. Coroutines only. */
  checkpoint(state: Json): void
}

export type RlimitName =
  | 'nofile'
  | 'nproc'
  | 'core'
  | 'data'
  | 'fsize'
  | 'stack'
  | 'cpu'
  | 'as'
  | 'memlock'
  | 'rss'
  | 'locks'
  | 'sigpending'
  | 'msgqueue'
  | 'nice'
  | 'rtprio'
  | 'rttime'

/** What a coroutine's body is: yields blocks, returns the exit code. */
export type Routine<T> = Generator<Block, T, unknown>

export interface CoroutineProgram {
  readonly kind: 'coroutine'
  readonly name: string
  main(p: Proc, saved?: Json): Routine<number>
}

/** A machine's next move: wait for a block's answer, go on at once, or end. */
export type Step = { block: Block } | { exit: ExitStatus } | 'again'

/** What a block was answered with. */
export type Answer = { value: unknown } | { error: import('../vfs/errno.ts').Errno }

export interface MachineProgram<S extends Json = Json> {
  readonly kind: 'machine'
  readonly name: string
  start(p: MachineProc): S
  /** One small step; `answer` is set when the last step was a block. The state is changed in place. */
  step(p: MachineProc, state: S, answer: Answer | undefined): Step
}

/** Machines also fork: a child process of the same program with a state of its own. */
export interface MachineProc extends Proc {
  /** The child inherits descriptors, cwd, umask, credentials, ignored signals. EAGAIN at the pids limit. */
  fork(state: Json, options?: Pick<SpawnRequest, 'fds' | 'pgid' | 'ignore' | 'unignore'> & { argv?: string[] }): number
}

export type Program = CoroutineProgram | MachineProgram
