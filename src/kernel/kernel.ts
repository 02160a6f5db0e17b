/**
 * The simulated machine's kernel: processes of one or more containers on one line of time.
 *
 * Driver API, for the engine: `add` a sandbox, `startMain` or `startExec` in it, `feed` and `closeInput` for its
 * input, `signal`, `freeze`; `run(until)` lets time pass; what happened comes through `hooks`. Nothing here knows
 * the host's time or waits for anything: a program whose code is not loaded parks its process, and `run` returns
 * the loading promises.
 */
import { CgroupTree } from '../cgroup/tree.ts'
import type { Cred } from '../vfs/cred.ts'
import { Errno } from '../vfs/errno.ts'
import { stopWaiting } from './blocks.ts'
import { closeAll, openSink, release } from './descriptors.ts'
import { elevate } from './elevate.ts'
import { execve, type Image, ownPrograms } from './exec.ts'
import type { Endpoint, FileObject, OpenFile } from './files.ts'
import { clearJournal } from './journal.ts'
import { membersOf, noUsage } from './memory.ts'
import { freePid, hostNamespace } from './pid-namespace.ts'
import { Pipe } from './pipe.ts'
import type { CapSets, Process } from './process.ts'
import type { Env, Program } from './program.ts'
import { Pty } from './pty.ts'
import type { ExitEvent, OutputEvent, PidNamespace, Sandbox, SandboxSpec } from './sandbox.ts'
import { type ProgramTable, Scheduler } from './scheduler.ts'
import { deliver, signalGroup } from './signal-delivery.ts'
import type { SignalName } from './signals.ts'

/** Processes of one sandbox at a time, whatever its own limit: as the host's `threads-max` ends a fork bomb. */
const maxProcesses = 4096
/** Memory that every process has from the start, in bytes. */
export const baseMemory = 512 * 1024

/** Where a packet arrives, or why it does not. */
export type Route =
  | {
      net: string
      address: string
      port: number
      /** The sender's address as the receiver sees it. */
      from: string
      /** A proxy has taken the connection: the sender is connected whether or not anyone listens behind it. */
      proxied?: boolean
      /** What a host outside answers to whatever it is sent. */
      page?: string
    }
  | { loading: Promise<unknown> }
  | { error: 'ECONNREFUSED' | 'EHOSTUNREACH' | 'ENETUNREACH' | 'ETIMEDOUT' }

export interface KernelHooks {
  exited(event: ExitEvent): void
  output(event: OutputEvent): void
  /** Addresses for a name, as the container's resolver gives them, or `server` if there is one; or why nobody answers. */
  resolve(
    sandbox: string,
    name: string,
    type: 'A' | 'AAAA' | 'PTR',
    server: string | undefined,
  ): string[] | { error: 'ECONNREFUSED' | 'EHOSTUNREACH' | 'ENETUNREACH' | 'ETIMEDOUT' }
  /** The network namespace that a packet to an address reaches, or the errno that it meets. */
  route(net: string, to: Endpoint, protocol: 'tcp' | 'udp' | 'icmp'): Route
  /** Where docker-proxy listens on the host for published ports. */
  proxies?(protocol: 'tcp' | 'udp'): Endpoint[]
  random(length: number): Uint8Array
  /** The OOM killer has taken a process of a container; what the kernel's log says of it. */
  oom?(event: { sandbox: string; time: number; messages: readonly string[] }): void
  /** Lines of the kernel's log. */
  messages?(): readonly string[]
  /** Runs a tool that is modelled outside of the kernel. The other processes wait meanwhile. */
  outside?(call: OutsideCall): Promise<OutsideAnswer>
}

/** A command for `hooks.outside`; all of it byte strings. */
export interface OutsideCall {
  argv: readonly string[]
  env: ReadonlyMap<string, string>
  cwd: string
  input: string
}

/** How it ended; output as byte strings. */
export interface OutsideAnswer {
  stdout: string
  stderr: string
  status: number
}

export interface ProcessSpec {
  argv: string[]
  env: Env
  cwd: string
  cred: Cred
  caps: CapSets
  tty: boolean
  /** The window of its terminal; without one it has no size. */
  size?: { rows: number; cols: number }
  /** Whether input is kept open for `feed`; else it is empty. */
  stdin: boolean
}

