/**
 * The system calls of one process. For a coroutine every answer goes into its journal; while it is being rebuilt
 * (`startReplay`), answers come from there and nothing is done.
 */

import { type Arguments, type KernelCall, socketFamilies, socketNumbers, socketTypes } from '../security/seccomp.ts'
import { type Cred, hasCap } from '../vfs/cred.ts'
import { Errno, isErrno } from '../vfs/errno.ts'
import type { Attributes, DirEntry, FileType, Stat } from '../vfs/filesystem.ts'
import type { Access } from '../vfs/rootfs.ts'
import { listenerKey, waitNow, write } from './blocks.ts'
import { fromName, toName } from './bytes.ts'
import { describe, fileAt, freeDescriptor, linkedDescriptor, openPath, release } from './descriptors.ts'
import { clearJournal, fromEntry, record } from './journal.ts'
import type { Kernel } from './kernel.ts'
import { kernelRelease, kernelVersion } from './machine-facts.ts'
import { claim } from './memory.ts'
import { changeAddress, changeRoute } from './network-admin.ts'
import { isAbove, visible, visibleAt } from './pid-namespace.ts'
import { Pipe } from './pipe.ts'
import { isAlive, type JournalEntry, type Process, type UnsharedKind } from './process.ts'
import type {
  Env,
  ExitStatus,
  Json,
  MachineProc,
  MountRequest,
  OpenFlags,
  RlimitName,
  Rusage,
  SpawnRequest,
  Termios,
  WaitStatus,
} from './program.ts'
import type { Pty } from './pty.ts'
import { defaultLimit } from './rlimits.ts'
import { checkCall } from './seccomp-check.ts'
import { deliver } from './signal-delivery.ts'
import { parseSignal, type SignalName, signalNumber } from './signals.ts'

const CAP_KILL = 5
const CAP_SETGID = 6
const CAP_SETUID = 7
const CAP_NET_BIND_SERVICE = 10
const CAP_NET_ADMIN = 12
const CAP_SYS_CHROOT = 18
const CAP_SYS_ADMIN = 21
const CAP_SYS_PTRACE = 19
const CAP_SYS_NICE = 23
const CAP_SYS_RESOURCE = 24
const CAP_SYS_TIME = 25
const CAP_SYSLOG = 34
/** Ports that the kernel gives to sockets that ask for none (ip_local_port_range). */
const firstEphemeral = 32768
const ephemeralPorts = 28000

export class ProcView implements MachineProc {
  readonly #kernel: Kernel
  readonly #process: Process
  #replay: { at: number } | undefined

  constructor(kernel: Kernel, process: Process) {
    this.#kernel = kernel
    this.#process = process
  }

  startReplay(): void {
    this.#replay = { at: 0 }
  }

  endReplay(): void {
    this.#replay = undefined
  }

  /** The next entry of the journal; undefined at its end. */
  replayNext(): JournalEntry | undefined {
    if (!this.#replay) return undefined
    return this.#process.journal[this.#replay.at++]
  }

  /** Does a call and notes its answer, or gives the answer of the first time. `names`: what a seccomp filter sees of it. */
  #call<T>(act: () => T, ...names: (KernelCall | readonly [KernelCall, Arguments])[]): T {
    if (this.#process.program?.kind !== 'coroutine') {
      this.#kernel.current = this.#process
      return this.#filter(names) ? act() : (undefined as T)
    }
    if (this.#replay) {
      const entry = this.#process.journal[this.#replay.at]
      if (entry) {
        this.#replay.at++
        const past = fromEntry(entry)
        if ('error' in past) throw past.error
        return past.value as T
      }
    }
    this.#kernel.current = this.#process
    try {
      const value = this.#filter(names) ? act() : (undefined as T)
      record(this.#process, { value })
      return value
    } catch (error) {
      if (isErrno(error)) record(this.#process, { error })
      throw error
    }
  }

  /** Whether a call is to be made; calls that are only said to be are such as answer nothing. */
  #filter(calls: readonly (KernelCall | readonly [KernelCall, Arguments])[]): boolean {
    return calls.every(each => {
      const [call, args] = typeof each === 'string' ? [each, undefined] : each
      return checkCall(this.#kernel, this.#process, call, args)
    })
  }

  get #sandbox() {
    return this.#kernel.sandbox(this.#process.sandbox)
  }

  get #files() {
    return this.#sandbox.rootfs
  }

