/**
 * The simulated machine's kernel: processes of one or more containers on one line of time.
 *
 * Driver API, for the engine: `add` a sandbox, `startMain` or `startExec` in it, `feed` and `closeInput` for its
 * input, `signal`, `freeze`; `run(until)` lets time pass; what happened comes through `hooks`. Nothing here knows
 * the host's time or waits for anything: a program whose code is not loaded parks its process, and `run` returns
 * the loading promises.
 */
import type { Cred } from '../vfs/cred.ts'
import { Errno } from '../vfs/errno.ts'
import { attempt, stopWaiting } from './blocks.ts'
import { closeAll, openSink, release } from './descriptors.ts'
import { execve, type Image, ownPrograms } from './exec.ts'
import type { Endpoint, FileObject, OpenFile } from './files.ts'
import { fromEntry, journalLimit, sizeOf, toEntry } from './journal.ts'
import { Pipe } from './pipe.ts'
import { ProcView } from './proc-view.ts'
import { type CapSets, isAlive, type Process } from './process.ts'
import type { Answer, Block, Env, ExitStatus, Program, Step } from './program.ts'
import { Pty } from './pty.ts'
import type { ExitEvent, OutputEvent, Sandbox, SandboxSpec } from './sandbox.ts'
import { defaultAction, type SignalName } from './signals.ts'

/** Steps that a process takes before another has its turn. */
const sliceSteps = 200
/** CPU time of one step, in ms: about what a step takes here, so that a busy loop's second is a second. */
const stepCost = 0.004
/** Bytes that a read or a write moves at the cost of one more step: 2 GB a second. */
const bytesPerStep = 8192
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
  /** Addresses for a name, as the container's resolver gives them. */
  resolve(sandbox: string, name: string, type: 'A' | 'AAAA' | 'PTR'): string[]
  /** The network namespace that a packet to an address reaches, or the errno that it meets. */
  route(net: string, to: Endpoint, protocol: 'tcp' | 'udp' | 'icmp'): Route
  random(length: number): Uint8Array
  /** Text of a file below /sys/fs/cgroup; undefined when there is none. */
  cgroupFile?(sandbox: string, path: string): string | undefined
}

export interface ProcessSpec {
  argv: string[]
  env: Env
  cwd: string
  cred: Cred
  caps: CapSets
  tty: boolean
  /** Whether input is kept open for `feed`; else it is empty. */
  stdin: boolean
}

export interface RunResult {
  /** Steps taken. */
  steps: number
  /** Whether processes could go on at once. */
  busy: boolean
  /** A process waits for code: await these, then run again. */
  loading: Promise<unknown>[]
}

export type ProgramTable = ReadonlyMap<string, () => Promise<Program>>

export class Kernel {
  /** The simulated time, in ms since the epoch. */
  time: number
  readonly hooks: KernelHooks
  readonly programs: ProgramTable
  readonly sandboxes = new Map<string, Sandbox>()
  readonly processes = new Map<number, Process>()
  readonly loaded: Map<string, Program>
  #nextKey = 1
  #nextObject = 1
  #ready: Process[] = []
  #loading = new Map<string, Promise<unknown>>()
  /** Fifos with someone at one end, by file system and inode. */
  readonly fifos = new WeakMap<object, Map<number, Pipe>>()
  /** Listening sockets, by network namespace, protocol and port. */
  readonly listeners = new Map<string, OpenFile>()
  /** Sandboxes in which something ran since `takeActive`. */
  #active = new Set<string>()
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

  /** Names the sandboxes in which something ran since the last call. */
  takeActive(): Iterable<string> {
    const active = this.#active
    this.#active = new Set()
    return active
  }