export class Kernel {
  /** The simulated time, in ms since the epoch. */
  time: number
  readonly hooks: KernelHooks
  readonly programs: ProgramTable
  readonly sandboxes = new Map<string, Sandbox>()
  readonly #pidNamespaces = new Map<string, PidNamespace>()
  readonly processes = new Map<number, Process>()
  readonly loaded: Map<string, Program>
  readonly scheduler = new Scheduler(this)
  readonly cgroups = new CgroupTree()
  #nextKey = 1
  #nextObject = 1
  /** Fifos with someone at one end, by file system and inode. */
  readonly fifos = new WeakMap<object, Map<number, Pipe>>()
  /** Listening sockets, by network namespace, protocol and port. */
  readonly listeners = new Map<string, OpenFile>()
  /** What came back for processes that called something outside, by key. */
  readonly answers = new Map<number, OutsideAnswer>()
  /** The process whose system call is being served. */
  current: Process | undefined

  constructor(time: number, programs: ProgramTable, hooks: KernelHooks, loaded: Map<string, Program> = new Map()) {
    this.time = time
    this.programs = programs
    this.hooks = hooks
    this.loaded = loaded
    for (const [name, program] of ownPrograms) loaded.set(name, program)
  }

  newId(): number {
    return this.#nextObject++
  }

  add(spec: SandboxSpec): Sandbox {
    const sandbox: Sandbox = {
      ...spec,
      processes: new Map(),
      pids: this.#pidNamespace(spec),
      mainPid: 1,
      frozen: false,
      group: this.cgroups.at(spec.cgroup.path),
      lead: 0,
      samples: [],
      usage: noUsage(),
      inputs: new Map(),
      ptys: new Map(),
    }
    sandbox.group.limits = spec.cgroup.limits
    sandbox.group.members = membersOf(sandbox)
    this.sandboxes.set(spec.id, sandbox)
    return sandbox
  }