  #access(extra: Access = {}): Access {
    const { cred, cwd, root } = this.#process
    return { cred, cwd, root, ...extra }
  }

  get pid(): number {
    return this.#process.pid
  }
  get ppid(): number {
    return this.#call(() => this.#process.ppid)
  }
  get pgid(): number {
    return this.#call(() => this.#process.pgid)
  }
  get sid(): number {
    return this.#call(() => this.#process.sid)
  }
  get argv(): readonly string[] {
    return this.#process.argv
  }
  get env(): Env {
    return this.#process.env
  }
  get name(): string {
    const word = this.#process.argv[0] ?? ''
    return word.slice(word.lastIndexOf('/') + 1)
  }
  get flavour(): 'busybox' | 'gnu' {
    return this.#process.flavour
  }
  get marker(): Readonly<Record<string, string>> {
    return this.#process.marker
  }
  get exe(): string {
    return this.#process.exe
  }
  get cred(): Cred {
    const { uid, gid, groups, caps } = this.#process.cred
    const seen = this.#call(() => ({ uid, gid, groups, caps: String(caps) }))
    return { ...seen, caps: BigInt(seen.caps) }
  }

  realIds(): { uid: number; gid: number } {
    return this.#call(() => {
      const { cred, ruid, rgid } = this.#process
      return { uid: ruid ?? cred.uid, gid: rgid ?? cred.gid }
    })
  }

  cwd(): string {
    return this.#call(() => {
      const { cwd, root } = this.#process
      return fromName(root !== '/' && cwd.startsWith(root) ? cwd.slice(root.length) || '/' : cwd)
    }, 'getcwd')
  }

  chdir(path: string): void {
    this.#call(() => {
      const place = this.#files.walk(toName(path), this.#access())
      if (place.mount.fs.stat(place.ino).type !== 'dir') throw new Errno('ENOTDIR')
      if (!this.#files.access(toName(path), { execute: true }, this.#access())) throw new Errno('EACCES')
      this.#process.cwd = place.path
    }, 'chdir')
  }

  chroot(path: string): void {
    this.#call(() => {
      if (!hasCap(this.#process.cred, CAP_SYS_CHROOT)) throw new Errno('EPERM')
      const place = this.#files.walk(toName(path), this.#access())
      if (place.mount.fs.stat(place.ino).type !== 'dir') throw new Errno('ENOTDIR')
      this.#process.root = place.path
    }, 'chroot')
  }

  umask(mask?: number): number {
    return this.#call(() => {
      const old = this.#process.umask
      if (mask !== undefined) this.#process.umask = mask & 0o777
      return old
    }, 'umask')
  }

  now(): number {
    return this.#call(() => this.#kernel.time)
  }

  uptimeMs(): number {
    return this.#call(() => this.#kernel.time - this.#sandbox.bootTime)
  }

  random(length: number): Uint8Array {
    return this.#call(() => this.#kernel.hooks.random(length))
  }

  open(path: string, flags: OpenFlags, mode = 0o666): number {
    return this.#call(() => {
      const fd = openPath(this.#kernel, this.#process, path, flags, mode, false)
      if (fd === undefined) throw new Errno('ENXIO')
      return fd
    }, 'open')
  }

  close(fd: number): void {
    this.#call(() => {
      const file = fileAt(this.#process, fd)
      this.#process.fds.delete(fd)
      release(this.#kernel, file)
    })
  }

  dup(fd: number, min = 0): number {
    return this.#call(() => {
      const to = freeDescriptor(this.#process, min)
      this.#kernel.install(this.#process, to, fileAt(this.#process, fd))
      return to
    })
  }

  dup2(from: number, to: number): void {
    this.#call(() => {
      const file = fileAt(this.#process, from)
      if (from !== to) this.#kernel.install(this.#process, to, file)
    })
  }

  pipe(): [read: number, write: number] {
    return this.#call(() => {
      const pipe = new Pipe(this.#kernel.newId())
      const read = freeDescriptor(this.#process)
      this.#kernel.install(
        this.#process,
        read,
        this.#kernel.openFile({ kind: 'pipe', pipe, end: 'read', path: '' }, { read: true }),
      )
      const write = freeDescriptor(this.#process)
      this.#kernel.install(
        this.#process,
        write,
        this.#kernel.openFile({ kind: 'pipe', pipe, end: 'write', path: '' }, { write: true }),
      )
      return [read, write]
    }, 'pipe')
  }

  seek(fd: number, offset: number, whence: 'set' | 'cur' | 'end'): number {
    return this.#call(() => {
      const { object } = fileAt(this.#process, fd)
      if (object.kind === 'device') return 0
      if (object.kind !== 'inode') throw new Errno('ESPIPE')
      const base =
        whence === 'set' ? 0 : whence === 'cur' ? object.offset : object.place.mount.fs.stat(object.place.ino).size
      if (base + offset < 0) throw new Errno('EINVAL')
      object.offset = base + offset
      return object.offset
    })
  }

  fstat(fd: number): Stat & { path: string } {
    return this.#call(() => {
      const { path, stat } = describe(fileAt(this.#process, fd))
      return { ...stat, path }
    })
  }

  fdList(): number[] {
    return this.#call(() => [...this.#process.fds.keys()].sort((a, b) => a - b))
  }

  setCloexec(fd: number, on: boolean): void {
    this.#call(() => {
      const descriptor = this.#process.fds.get(fd)
      if (!descriptor) throw new Errno('EBADF')
      descriptor.cloexec = on
    })
  }

  isatty(fd: number): boolean {
    return this.#call(() => this.#process.fds.get(fd)?.file.object.kind === 'pty')
  }

  #pty(fd: number): Pty {
    const { object } = fileAt(this.#process, fd)
    if (object.kind !== 'pty') throw new Errno('ENOTTY')
    return object.pty
  }

  winsize(fd: number, change: { rows?: number; cols?: number } = {}): { rows: number; cols: number } {
    return this.#call(() => {
      const pty = this.#pty(fd)
      const { rows, cols } = pty
      this.#kernel.resizeTerminal(pty, change.rows ?? rows, change.cols ?? cols, this.#process.sandbox)
      return { rows, cols }
    })
  }

  termios(fd: number, change: Partial<Termios> = {}): Termios {
    return this.#call(() => {
      const pty = this.#pty(fd)
      const old = pty.termios
      pty.setTermios(change)
      return old
    })
  }

  tcsetpgrp(fd: number, pgid: number): void {
    this.#call(() => {
      this.#pty(fd).foreground = pgid
    })
  }

  stat(path: string): Stat {
    return this.#call(() => {
      try {
        return this.#files.stat(toName(path), this.#access())
      } catch (error) {
        // A pipe or a socket behind /dev/stdin has no path of its own.
        const file = isErrno(error) ? linkedDescriptor(this.#kernel, this.#process, toName(path)) : undefined
        if (!file) throw error
        return describe(file).stat
      }
    }, 'stat')
  }

  lstat(path: string): Stat {
    return this.#call(() => this.#files.lstat(toName(path), this.#access()), 'stat')
  }

  readdir(path: string): DirEntry[] {
    return this.#call(
      () => this.#files.readdir(toName(path), this.#access()).map(entry => ({ ...entry, name: fromName(entry.name) })),
      'readdir',
    )
  }

  readlink(path: string): string {
    return this.#call(() => fromName(this.#files.readlink(toName(path), this.#access())), 'readlink')
  }

  realpath(path: string): string {
    return this.#call(() => fromName(this.#files.realpath(toName(path), this.#access())))
  }

  access(path: string, want: { read?: boolean; write?: boolean; execute?: boolean }): boolean {
    return this.#call(() => this.#files.access(toName(path), want, this.#access()), 'access')
  }

  mkdir(path: string, mode = 0o777): void {
    this.#call(
      () => void this.#files.mkdir(toName(path), mode & ~this.#process.umask, this.#access()),
      ['mkdir', { mode }],
    )
  }

  rmdir(path: string): void {
    this.#call(() => this.#files.rmdir(toName(path), this.#access()), 'rmdir')
  }

  unlink(path: string): void {
    this.#call(() => this.#files.unlink(toName(path), this.#access()), 'unlink')
  }

  rename(from: string, to: string): void {
    this.#call(() => this.#files.rename(toName(from), toName(to), this.#access()), 'rename')
  }

  link(from: string, to: string): void {
    this.#call(() => this.#files.link(toName(from), toName(to), this.#access()), 'link')
  }

  symlink(target: string, path: string): void {
    this.#call(() => void this.#files.symlink(toName(target), toName(path), this.#access()), 'symlink')
  }

  mknod(path: string, type: FileType, mode: number, rdev?: readonly [number, number]): void {
    this.#call(
      () => void this.#files.mknod(toName(path), type, mode & ~this.#process.umask, rdev, this.#access()),
      'mknod',
    )
  }

  setattr(path: string, attributes: Attributes, options: { noFollow?: boolean } = {}): void {
    const { mode, uid, gid, atime, mtime } = attributes
    this.#call(
      () => this.#files.setattr(toName(path), attributes, this.#access({ follow: !options.noFollow })),
      ...(mode === undefined ? [] : ([['chmod', { mode }]] as const)),
      ...(uid === undefined && gid === undefined
        ? []
        : ([[options.noFollow ? 'lchown' : 'chown', { uid: uid ?? -1, gid: gid ?? -1 }]] as const)),
      ...(atime === undefined && mtime === undefined ? [] : (['utimes'] as const)),
    )
  }

  truncate(path: string, size: number): void {
    this.#call(() => this.#files.truncate(toName(path), size, this.#access()), 'truncate')
  }

  ftruncate(fd: number, size: number): void {
    this.#call(() => {
      const { object, flags } = fileAt(this.#process, fd)
      if (object.kind !== 'inode' || !flags.write) throw new Errno('EINVAL')
      object.place.mount.fs.truncate(object.place.ino, size, this.#kernel.time)
    }, 'ftruncate')
  }

  statfs(path: string): {
    total: number
    free: number
    files: number
    filesFree: number
    type: string
    mountPoint: string
  } {
    return this.#call(() => this.#files.statfs(toName(path), this.#access()), 'statfs')
  }

  device(path: string): number {
    return this.#call(() => this.#files.walk(toName(path), this.#access({ follow: false })).mount.id)
  }

  spawn(request: SpawnRequest): number {
    return this.#call(
      () => {
        const kernel = this.#kernel
        const child = this.#child(request)
        try {
          kernel.execInto(child, request.path, request.argv, new Map(request.env ?? this.#process.env))
        } catch (error) {
          this.#discard(child)
          throw error
        }
        kernel.scheduler.wake(child)
        claim(kernel, child, 0)
        return child.pid
      },
      'fork',
      'exec',
    )
  }

  fork(
    state: Json,
    options: Pick<SpawnRequest, 'fds' | 'pgid' | 'ignore' | 'unignore'> & { argv?: string[] } = {},
  ): number {
    return this.#call(() => {
      const parent = this.#process
      const child = this.#child(options)
      child.argv = options.argv ?? parent.argv
      child.program = parent.program
      child.programName = parent.programName
      child.flavour = parent.flavour
      child.marker = parent.marker
      child.data = state
      this.#kernel.scheduler.wake(child)
      claim(this.#kernel, child, 0)
      return child.pid
    }, 'fork')
  }

  readNow(fd: number, length: number): Uint8Array {
    return this.#call(() => {
      const { object } = fileAt(this.#process, fd)
      if (object.kind !== 'inode') throw new Errno('ESPIPE')
      const data = object.place.mount.fs.read(object.place.ino, object.offset, length)
      object.offset += data.length
      return data
    })
  }

  writeNow(fd: number, data: Uint8Array): number {
    return this.#call(() => {
      const file = fileAt(this.#process, fd)
      const { object } = file
      if (object.kind === 'inode') {
        const done = write(this.#kernel, this.#process, file, data)
        return done && 'value' in done ? Number(done.value) : 0
      }
      if (object.kind !== 'pipe') throw new Errno('EINVAL')
      const taken = object.pipe.push(data)
      this.#kernel.scheduler.notify(object.pipe.waiters)
      return taken
    })
  }

  #child(request: {
    fds?: ReadonlyMap<number, number>
    pgid?: number
    cwd?: string
    cred?: Cred
    newSession?: boolean
    ignore?: SignalName[]
    unignore?: readonly SignalName[]
  }): Process {
    const parent = this.#process
    const child = this.#kernel.newProcess(this.#sandbox, parent)
    for (const [signal, action] of parent.dispositions)
      if (action === 'ignore' && !request.unignore?.includes(signal)) child.dispositions.set(signal, action)
    for (const signal of request.ignore ?? []) child.dispositions.set(signal, 'ignore')
    const map = request.fds ?? new Map([...parent.fds.keys()].map(fd => [fd, fd]))
    for (const [to, from] of map) {
      const descriptor = parent.fds.get(from)
      if (descriptor) this.#kernel.install(child, to, descriptor.file, request.fds ? false : descriptor.cloexec)
    }
    try {
      if (request.cwd !== undefined) child.cwd = this.#files.realpath(toName(request.cwd), this.#access())
    } catch (error) {
      this.#discard(child)
      throw error
    }
    if (request.cred) child.cred = request.cred
    if (request.newSession) Object.assign(child, { sid: child.pid, pgid: child.pid, tty: undefined })
    else if (request.pgid !== undefined) child.pgid = request.pgid === 0 ? child.pid : request.pgid
    return child
  }

  /** A child that never ran. */
  #discard(child: Process): void {
    for (const { file } of child.fds.values()) release(this.#kernel, file)
    child.fds.clear()
    this.#sandbox.processes.delete(child.pid)
    this.#sandbox.pids.processes.delete(child.pid)
    this.#kernel.processes.delete(child.key)
  }

  tryWait(pid: number): { pid: number; status: ExitStatus } | undefined {
    return this.#call(
      () => waitNow(this.#kernel, this.#process, pid, false) as { pid: number; status: ExitStatus } | undefined,
    )
  }

  tryWaitUntraced(): { pid: number; status: WaitStatus } | undefined {
    return this.#call(
      () => waitNow(this.#kernel, this.#process, -1, true) as { pid: number; status: WaitStatus } | undefined,
    )
  }

  kill(pid: number, signal: SignalName | 0): void {
    this.#call(() => {
      const me = this.#process
      const sandbox = this.#sandbox
      const all = visible(this.#kernel, sandbox)
      const targets = (
        pid > 0
          ? all.filter(other => other.pid === pid)
          : pid === 0
            ? all.filter(other => other.process.sandbox === me.sandbox && other.process.pgid === me.pgid)
            : pid === -1
              ? all.filter(other => other.pid !== 1 && other.process !== me)
              : all.filter(other => other.number(other.process.pgid) === -pid)
      ).map(({ process }) => process)
      if (targets.length === 0) throw new Errno('ESRCH')
      const name = signal === 0 ? undefined : parseSignal(signal)
      if (signal !== 0 && !name) throw new Errno('EINVAL')
      const allowed = targets.filter(
        other =>
          me.cred.uid === other.cred.uid || hasCap(me.cred, CAP_KILL) || (name === 'CONT' && me.sid === other.sid),
      )
      if (allowed.length === 0) throw new Errno('EPERM')
      if (name)
        for (const other of allowed)
          deliver(this.#kernel, other, name, isAbove(this.#kernel, sandbox, other), this.#process.pid)
    }, ['kill', { pid, signal: signal === 0 ? 0 : signalNumber(signal) }])
  }

  sigaction(signal: SignalName, action: 'default' | 'ignore' | 'catch'): void {
    this.#call(() => {
      if (signal === 'KILL' || signal === 'STOP') throw new Errno('EINVAL')
      if (action === 'default') this.#process.dispositions.delete(signal)
      else this.#process.dispositions.set(signal, action)
    })
  }

  sigDisposition(signal: SignalName): 'default' | 'ignore' | 'catch' {
    return this.#call(() => this.#process.dispositions.get(signal) ?? 'default')
  }

  takeSignal(): SignalName | undefined {
    return this.#call(() => this.#process.caught.shift())
  }

  signalSender(): number {
    return this.#call(() => this.#process.sender)
  }

  setpgid(pid: number, pgid: number): void {
    this.#call(() => {
      const target = pid === 0 ? this.#process : this.#sandbox.pids.processes.get(pid)
      if (!target) throw new Errno('ESRCH')
      target.pgid = pgid === 0 ? target.pid : pgid
    }, 'setpgid')
  }

  setsid(): void {
    this.#call(() => {
      if (this.#process.pgid === this.#process.pid) throw new Errno('EPERM')
      Object.assign(this.#process, { sid: this.#process.pid, pgid: this.#process.pid, tty: undefined })
    }, 'setsid')
  }

  setCred(change: { uid?: number; gid?: number; groups?: number[] }): void {
    this.#call(
      () => {
        const process = this.#process
        const { cred } = process
        const { uid = cred.uid, gid = cred.gid, groups = cred.groups } = change
        // With the capability the real ids change too; without it one may go back to them (setuid(2)).
        const [mayUser, mayGroup] = [hasCap(cred, CAP_SETUID), hasCap(cred, CAP_SETGID)]
        if (uid !== cred.uid && uid !== process.ruid && !mayUser) throw new Errno('EPERM')
        if (gid !== cred.gid && gid !== process.rgid && !mayGroup) throw new Errno('EPERM')
        if (change.groups && !mayGroup) throw new Errno('EPERM')
        if (change.uid !== undefined && (mayUser || uid === process.ruid)) delete process.ruid
        if (change.gid !== undefined && (mayGroup || gid === process.rgid)) delete process.rgid
        const dropped = cred.uid === 0 && uid !== 0
        if (dropped) process.caps = { ...process.caps, permitted: 0n }
        process.cred = { uid, gid, groups, caps: dropped ? 0n : cred.caps }
      },
      ...(change.uid === undefined ? [] : ([['setuid', { uid: change.uid }]] as const)),
      ...(change.gid === undefined ? [] : ([['setgid', { gid: change.gid }]] as const)),
      ...(change.groups ? (['setgroups'] as const) : []),
    )
  }

  setTitle(comm: string, argv?: string[]): void {
    this.#call(() => {
      this.#process.comm = comm.slice(0, 15)
      if (argv) this.#process.argv = argv
    })
  }

  rusage(who: 'self' | 'children'): Rusage {
    return this.#call(() => {
      const { cpuMs, systemMs, childCpuMs } = this.#process
      return who === 'self' ? { userMs: cpuMs, systemMs } : { userMs: childCpuMs, systemMs: 0 }
    })
  }

  getrlimit(name: RlimitName): { soft: number; hard: number } {
    return this.#call(() => this.#process.rlimits.get(name) ?? defaultLimit(name))
  }

  setrlimit(name: RlimitName, limit: { soft: number; hard: number }): void {
    this.#call(() => {
      const old = this.#process.rlimits.get(name) ?? defaultLimit(name)
      if (limit.soft > limit.hard) throw new Errno('EINVAL')
      if (limit.hard > old.hard && !hasCap(this.#process.cred, CAP_SYS_RESOURCE)) throw new Errno('EPERM')
      this.#process.rlimits = new Map(this.#process.rlimits).set(name, limit)
    }, 'prlimit')
  }

  nice(increment: number): number {
    return this.#call(() => {
      if (increment < 0 && !hasCap(this.#process.cred, CAP_SYS_NICE)) throw new Errno('EACCES')
      this.#process.nice = Math.max(-20, Math.min(19, this.#process.nice + increment))
      return this.#process.nice
    }, 'setpriority')
  }

  uname(): {
    sysname: string
    nodename: string
    release: string
    version: string
    machine: string
    domainname: string
  } {
    return this.#call(() => ({
      sysname: 'Linux',
      nodename: this.#process.own?.uts?.hostname ?? this.#sandbox.hostname,
      release: kernelRelease,
      version: kernelVersion,
      machine: this.#sandbox.machine,
      domainname: this.#sandbox.domainname || '(none)',
    }))
  }

  sethostname(name: string): void {
    this.#call(() => {
      if (!hasCap(this.#process.cred, CAP_SYS_ADMIN)) throw new Errno('EPERM')
      const { uts } = this.#process.own ?? {}
      if (uts) uts.hostname = name
      else this.#sandbox.hostname = name
    }, 'sethostname')
  }

  settime(): void {
    this.#call(() => {
      if (!hasCap(this.#process.cred, CAP_SYS_TIME)) throw new Errno('EPERM')
    }, 'settime')
  }

  unshare(kinds: readonly UnsharedKind[]): void {
    this.#call(() => {
      if (!hasCap(this.#process.cred, CAP_SYS_ADMIN)) throw new Errno('EPERM')
      const own = { ...this.#process.own }
      for (const kind of kinds) {
        const id = Buffer.from(this.#kernel.hooks.random(4)).toString('hex')
        if (kind === 'uts') own.uts = { id, hostname: own.uts?.hostname ?? this.#sandbox.hostname }
        else own[kind] = id
      }
      this.#process.own = own
    }, 'unshare')
  }

  setns(pid: number, kind: UnsharedKind | 'other'): void {
    this.#call(() => {
      const target = visibleAt(this.#kernel, this.#sandbox, pid)?.process
      if (!target) throw new Errno('ENOENT')
      const { cred } = this.#process
      // The links themselves are for those who may trace the process (ptrace(2), PTRACE_MODE_READ).
      const less = cred.uid !== target.cred.uid || (target.caps.permitted & ~cred.caps) !== 0n
      if (less && target !== this.#process && !hasCap(cred, CAP_SYS_PTRACE)) throw new Errno('EACCES')
      if (!hasCap(cred, CAP_SYS_ADMIN)) throw new Errno('EPERM')
      if (target.sandbox !== this.#process.sandbox) throw new Errno('EOPNOTSUPP')
      if (kind === 'other') return
      const { [kind]: _left, ...own } = this.#process.own ?? {}
      const entered = target.own?.[kind]
      this.#process.own = entered === undefined ? own : { ...own, [kind]: entered }
    }, 'setns')
  }

  mount(request: MountRequest): void {
    this.#call(() => {
      if (!hasCap(this.#process.cred, CAP_SYS_ADMIN)) throw new Errno('EPERM')
      const { mounter } = this.#sandbox
      if (!mounter) throw new Errno('EPERM')
      const real = (path: string): string => this.#files.realpath(toName(path), this.#access())
      mounter.mount({
        ...request,
        source: request.kind === 'bind' ? real(request.source) : request.source,
        target: real(request.target),
      })
    }, 'mount')
  }

  umount(target: string): void {
    this.#call(() => {
      if (!hasCap(this.#process.cred, CAP_SYS_ADMIN)) throw new Errno('EPERM')
      const { mounter } = this.#sandbox
      if (!mounter) throw new Errno('EPERM')
      mounter.umount(this.#files.realpath(toName(target), this.#access()))
    }, 'umount')
  }

  setLink(name: string, change: { up?: boolean; mtu?: number }): void {
    this.#call(() => {
      const { net, interfaces } = this.#sandbox
      const known = name === 'lo' || interfaces.some(each => each.name === name)
      if (!hasCap(this.#process.cred, CAP_NET_ADMIN)) throw new Errno('EPERM')
      if (!known) throw new Errno('ENODEV')
      for (const sandbox of this.#kernel.sandboxes.values()) {
        if (sandbox.net !== net) continue
        if (name === 'lo' && change.up !== undefined) sandbox.loopbackDown = !change.up
        sandbox.changedNetwork = true
        sandbox.interfaces = sandbox.interfaces.map(each => (each.name === name ? { ...each, ...change } : each))
      }
    })
  }

  changeAddress(verb: 'add' | 'del', device: string, address: string): void {
    this.#call(() => {
      if (!hasCap(this.#process.cred, CAP_NET_ADMIN)) throw new Errno('EPERM')
      changeAddress(this.#kernel, this.#sandbox, verb, device, address)
    })
  }

  changeRoute(verb: 'add' | 'del', route: { network: number; prefix: number; gateway: number; device?: string }): void {
    this.#call(() => {
      if (!hasCap(this.#process.cred, CAP_NET_ADMIN)) throw new Errno('EPERM')
      changeRoute(this.#kernel, this.#sandbox, verb, route)
    })
  }

  socket(domain: keyof typeof socketFamilies, type: keyof typeof socketTypes): void {
    this.#call(() => undefined, ['socket', { domain: socketFamilies[domain], type: socketTypes[type] }])
  }

  kernelLog(): string[] {
    return this.#call(() => {
      const { cred } = this.#process
      if (!hasCap(cred, CAP_SYSLOG) && !hasCap(cred, CAP_SYS_ADMIN)) throw new Errno('EPERM')
      return [...(this.#kernel.hooks.messages?.() ?? [])]
    }, 'syslog')
  }

  memory(bytes: number): void {
    this.#call(() => claim(this.#kernel, this.#process, bytes))
    if (!isAlive(this.#process)) throw new Errno('ENOMEM')
  }

  listen(address: string, wanted: number, protocol: 'tcp' | 'udp'): number {
    return this.#call(
      () => {
        const kernel = this.#kernel
        const { net, interfaces } = this.#sandbox
        const wild = (each: string): boolean => each === '0.0.0.0' || each === '::'
        const port = wanted === 0 ? firstEphemeral + (kernel.newId() % ephemeralPorts) : wanted
        const firstFree = Number(this.#sandbox.sysctls.get('net.ipv4.ip_unprivileged_port_start') ?? 0)
        if (port < firstFree && !hasCap(this.#process.cred, CAP_NET_BIND_SERVICE)) throw new Errno('EACCES')
        const own = interfaces.flatMap(each => each.addresses).some(each => each.split('/', 1)[0] === address)
        if (interfaces.length > 0 && !own && !wild(address) && !address.startsWith('127.') && address !== '::1')
          throw new Errno('EADDRNOTAVAIL')
        for (const { object } of kernel.listeners.values()) {
          if (object.kind !== 'listener' || object.net !== net || object.protocol !== protocol) continue
          const taken = object.local
          if (taken.port === port && (wild(address) || wild(taken.address) || taken.address === address))
            throw new Errno('EADDRINUSE')
        }
        const proxies = net === 'host' ? (kernel.hooks.proxies?.(protocol) ?? []) : []
        for (const taken of proxies)
          if (taken.port === port && (wild(address) || wild(taken.address) || taken.address === address))
            throw new Errno('EADDRINUSE')
        const file = kernel.openFile(
          { kind: 'listener', net, protocol, local: { address, port }, backlog: [], waiters: new Set() },
          { read: true, write: true },
        )
        const fd = freeDescriptor(this.#process)
        kernel.install(this.#process, fd, file)
        kernel.listeners.set(listenerKey(net, protocol, port, address), file)
        return fd
      },
      ['socket', socketNumbers(address, protocol)],
      'bind',
      'listen',
    )
  }

  shutdown(fd: number): void {
    this.#call(() => {
      const { object } = fileAt(this.#process, fd)
      if (object.kind !== 'socket') throw new Errno('ENOTCONN')
      object.tx.writers = 0
      this.#kernel.scheduler.notify(object.tx.waiters)
    })
  }

  sockname(fd: number): { local: { address: string; port: number }; peer?: { address: string; port: number } } {
    return this.#call(() => {
      const { object } = fileAt(this.#process, fd)
      if (object.kind === 'listener') return { local: object.local }
      if (object.kind === 'socket') return { local: object.local, peer: object.peer }
      throw new Errno('ENOTCONN')
    })
  }

  checkpoint(state: Json): void {
    if (this.#replay) return
    this.#process.data = state
    clearJournal(this.#process)
  }
}