  /** Parks a process until something that its system call needs is there; `run` then asks to await it. */
  park(process: Process, until: Promise<unknown>): void {
    const name = `#${process.key}`
    this.#loading.set(
      name,
      until.then(() => {
        this.#loading.delete(name)
        this.wake(process)
      }),
    )
  }

  add(spec: SandboxSpec): Sandbox {
    const sandbox: Sandbox = {
      ...spec,
      processes: new Map(),
      nextPid: 1,
      frozen: false,
      memoryPeak: 0,
      oomKills: 0,
      inputs: new Map(),
      goneCpuMs: 0,
      ptys: new Map(),
    }
    this.sandboxes.set(spec.id, sandbox)
    return sandbox
  }

  /** Takes a sandbox and all of its processes away without a word. */
  remove(id: string): void {
    const sandbox = this.sandboxes.get(id)
    if (!sandbox) return
    for (const process of [...sandbox.processes.values()]) {
      closeAll(this, process)
      stopWaiting(process)
      this.processes.delete(process.key)
    }
    this.#ready = this.#ready.filter(process => process.sandbox !== id)
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
    sandbox.nextPid = 1
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
    this.wake(process)
    return process
  }

  #stdio(sandbox: Sandbox, process: Process, spec: ProcessSpec, target: string): void {
    if (spec.tty) {
      const pty = new Pty(freeTerminal(sandbox), target)
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
    if (sandbox.pidsLimit !== undefined && sandbox.processes.size >= sandbox.pidsLimit) throw new Errno('EAGAIN')
    if (sandbox.processes.size >= maxProcesses) throw new Errno('EAGAIN')
    const pid = sandbox.nextPid++
    const process: Process = {
      key: this.#nextKey++,
      pid,
      sandbox: sandbox.id,
      ppid: parent?.pid ?? 0,
      pgid: parent?.pgid ?? pid,
      sid: parent?.sid ?? pid,
      argv: parent ? [...parent.argv] : [],
      comm: parent?.comm ?? '',
      exe: parent?.exe ?? '',
      env: new Map(parent?.env),
      cwd: parent?.cwd ?? '/',
      root: parent?.root ?? '/',
      umask: parent?.umask ?? 0o022,
      cred: parent?.cred ?? { uid: 0, gid: 0, groups: [], caps: 0n },
      caps: parent?.caps ?? { permitted: 0n, inheritable: 0n, bounding: 0n, ambient: 0n },
      noNewPrivs: parent?.noNewPrivs ?? false,
      fds: new Map(),
      rlimits: new Map(parent?.rlimits ?? sandbox.rlimits),
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
      program: undefined,
      programName: '',
      flavour: 'gnu',
      marker: {},
      data: null,
      generator: undefined,
      view: undefined,
      journal: [],
      journalSize: 0,
      frozen: false,
      block: undefined,
      wakeAt: undefined,
      progress: 0,
      answer: undefined,
      waitingOn: new Set(),
      cpuLeft: 0,
    }
    if (parent) process.exec = ''
    sandbox.processes.set(pid, process)
    this.processes.set(process.key, process)
    return process
  }

  /** Gives a restored process its place in the tables again. */
  adopt(process: Process): void {
    this.sandbox(process.sandbox).processes.set(process.pid, process)
    this.processes.set(process.key, process)
    if (process.state === 'ready') this.#ready.push(process)
  }

  nextKey(): number {
    return this.#nextKey++
  }

  /** Replaces what a process runs, as execve(2) does. */
  setImage(process: Process, image: Image): void {
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
    process.journal = []
    process.journalSize = 0
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

  /** Makes a process ready to run, with an answer to what it waited for if there is one. */
  wake(process: Process, answer?: Answer): void {
    if (process.state === 'zombie') return
    if (answer) process.answer = answer
    stopWaiting(process)
    if (process.state === 'ready') return
    process.state = 'ready'
    this.#ready.push(process)
  }

  /** Wakes whoever waits for a change of something, to look again. */
  notify(waiters: Set<number>): void {
    for (const key of [...waiters]) {
      const process = this.processes.get(key)
      if (process) this.wake(process)
      else waiters.delete(key)
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
      if (taken > 0) this.notify(input.pipe.waiters)
      return taken
    }
    const { pty } = input
    pty.feed(
      data,
      bytes => this.hooks.output({ sandbox: id, target, stream: 'stdout', data: bytes, time: this.time }),
      name => void this.signalGroup(sandbox, pty.foreground, name),
    )
    this.notify(pty.waiters)
    return data.length
  }

  closeInput(id: string, target: string): void {
    const input = this.sandbox(id).inputs.get(target)
    if (!input) return
    if ('pipe' in input) {
      input.pipe.writers = 0
      this.notify(input.pipe.waiters)
    }
  }

  resize(id: string, target: string, rows: number, cols: number): void {
    const sandbox = this.sandbox(id)
    const input = sandbox.inputs.get(target)
    if (!input || !('pty' in input)) return
    const { pty } = input
    if (pty.rows === rows && pty.cols === cols) return
    Object.assign(pty, { rows, cols })
    this.signalGroup(sandbox, pty.foreground, 'WINCH')
  }

  /** Stops the clock for a whole container, or lets it go on (cgroup freezer). */
  freeze(id: string, on: boolean): void {
    const sandbox = this.sandbox(id)
    sandbox.frozen = on
    if (!on)
      for (const process of sandbox.processes.values())
        if (process.state === 'ready' && !this.#ready.includes(process)) this.#ready.push(process)
  }

  /** A signal from outside the container: KILL and STOP reach PID 1 as well. */
  signalFromOutside(id: string, signal: SignalName, pid = 1): void {
    const process = this.sandbox(id).processes.get(pid)
    if (process) this.deliver(process, signal, true)
  }

  signalGroup(sandbox: Sandbox, pgid: number, signal: SignalName): boolean {
    let found = false
    for (const process of [...sandbox.processes.values()]) {
      if (process.pgid !== pgid || !isAlive(process)) continue
      found = true
      this.deliver(process, signal, false)
    }
    return found
  }

  /** Sends a signal; PID 1 is deaf to what it has no handler for (pid_namespaces(7)). */
  deliver(process: Process, signal: SignalName, outside: boolean): void {
    if (!isAlive(process)) return
    const action = signal === 'KILL' || signal === 'STOP' ? 'default' : (process.dispositions.get(signal) ?? 'default')
    if (signal === 'CONT' && process.stopped) {
      process.stopped = false
      process.stopSignal = undefined
      if (process.state === 'ready' && !this.#ready.includes(process)) this.#ready.push(process)
      // What it waited for is asked for again: a terminal may be its own now.
      else if (process.block) this.wake(process)
      for (const kept of process.pending.splice(0)) this.deliver(process, kept, outside)
    }
    if (action === 'ignore') return
    if (action === 'catch') {
      process.caught.push(signal)
      if (process.block && interruptible(process.block)) this.wake(process, { error: new Errno('EINTR') })
      return
    }
    const does = defaultAction(signal)
    if (does === 'ignore' || does === 'continue') return
    if (process.pid === 1 && !(outside && (signal === 'KILL' || signal === 'STOP'))) return
    if (does === 'stop') {
      // The terminal does not stop whom no shell could let go on (setpgid(2), orphaned process groups).
      if (signal !== 'STOP' && this.isOrphaned(process)) return
      if (process.stopped) return
      process.stopped = true
      process.stopSignal = signal
      this.#tellParent(this.sandbox(process.sandbox), process)
      return
    }
    if (process.stopped && signal !== 'KILL') {
      process.pending.push(signal)
      return
    }
    this.exit(process, { signal })
  }

  /** Whether nobody of a process's session, outside of its group, is the parent of one in the group. */
  isOrphaned(process: Process): boolean {
    const { processes } = this.sandbox(process.sandbox)
    for (const member of processes.values()) {
      if (member.pgid !== process.pgid || !isAlive(member)) continue
      const parent = processes.get(member.ppid)
      if (parent && isAlive(parent) && parent.pgid !== member.pgid && parent.sid === member.sid) return false
    }
    return true
  }

  /** Ends a process: files closed, children handed to PID 1, the parent told. */
  exit(process: Process, status: ExitStatus, oom = false): void {
    if (!isAlive(process)) return
    const sandbox = this.sandbox(process.sandbox)
    process.state = 'zombie'
    process.status = status
    // Forgotten, not closed: what a program would do at its end (its `finally`) is not done by one that is killed.
    process.generator = undefined
    process.block = undefined
    process.memory = 0
    stopWaiting(process)
    closeAll(this, process)
    this.#ready = this.#ready.filter(other => other !== process)
    if (process.pid === 1) {
      this.#endSandbox(sandbox, process, status, oom)
      return
    }
    for (const child of sandbox.processes.values()) {
      if (child.ppid !== process.pid || child === process) continue
      child.ppid = 1
      if (!isAlive(child)) this.#tellParent(sandbox, child)
    }
    if (process.ppid === 0) {
      this.reap(sandbox, process)
      if (process.exec !== '') {
        this.#hangUp(sandbox, process.exec)
        sandbox.inputs.delete(process.exec)
        this.hooks.exited({ sandbox: sandbox.id, exec: process.exec, status, time: this.time, oom })
      }
      return
    }
    this.#tellParent(sandbox, process)
  }

  /** The leader of a terminal's session is gone: its foreground processes are told, and reading it ends. */
  #hangUp(sandbox: Sandbox, exec: string): void {
    const input = sandbox.inputs.get(exec)
    if (!input || !('pty' in input)) return
    const { pty } = input
    pty.hungUp = true
    this.signalGroup(sandbox, pty.foreground, 'HUP')
    this.notify(pty.waiters)
  }

  #tellParent(sandbox: Sandbox, process: Process): void {
    const parent = sandbox.processes.get(process.ppid)
    if (!parent || !isAlive(parent)) return
    if (parent.dispositions.get('CHLD') === 'ignore' && !isAlive(process)) {
      this.reap(sandbox, process)
      if (parent.block?.op === 'wait') this.wake(parent)
      return
    }
    if (parent.block?.op === 'wait') this.wake(parent)
    this.deliver(parent, 'CHLD', false)
  }

  /** Removes an ended process from the table. */
  reap(sandbox: Sandbox, process: Process): void {
    sandbox.processes.delete(process.pid)
    this.processes.delete(process.key)
    sandbox.goneCpuMs += process.cpuMs
    const parent = sandbox.processes.get(process.ppid)
    if (parent) parent.childCpuMs += process.cpuMs + process.childCpuMs
  }

  /** PID 1 is gone: the kernel kills everything else in its namespace. */
  #endSandbox(sandbox: Sandbox, main: Process, status: ExitStatus, oom: boolean): void {
    for (const process of [...sandbox.processes.values()]) {
      if (process === main) continue
      if (isAlive(process)) {
        process.state = 'zombie'
        process.generator = undefined
        stopWaiting(process)
        closeAll(this, process)
        if (process.exec !== '')
          this.hooks.exited({
            sandbox: sandbox.id,
            exec: process.exec,
            status: { signal: 'KILL' },
            time: this.time,
            oom: false,
          })
      }
      this.reap(sandbox, process)
    }
    this.#ready = this.#ready.filter(process => process.sandbox !== sandbox.id)
    this.reap(sandbox, main)
    sandbox.inputs.clear()
    sandbox.ptys.clear()
    this.hooks.exited({ sandbox: sandbox.id, exec: '', status, time: this.time, oom })
  }

  /** When the next timer goes off in a sandbox: now for one that could run, undefined for one that only waits. */
  nextWake(id: string): number | undefined {
    const sandbox = this.sandboxes.get(id)
    if (!sandbox || sandbox.frozen) return undefined
    let first: number | undefined
    for (const process of sandbox.processes.values()) {
      if (process.stopped || process.frozen || !isAlive(process)) continue
      const at = process.state === 'ready' ? this.time : process.wakeAt
      if (at !== undefined && Number.isFinite(at) && (first === undefined || at < first)) first = at
    }
    return first
  }

  /**
   * Lets processes run and time pass, at most until `until` and for `budget` steps. Returns early when a main
   * process or an exec has ended (`stop()` says so), or when code has to be loaded.
   */
  run(until: number, budget: number, stop: () => boolean): RunResult {
    let steps = 0
    for (;;) {
      if (this.#loading.size > 0) return { steps, busy: true, loading: [...this.#loading.values()] }
      if (stop()) return { steps, busy: true, loading: [] }
      const process = this.#take()
      if (process) {
        if (steps >= budget) {
          this.#ready.unshift(process)
          this.#skip(until)
          return { steps, busy: true, loading: [] }
        }
        const taken = this.#slice(process, Math.min(sliceSteps, budget - steps))
        steps += taken
        this.time = Math.min(Math.max(this.time, until), this.time + taken * stepCost)
        this.#wakeTimers()
        continue
      }
      const next = this.#nextTimer()
      if (next === undefined || next > until) {
        this.time = Math.max(this.time, until)
        return { steps, busy: false, loading: [] }
      }
      this.time = Math.max(this.time, next)
      this.#wakeTimers()
    }
  }

  /** The budget is used up: the time until now goes by, and those that could run have used the processor. */
  #skip(until: number): void {
    const gone = until - this.time
    if (gone <= 0) return
    const busy = this.#ready.filter(process => !process.stopped && !this.sandbox(process.sandbox).frozen)
    for (const process of busy)
      process.cpuMs += (gone * Math.min(1, this.sandbox(process.sandbox).cpus)) / Math.max(1, busy.length / 2)
    this.time = until
  }

  #take(): Process | undefined {
    for (let looked = this.#ready.length; looked > 0; looked--) {
      const process = this.#ready.shift()
      if (!process) return undefined
      if (process.state !== 'ready') continue
      if (this.sandboxes.get(process.sandbox)?.frozen || process.frozen) {
        if (!process.frozen) this.#ready.push(process)
        continue
      }
      if (process.stopped) continue
      return process
    }
    return undefined
  }

  #nextTimer(): number | undefined {
    let first: number | undefined
    for (const process of this.processes.values()) {
      const at = process.wakeAt
      if (at === undefined || process.state !== 'blocked' || process.stopped || process.frozen) continue
      if (this.sandboxes.get(process.sandbox)?.frozen) continue
      if (first === undefined || at < first) first = at
    }
    return first
  }

  #wakeTimers(): void {
    for (const process of this.processes.values()) {
      if (process.wakeAt === undefined || process.wakeAt > this.time || process.state !== 'blocked' || process.stopped)
        continue
      if (this.sandboxes.get(process.sandbox)?.frozen) continue
      this.wake(process)
    }
  }

  /** Runs one process until it blocks, ends, or has had its share. Returns the steps it took. */
  #slice(process: Process, limit: number): number {
    process.state = 'ready'
    this.current = process
    this.#active.add(process.sandbox)
    let steps = 0
    try {
      while (steps < limit) {
        steps++
        if (!this.#load(process)) break
        let answer: Answer | undefined
        if (process.block) {
          answer = process.answer ?? attempt(this, process, process.block)
          process.answer = undefined
          if (!isAlive(process)) break
          // A successful exec leaves nothing to answer: the new image starts.
          if (process.block === undefined) continue
          if (!answer) {
            process.state = 'blocked'
            break
          }
          steps += Math.floor(moved(process.block, answer) / bytesPerStep)
          process.block = undefined
          process.wakeAt = undefined
          process.progress = 0
        }
        const step = this.advance(process, answer)
        if (!isAlive(process)) break
        if (step === 'again') continue
        if ('exit' in step) {
          this.exit(process, step.exit)
          break
        }
        process.block = step.block
        if (process.stopped) break
      }
    } finally {
      this.current = undefined
      process.cpuMs += steps * stepCost
    }
    if (
      process.state === 'ready' &&
      !process.stopped &&
      isAlive(process) &&
      this.processes.has(process.key) &&
      !this.#ready.includes(process)
    )
      this.#ready.push(process)
    return steps
  }

  /** Makes sure the program's code is there; parks the process while it is being loaded. */
  #load(process: Process): boolean {
    if (process.program) return true
    const known = this.loaded.get(process.programName)
    if (known) {
      process.program = known
      return true
    }
    const loader = this.programs.get(process.programName)
    if (!loader) throw new Error(`no program ${process.programName}`)
    if (!this.#loading.has(process.programName)) {
      const name = process.programName
      this.#loading.set(
        name,
        loader().then(program => {
          this.loaded.set(name, program)
          this.#loading.delete(name)
        }),
      )
    }
    return false
  }

  /** Hands a program the answer to its last block, and gets its next move. */
  advance(process: Process, answer: Answer | undefined): Step {
    const { program } = process
    if (!program) return 'again'
    if (program.kind === 'machine') {
      const view = (process.view ??= new ProcView(this, process))
      if (process.data === null) process.data = program.start(view)
      try {
        return program.step(view, process.data, answer)
      } catch (error) {
        return this.#crashed(process, error)
      }
    }
    try {
      if (!process.generator) this.#rebuild(process, answer !== undefined)
      if (answer) record(process, answer)
      const generator = process.generator
      if (!generator) return { exit: { code: 0 } }
      const next = answer && 'error' in answer ? generator.throw(answer.error) : generator.next(answer?.value)
      return next.done ? { exit: { code: next.value & 255 } } : { block: next.value }
    } catch (error) {
      return this.#crashed(process, error)
    }
  }

  /**
   * Starts a coroutine, or brings it back to where it was by giving it the journal's answers again. The answer
   * that comes next is then handed to it by `advance`.
   */
  #rebuild(process: Process, resumed: boolean): void {
    const { program } = process
    if (program?.kind !== 'coroutine') return
    const view = new ProcView(this, process)
    const generator = program.main(view, process.data ?? undefined)
    process.generator = generator
    process.view = view
    if (!resumed) return
    view.startReplay()
    for (let next = generator.next(); !next.done; ) {
      const entry = view.replayNext()
      if (!entry) break
      const past = fromEntry(entry)
      next = 'error' in past ? generator.throw(past.error) : generator.next(past.value)
    }
    view.endReplay()
  }

  /** A fault of a modelled program must not take the engine down: its process ends. Faults of the host go on. */
  #crashed(process: Process, error: unknown): Step {
    if (
      error instanceof Errno ||
      error instanceof RangeError ||
      error instanceof TypeError ||
      error instanceof SyntaxError
    ) {
      // Whom the OOM killer took has nothing more to say.
      if (!isAlive(process)) return { exit: { signal: 'KILL' } }
      // More text than the host can hold is more memory than the machine has.
      if (error.message === 'Invalid string length') {
        this.sandbox(process.sandbox).oomKills++
        this.exit(process, { signal: 'KILL' }, true)
        return { exit: { signal: 'KILL' } }
      }
      this.hooks.output({
        sandbox: process.sandbox,
        target: process.exec,
        stream: 'stderr',
        data: Buffer.from(`${process.comm}: ${error.message}\n`),
        time: this.time,
      })
      return { exit: { code: 1 } }
    }
    throw error
  }

  /** Memory that a sandbox's processes have claimed, in bytes. */
  memoryOf(sandbox: Sandbox): number {
    let sum = 0
    for (const process of sandbox.processes.values()) sum += process.memory
    return sum
  }

  /** Claims memory; beyond the limit the largest process of the sandbox is killed. */
  claim(process: Process, bytes: number): void {
    const sandbox = this.sandbox(process.sandbox)
    process.memory = Math.max(0, process.memory + bytes)
    const used = this.memoryOf(sandbox)
    sandbox.memoryPeak = Math.max(sandbox.memoryPeak, Math.min(used, sandbox.memoryLimit ?? used))
    if (sandbox.memoryLimit === undefined || used <= sandbox.memoryLimit) return
    // Of equals the youngest goes, as it is the least missed.
    const [victim] = [...sandbox.processes.values()]
      .filter(isAlive)
      .sort((a, b) => b.memory - a.memory || b.pid - a.pid)
    if (!victim) return
    sandbox.oomKills++
    this.exit(victim, { signal: 'KILL' }, true)
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

/** Adds what a coroutine has learned to its journal; one that grows too large is given up for good. */
export function record(process: Process, answer: Answer): void {
  if (process.journalSize > journalLimit) return
  process.journal.push(toEntry(answer))
  process.journalSize += 'error' in answer ? 16 : sizeOf(answer.value)
  if (process.journalSize > journalLimit) process.journal = []
}

/** Bytes that a read or write has moved. */
function moved(block: Block, answer: Answer): number {
  if ('error' in answer) return 0
  if (block.op === 'write') return block.data.length
  return block.op === 'read' && answer.value instanceof Uint8Array ? answer.value.length : 0
}

const interruptible = (block: Block): boolean => block.op !== 'cpu' && block.op !== 'exec'