  #pidNamespace({ id, namespaces, hostPid = 1 }: SandboxSpec): PidNamespace {
    const name = namespaces?.pid ?? id
    const known = this.#pidNamespaces.get(name)
    if (known) {
      if (name === id) known.hostBase = hostPid
      return known
    }
    const hostBase = name === hostNamespace ? 1 : hostPid
    const made: PidNamespace = { id: name, processes: new Map(), nextPid: 1, hostBase }
    this.#pidNamespaces.set(name, made)
    return made
  }

  /** Takes a sandbox and all of its processes away without a word. */
  remove(id: string): void {
    const sandbox = this.sandboxes.get(id)
    if (!sandbox) return
    for (const process of [...sandbox.processes.values()]) {
      closeAll(this, process)
      stopWaiting(process)
      this.processes.delete(process.key)
      sandbox.pids.processes.delete(process.pid)
    }
    this.scheduler.forget(process => process.sandbox === id)
    sandbox.group.members = undefined
    this.cgroups.remove(sandbox.group)
    this.sandboxes.delete(id)
  }

  sandbox(id: string): Sandbox {
    const sandbox = this.sandboxes.get(id)
    if (!sandbox) throw new Error(`no sandbox ${id}`)
    return sandbox
  }

  /** Starts PID 1. `image` says what the file is (see `exec.ts`); throws Errno EAGAIN at the pids limit. */
  startMain(id: string, spec: ProcessSpec, image: Image): Process {
    const sandbox = this.sandbox(id)
    const { pids } = sandbox
    if (pids.id === id) pids.nextPid = 1
    else if (pids.id === hostNamespace) pids.nextPid = sandbox.hostPid ?? 1
    // Before it runs: a process is the main one by its number.
    sandbox.mainPid = freePid(pids)
    pids.nextPid = sandbox.mainPid
    return this.#start(sandbox, spec, image, '')
  }

  /** Starts a process from outside (docker exec): its parent is not in the namespace. */
  startExec(id: string, exec: string, spec: ProcessSpec, image: Image): Process {
    return this.#start(this.sandbox(id), spec, image, exec)
  }

  #start(sandbox: Sandbox, spec: ProcessSpec, image: Image, target: string): Process {
    const process = this.newProcess(sandbox, undefined)
    Object.assign(process, {
      env: spec.env,
      cwd: spec.cwd,
      cred: spec.cred,
      caps: spec.caps,
      exec: target,
      sid: process.pid,
      pgid: process.pid,
      noNewPrivs: sandbox.noNewPrivs,
    })
    this.#stdio(sandbox, process, spec, target)
    this.setImage(process, image)
    this.scheduler.wake(process)
    return process
  }

  #stdio(sandbox: Sandbox, process: Process, spec: ProcessSpec, target: string): void {
    if (spec.tty) {
      const pty = new Pty(freeTerminal(sandbox), target)
      Object.assign(pty, spec.size)
      pty.session = process.sid
      pty.foreground = process.pgid
      sandbox.ptys.set(pty.id, pty)
      process.tty = pty.id
      const file = this.openFile({ kind: 'pty', pty }, { read: true, write: true })
      for (const fd of [0, 1, 2]) this.install(process, fd, file)
      sandbox.inputs.set(target, { pty })
      return
    }
    if (spec.stdin) {
      const pipe = new Pipe(this.newId())
      pipe.writers = 1
      this.install(process, 0, this.openFile({ kind: 'pipe', pipe, end: 'read', path: '' }, { read: true }))
      sandbox.inputs.set(target, { pipe })
    } else
      this.install(
        process,
        0,
        this.openFile({ kind: 'device', device: 'null', path: '/dev/null' }, { read: true, write: true }),
      )
    this.install(process, 1, openSink(this, target, 'stdout'))
    this.install(process, 2, openSink(this, target, 'stderr'))
  }

  openFile(object: FileObject, flags: OpenFile['flags']): OpenFile {
    if (object.kind === 'pipe') object.pipe[object.end === 'read' ? 'readers' : 'writers']++
    if (object.kind === 'inode') object.place.mount.fs.hold(object.place.ino)
    return { id: this.newId(), object, flags, refs: 0 }
  }

  /** Puts a file at a descriptor, closing what was there. */
  install(process: Process, fd: number, file: OpenFile, cloexec = false): void {
    file.refs++
    const old = process.fds.get(fd)
    process.fds.set(fd, { file, cloexec })
    if (old) release(this, old.file)
  }

  /** A fresh table entry; a child takes over from its parent what fork(2) says. */
  newProcess(sandbox: Sandbox, parent: Process | undefined): Process {
    for (const group of sandbox.group.chain) {
      if (group.limits.pids === undefined || group.pids() < group.limits.pids) continue
      group.counters.pidsMax++
      throw new Errno('EAGAIN')
    }
    if (sandbox.processes.size >= maxProcesses) throw new Errno('EAGAIN')
    const pid = freePid(sandbox.pids)
    sandbox.pids.nextPid = pid + 1
    const process: Process = {
      key: this.#nextKey++,
      pid,
      sandbox: sandbox.id,
      ppid: parent?.pid ?? 0,
      pgid: parent?.pgid ?? pid,
      sid: parent?.sid ?? pid,
      argv: parent?.argv ?? [],
      comm: parent?.comm ?? '',
      exe: parent?.exe ?? '',
      env: parent?.env ?? new Map(),
      cwd: parent?.cwd ?? '/',
      root: parent?.root ?? '/',
      umask: parent?.umask ?? 0o022,
      cred: parent?.cred ?? { uid: 0, gid: 0, groups: [], caps: 0n },
      caps: parent?.caps ?? { permitted: 0n, inheritable: 0n, bounding: 0n, ambient: 0n },
      noNewPrivs: parent?.noNewPrivs ?? false,
      fds: new Map(),
      rlimits: parent?.rlimits ?? new Map(sandbox.rlimits),
      ...(parent?.ruid !== undefined && { ruid: parent.ruid }),
      ...(parent?.rgid !== undefined && { rgid: parent.rgid }),
      ...(parent?.own && { own: parent.own }),
      ...(parent?.oomScoreAdj !== undefined && { oomScoreAdj: parent.oomScoreAdj }),
      nice: parent?.nice ?? 0,
      tty: parent?.tty,
      exec: parent?.exec ?? '',
      startedAt: this.time,
      cpuMs: 0,
      systemMs: 0,
      childCpuMs: 0,
      memory: baseMemory,
      state: 'blocked',
      stopped: false,
      stopSignal: undefined,
      status: undefined,
      dispositions: new Map(),
      pending: [],
      caught: [],
      sender: 0,
      program: undefined,
      programName: '',
      flavour: 'gnu',
      marker: {},
      data: null,
      generator: undefined,
      view: undefined,
      journal: [],
      journalSize: 0,
      passing: undefined,
      passingNoted: false,
      frozen: false,
      block: undefined,
      wakeAt: undefined,
      progress: 0,
      answer: undefined,
      waitingOn: new Set(),
      cpuLeft: 0,
    }
    if (parent) process.exec = ''
    this.#enter(sandbox, process)
    return process
  }

  #enter(sandbox: Sandbox, process: Process): void {
    sandbox.processes.set(process.pid, process)
    sandbox.pids.processes.set(process.pid, process)
    this.processes.set(process.key, process)
  }

  /** Gives a restored process its place in the tables again. */
  adopt(process: Process): void {
    this.#enter(this.sandbox(process.sandbox), process)
    if (process.state === 'ready') this.scheduler.enqueue(process)
    else this.scheduler.changed()
  }

  nextKey(): number {
    return this.#nextKey++
  }

  /** Replaces what a process runs, as execve(2) does. */
  setImage(process: Process, image: Image): void {
    elevate(process, image)
    process.argv = image.argv
    process.exe = image.exe
    process.comm = (image.comm ?? (image.exe.slice(image.exe.lastIndexOf('/') + 1) || image.exe)).slice(0, 15)
    process.programName = image.program
    process.flavour = image.flavour
    process.marker = image.marker
    process.program = this.loaded.get(image.program)
    process.data = null
    process.generator = undefined
    process.view = undefined
    clearJournal(process)
    process.frozen = false
    process.block = undefined
    process.answer = undefined
    process.memory = baseMemory
    for (const [signal, action] of process.dispositions) if (action === 'catch') process.dispositions.delete(signal)
    for (const [fd, { file, cloexec }] of [...process.fds]) {
      if (!cloexec) continue
      process.fds.delete(fd)
      release(this, file)
    }
  }

  /** Input for the main process ('') or an exec; the number of bytes taken. */
  feed(id: string, target: string, data: Uint8Array): number {
    const sandbox = this.sandbox(id)
    const input = sandbox.inputs.get(target)
    if (!input) return data.length
    if ('pipe' in input) {
      if (input.pipe.readers === 0) return data.length
      const taken = input.pipe.push(data)
      if (taken > 0) this.scheduler.notify(input.pipe.waiters)
      return taken
    }
    const { pty } = input
    pty.feed(
      data,
      bytes => this.hooks.output({ sandbox: id, target, stream: 'stdout', data: bytes, time: this.time }),
      name => void signalGroup(this, sandbox, pty.foreground, name),
    )
    this.scheduler.notify(pty.waiters)
    return data.length
  }

  closeInput(id: string, target: string): void {
    const input = this.sandbox(id).inputs.get(target)
    if (!input) return
    if ('pipe' in input) {
      input.pipe.writers = 0
      this.scheduler.notify(input.pipe.waiters)
    }
  }

  resize(id: string, target: string, rows: number, cols: number): void {
    const sandbox = this.sandbox(id)
    const input = sandbox.inputs.get(target)
    if (!input || !('pty' in input)) return
    this.resizeTerminal(input.pty, rows, cols, id)
  }

  /** Another size of a window is told to who is in front. */
  resizeTerminal(pty: Pty, rows: number, cols: number, sandbox: string): void {
    if (pty.rows === rows && pty.cols === cols) return
    Object.assign(pty, { rows, cols })
    signalGroup(this, this.sandbox(sandbox), pty.foreground, 'WINCH')
  }

  /** Stops the clock for a whole container, or lets it go on (cgroup freezer). */
  freeze(id: string, on: boolean): void {
    const sandbox = this.sandbox(id)
    sandbox.frozen = on
    this.scheduler.changed()
    if (!on)
      for (const process of sandbox.processes.values()) if (process.state === 'ready') this.scheduler.enqueue(process)
  }

  /** A signal from outside the container: KILL and STOP reach PID 1 as well. */
  signalFromOutside(id: string, signal: SignalName): void {
    const sandbox = this.sandbox(id)
    const process = sandbox.processes.get(sandbox.mainPid)
    if (process) deliver(this, process, signal, true)
  }

  /** Runs a file in a process, as execve(2); used by spawn and the exec block. */
  execInto(process: Process, path: string, argv: string[], env: Env): void {
    const image = execve(this, process, path, argv)
    process.env = env
    this.setImage(process, image)
  }
}

/** The lowest number of a terminal that nobody has; those that were hung up and closed are forgotten. */
function freeTerminal(sandbox: Sandbox): number {
  const open = new Set<Pty>()
  for (const { fds } of sandbox.processes.values())
    for (const { file } of fds.values()) if (file.object.kind === 'pty') open.add(file.object.pty)
  for (const [id, pty] of sandbox.ptys) if (pty.hungUp && !open.has(pty)) sandbox.ptys.delete(id)
  let id = 0
  while (sandbox.ptys.has(id)) id++
  return id
}
