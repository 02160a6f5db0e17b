/**
 * Containers in memory: their mounted files and their processes in one kernel, loaded from the store when something
 * is due, written back when a transaction ends.
 */
import type { HostConfig } from '../api/container.ts'
import type { EndpointSettings } from '../api/network.ts'
import { groupPath, limitsOf } from '../cgroup/limits.ts'
import type { Cgroup } from '../cgroup/tree.ts'
import { execStreamPath, processesPath, readIndex, streamPath } from '../container/containers.ts'
import { machineHostname } from '../container/host-config.ts'
import { type ContainerRecord, hasProcesses } from '../container/record.ts'
import type { ContentStore } from '../content/content-store.ts'
import { EngineError, invalid } from '../errors.ts'
import { enterWorkingDirectory, execFailedName, findCommand, notInPath } from '../kernel/exec.ts'
import { Kernel } from '../kernel/kernel.ts'
import { kernelRelease } from '../kernel/machine-facts.ts'
import { enforce } from '../kernel/memory.ts'
import { hostNamespace, hostNumber, shimPid } from '../kernel/pid-namespace.ts'
import { stateLetter, ttyDevice } from '../kernel/proc-process.ts'
import type { Env, ExitStatus, Program } from '../kernel/program.ts'
import { rlimitsOf } from '../kernel/rlimits.ts'
import type { ExitEvent, OutputEvent, SandboxSpec, Usage } from '../kernel/sandbox.ts'
import type { ProgramTable } from '../kernel/scheduler.ts'
import { deliver } from '../kernel/signal-delivery.ts'
import type { SignalName } from '../kernel/signals.ts'
import { restore, type Snapshot, snapshot } from '../kernel/snapshot.ts'
import { idOnHost, remappingOf } from '../kernel/user-namespaces.ts'
import type { ProcessInfo } from '../kernel/userland/lib/processes.ts'
import { type Accounts, parseAccounts } from '../kernel/userland/lib/users.ts'
import { encodeFrame, readFrames } from '../runtime/stream-log.ts'
import type { ProcessUser } from '../runtime/user.ts'
import { allCapabilities, containerCapabilities } from '../security/capabilities.ts'
import { type DeviceRule, defaultDeviceRules, devicesAt, everyDevice, parseDeviceRule } from '../security/devices.ts'
import {
  defaultFilter,
  isEmptyProfile,
  type SeccompFilter,
  seccompFilter,
  seccompProfile,
} from '../security/seccomp.ts'
import type { StoreReader, Transaction } from '../store/types.ts'
import type { Random } from '../util/random.ts'
import type { RootFs } from '../vfs/rootfs.ts'
import type { BindPolicy } from '../volume/bind-policy.ts'
import { ContainerFiles, type FilesContext, saveTemporary, Volumes } from './container-files.ts'
import { loadGroups, saveGroups } from './host/cgroups.ts'
import { startDaemons } from './host/daemons.ts'
import { hostId } from './host/id.ts'
import { hostInterfaces } from './host/interfaces.ts'
import { kernelLog } from './host/kernel-log.ts'
import type { HostMachine } from './host/machine.ts'
import { refusedCall } from './init-calls.ts'
import type { Live } from './live.ts'
import { hostMemory, ownerOf, type SharedMemory, sharersOf } from './namespaces.ts'
import { interfacesOf } from './network/interfaces.ts'
import { askServer, containersOf, publishedPorts, resolveName, routePacket } from './network/packets.ts'

export interface ExitNotice {
  container: string
  exec?: string
  status: ExitStatus
  time: number
  oom?: boolean
}

export interface OomNotice {
  sandbox: string
  time: number
  messages: readonly string[]
}

export interface StartSpec {
  argv: string[]
  env: Env
  cwd: string
  user: ProcessUser
  tty: boolean
  /** The window of its terminal, where a client has told it. */
  size?: { rows: number; cols: number }
  stdin: boolean
  privileged?: boolean
}

export interface WorldsContext {
  content: ContentStore
  binds: BindPolicy
  random: Random
  programs: ProgramTable
  /** Programs whose code is there already, shared by every kernel of this process. */
  loaded: Map<string, Program>
}

const runcMain =
  'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: '
const runcExec = 'OCI runtime exec failed: exec failed: unable to start container process: '

/** One container in memory. */
export class World {
  readonly id: string
  readonly files: ContainerFiles
  readonly #kernel: Kernel
  #record: ContainerRecord

  constructor(kernel: Kernel, record: ContainerRecord, files: ContainerFiles) {
    this.id = record.id
    this.#kernel = kernel
    this.#record = record
    this.files = files
  }

  get rootfs(): RootFs {
    return this.files.rootfs
  }

  /** Goes on with the record as a later change has it: one command creates a container and starts it. */
  refresh(record: ContainerRecord): void {
    this.#record = record
  }

  /** Gets the files ready for a start: volumes filled, tmpfs empty, /etc files written, working directory made. */
  async prepare(live: Live): Promise<void> {
    this.files.prepare(live, this.#record)
    this.#kernel.remove(this.id)
    this.#kernel.add(sandboxSpec(this.#record, this.files, live))
  }

  /** A file's text as bytes in latin1; '' when it cannot be read. */
  textFile(path: string): string {
    try {
      return Buffer.from(this.rootfs.readFile(path)).toString('latin1')
    } catch {
      return ''
    }
  }

  /** Starts PID 1; its process id on the simulated host. Throws EngineError in runc's words. */
  startMain(spec: StartSpec): number {
    const argv = this.#record.hostConfig.Init ? ['/sbin/docker-init', '--', ...spec.argv] : spec.argv
    this.#launch({ ...spec, argv }, '', runcMain, this.#record.hostConfig.Init ? spec.argv : undefined)
    return this.hostPid(this.#kernel.sandbox(this.id).mainPid)
  }

  /** Starts a process beside PID 1; its process id on the simulated host. */
  startExec(exec: string, spec: StartSpec): number {
    return this.hostPid(this.#launch(spec, exec, runcExec, undefined))
  }

  #launch(spec: StartSpec, exec: string, prefix: string, wrapped: string[] | undefined): number {
    const { hostConfig } = this.#record
    const privileged = hostConfig.Privileged || spec.privileged === true
    const bounding = privileged ? allCapabilities : containerCapabilities(hostConfig.CapAdd, hostConfig.CapDrop, false)
    const effective = spec.user.uid === 0 ? bounding : 0n
    const cred = { uid: spec.user.uid, gid: spec.user.gid, groups: spec.user.groups, caps: effective }
    const bytes = (words: string[]): string[] => words.map(word => Buffer.from(word).toString('latin1'))
    const env: Env = new Map(
      [...spec.env].map(([name, value]) => [
        Buffer.from(name).toString('latin1'),
        Buffer.from(value).toString('latin1'),
      ]),
    )
    const { filter, noNewPrivs } = this.#kernel.sandbox(this.id)
    const refused = filter && refusedCall(filter, noNewPrivs)
    if (refused !== undefined) throw Object.assign(invalid(`${prefix}${refused}`), { exitStatus: 125 })
    // The container runs, but cannot tell so.
    if (exec === '' && filter?.('write'))
      throw Object.assign(invalid('OCI runtime start failed: cannot start an already running container'), {
        exitStatus: 125,
      })
    try {
      const cwd = enterWorkingDirectory(this.rootfs, spec.cwd, cred)
      const caller = { rootfs: this.rootfs, cred, cwd, programs: this.#kernel.programs }
      // With an init the command is looked for by the init itself, which ends with 127 when it is not there.
      if (filter?.('newfstatat') && !noNewPrivs) throw notInPath(spec.argv[0] ?? '')
      const image = findCommand(caller, bytes(spec.argv), env)
      if (filter?.('getdents64') || filter?.('execve')) {
        const act = filter('getdents64') ? 'readdirent fsmount:fscontext:proc/thread-self/fd/' : `exec ${image.exe}`
        image.marker = { act, reason: 'operation not permitted' }
        image.program = execFailedName
      }
      if (wrapped) image.argv = bytes(['/sbin/docker-init', '--', ...wrapped])
      const caps = { permitted: effective, inheritable: 0n, bounding, ambient: 0n }
      const { tty, stdin, size } = spec
      const start = { argv: image.argv, env, cwd, cred, caps, tty, stdin, ...(size && { size }) }
      const process =
        exec === ''
          ? this.#kernel.startMain(this.id, start, image)
          : this.#kernel.startExec(this.id, exec, start, image)
      return process.pid
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      throw new EngineError(
        error.kind,
        prefix + error.message,
        error.exitStatus === undefined ? {} : { exitStatus: error.exitStatus },
      )
    }
  }

  /** What a process id of the container is on the simulated host. */
  hostPid(pid: number): number {
    return hostNumber(this.#kernel.sandbox(this.id).pids, pid)
  }

  /** Sends a signal to PID 1 from outside. */
  signal(signal: SignalName): void {
    if (this.#kernel.sandboxes.has(this.id)) this.#kernel.signalFromOutside(this.id, signal)
  }

  /** Ends an exec's process by force. */
  killExec(exec: string): void {
    for (const process of [...this.#kernel.sandbox(this.id).processes.values()])
      if (process.exec === exec) deliver(this.#kernel, process, 'KILL', true)
  }

  freeze(on: boolean): void {
    this.#kernel.freeze(this.id, on)
  }

  feed(data: Uint8Array, exec = ''): number {
    return this.#kernel.feed(this.id, exec, data)
  }

  closeInput(exec = ''): void {
    this.#kernel.closeInput(this.id, exec)
  }

  resize(rows: number, cols: number, exec = ''): void {
    this.#kernel.resize(this.id, exec, rows, cols)
  }

  /** Takes over changed limits. */
  applyLimits(hostConfig: HostConfig): void {
    const sandbox = this.#kernel.sandbox(this.id)
    sandbox.group.limits = limitsOf(hostConfig)
    this.#kernel.scheduler.changed()
    enforce(this.#kernel, sandbox)
  }

  /** Takes over a network that was connected while it runs. */
  connected(live: Live, record: ContainerRecord, endpoint: EndpointSettings): void {
    this.#takeInterfaces(live, record)
    this.files.addHosts(record, endpoint, live.time)
  }

  /** Takes over that a network is gone. */
  disconnected(live: Live, record: ContainerRecord, endpoint: EndpointSettings): void {
    this.#takeInterfaces(live, record)
    this.files.removeHosts(endpoint, live.time)
  }

  /** Containers that share the namespace see the same. */
  #takeInterfaces(live: Live, record: ContainerRecord): void {
    const interfaces = interfacesOf(live.tx, record)
    const resolver = resolverOf(record)
    for (const sandbox of this.#kernel.sandboxes.values())
      if (sandbox.net === this.id) Object.assign(sandbox, { interfaces, resolver })
  }

  /** The processes with the numbers that they have on the host, and the container's own names of users and groups. */
  processes(): { accounts: Accounts; all: ProcessInfo[] } {
    const sandbox = this.#kernel.sandbox(this.id)
    const onHost = (id: number): number => idOnHost(sandbox.remapping ?? 'none', id) ?? overflowId
    const all = [...sandbox.processes.values()].map(process => ({
      pid: this.hostPid(process.pid),
      comm: process.comm,
      state: stateLetter(this.#kernel, process),
      ppid: process.ppid === 0 ? shimPid(this.hostPid(sandbox.mainPid)) : this.hostPid(process.ppid),
      pgid: this.hostPid(process.pgid),
      sid: this.hostPid(process.sid),
      tty: ttyDevice(process),
      tpgid: process.tty === undefined ? -1 : this.hostPid(process.pgid),
      userMs: process.cpuMs,
      systemMs: 0,
      nice: process.nice,
      priority: 20 + process.nice,
      threads: 1,
      startMs: process.startedAt,
      vsize: process.memory,
      rss: process.memory,
      uid: onHost(process.ruid ?? process.cred.uid),
      gid: onHost(process.rgid ?? process.cred.gid),
      euid: onHost(process.cred.uid),
      egid: onHost(process.cred.gid),
      argv: process.argv,
    }))
    return { accounts: parseAccounts(this.textFile('/etc/passwd'), this.textFile('/etc/group')), all }
  }

  /** What the container's group has used; undefined when nothing of it is in memory. */
  usage(): WorldUsage | undefined {
    const sandbox = this.#kernel.sandboxes.get(this.id)
    if (!sandbox) return undefined
    const { group, usage, net } = sandbox
    const nets = [...this.#kernel.sandboxes.values()].filter(each => each.net === net)
    const sum = (key: 'rxBytes' | 'rxPackets' | 'txBytes' | 'txPackets'): number =>
      nets.reduce((total, each) => total + each.usage[key], 0)
    return {
      cpuMs: group.cpuMs(),
      lastSecondMs: this.#kernel.scheduler.lastSecond(sandbox),
      group,
      usage,
      network: {
        rx_bytes: sum('rxBytes'),
        rx_packets: sum('rxPackets'),
        tx_bytes: sum('txBytes'),
        tx_packets: sum('txPackets'),
      },
    }
  }
}

export interface WorldUsage {
  cpuMs: number
  /** CPU time within the last second. */
  lastSecondMs: number
  group: Cgroup
  usage: Usage
  network: { rx_bytes: number; rx_packets: number; tx_bytes: number; tx_packets: number }
}

/** Every container that is in memory. */
export class Worlds {
  readonly #worlds = new Map<string, World>()
  readonly #volumes: Volumes
  readonly #files: FilesContext
  readonly kernel: Kernel
  #reader: StoreReader | undefined
  #groups = false
  #exits: ExitNotice[] = []
  #ooms: OomNotice[] = []
  #output = new Map<string, OutputEvent[]>()
  /** Sandboxes whose processes did something since they were last stored. */
  #active = new Set<string>()
  /** Each /dev/shm that several containers have, by whose it is. */
  readonly #shared = new Map<string, SharedMemory>()
  /** A command on the simulated host, while it runs. */
  #host: HostMachine | undefined
  /** Opens the containers that a packet reaches; set while a change is under way. */
  #opening: ((id: string) => Promise<unknown>) | undefined

  constructor(context: WorldsContext, time: number) {
    this.#volumes = new Volumes()
    this.#files = { content: context.content, volumes: this.#volumes, binds: context.binds, layers: new Map() }
    this.kernel = new Kernel(
      time,
      context.programs,
      {
        exited: event => this.#exited(event),
        output: event => this.#printed(event),
        resolve: (id, name, type, server) => {
          const asking = { world: this.#worlds.get(id), id, net: this.kernel.sandbox(id).net }
          return server === undefined
            ? resolveName(this.#need(), asking, name, type, context.random)
            : askServer(this.#need(), asking, server, name, type, context.random)
        },
        route: (net, to, protocol) =>
          routePacket(this.#need(), net, to, protocol, id => {
            if (this.#worlds.has(id) || !this.#opening) return undefined
            return this.#opening(id)
          }),
        proxies: protocol => publishedPorts(this.#need(), protocol),
        random: length => context.random.bytes(length),
        oom: event => void this.#ooms.push(event),
        messages: () => kernelLog(this.#need()),
      },
      context.loaded,
    )
  }

  #need(): StoreReader {
    if (!this.#reader) throw new Error('no transaction')
    return this.#reader
  }

  #exited(event: ExitEvent): void {
    if (event.sandbox === hostId) {
      this.#host?.exited(event.status)
      return
    }
    this.#exits.push({
      container: event.sandbox,
      ...(event.exec !== '' && { exec: event.exec }),
      status: event.status,
      time: event.time,
      oom: event.oom,
    })
  }

  #printed(event: OutputEvent): void {
    if (event.sandbox === hostId) {
      this.#host?.printed(event.stream, event.data)
      return
    }
    const key = `${event.sandbox} ${event.target}`
    const list = this.#output.get(key)
    // Programs reuse their buffers.
    const kept = { ...event, data: event.data.slice() }
    if (list) list.push(kept)
    else this.#output.set(key, [kept])
    this.#active.add(event.sandbox)
  }

  /** Which folders of the host may be bound. */
  get binds(): BindPolicy {
    return this.#files.binds
  }

  get time(): number {
    return this.kernel.time
  }

  /** Whether there is output that no transaction has written yet. */
  get hasPrinted(): boolean {
    return this.#output.size > 0
  }

  loaded(): World[] {
    return [...this.#worlds.values()]
  }

  /** The kernel with the control groups that are not a container's. */
  openGroups(live: Live): Kernel {
    if (!this.#groups) loadGroups(live.tx, this.kernel.cgroups)
    this.#groups = true
    return this.kernel
  }

  /** The simulated host, for one command. */
  async openHost(live: Live): Promise<HostMachine> {
    this.#reader = live.tx
    this.openGroups(live)
    this.#opening = async id => live.world(live.record(id))
    for (const id of containersOf(live.tx, hostId)) await live.world(live.record(id))
    const { HostMachine } = await import('./host/machine.ts')
    this.#host = new HostMachine(this.kernel, live)
    return this.#host
  }

  /** Sockets of the loaded processes of a network namespace that listen. */
  listenersOf(net: string, protocol: string): { address: string; port: number }[] {
    return [...this.kernel.listeners.values()].flatMap(({ object }) =>
      object.kind === 'listener' && object.net === net && object.protocol === protocol ? [object.local] : [],
    )
  }

  /** Loads a container's files, and its processes if it runs. */
  async open(live: Live, record: ContainerRecord): Promise<World> {
    this.#reader = live.tx
    this.#opening = async id => live.world(live.record(id))
    const known = this.#worlds.get(record.id)
    if (known) {
      known.refresh(record)
      return known
    }
    this.openGroups(live)
    await this.#openDonors(live, record)
    const files = new ContainerFiles(live.tx, record, this.kernel, this.#files, this.#sharedMemory(live.tx, record))
    const world = new World(this.kernel, record, files)
    this.#worlds.set(record.id, world)
    if (record.hostConfig.PidMode === 'host') startDaemons(this.kernel, machineHostname)
    if (hasProcesses(record)) {
      const saved = live.tx.read<Snapshot>(processesPath(record.id))
      const sandbox = this.kernel.add(sandboxSpec(record, files, live))
      if (saved) restore(this.kernel, sandbox, saved)
    }
    // Those that share its network namespace see one another's sockets, those of its PID namespace its processes.
    const net = ownerOf(record.hostConfig.NetworkMode, record.id)
    for (const id of [...containersOf(live.tx, net), ...sharersOf(live.tx, record)])
      if (!this.#worlds.has(id)) await this.open(live, live.record(id))
    return world
  }

  /** The containers that a container's own namespaces began with. */
  async #openDonors(live: Live, { id, hostConfig }: ContainerRecord): Promise<void> {
    for (const mode of [hostConfig.IpcMode, hostConfig.PidMode]) {
      const owner = ownerOf(mode, id)
      if (owner !== id && owner !== hostId && live.has(owner) && !this.#worlds.has(owner))
        await this.open(live, live.record(owner))
    }
  }

  /** The shared memory of a container's IPC namespace, where it is not its own. */
  #sharedMemory(reader: StoreReader, { id, hostConfig }: ContainerRecord): SharedMemory | undefined {
    const owner = ownerOf(hostConfig.IpcMode, id)
    if (owner === id) return undefined
    const shared =
      owner === hostId ? (this.#shared.get(hostId) ?? hostMemory(reader)) : this.#worlds.get(owner)?.files.sharedMemory
    if (shared) this.#shared.set(shared.owner, shared)
    return shared
  }

  /** Lets processes run; see `Kernel.run`. Ends early when one of interest has ended. */
  async run(
    until: number,
    budget: number,
  ): Promise<{ time: number; steps: number; exits: ExitNotice[]; touched: Iterable<string>; busy: boolean }> {
    let steps = 0
    for (;;) {
      const ran = this.kernel.scheduler.run(until, budget - steps, () => this.#exits.length > 0)
      steps += ran.steps
      if (ran.loading.length > 0) {
        await Promise.all(ran.loading)
        continue
      }
      for (const id of this.kernel.scheduler.takeActive()) if (id !== hostId) this.#active.add(id)
      const exits = this.#exits
      this.#exits = []
      return { time: this.kernel.time, steps, exits, touched: this.#active, busy: ran.busy && exits.length === 0 }
    }
  }

  /**
   * Lets processes run until a time if nothing comes of it that others have to hear of. Else (output, an end, code to
   * be loaded, the budget used up) it stops, and `run` goes on from there.
   */
  runQuietly(until: number, budget: number): boolean {
    const heard = (): boolean => this.#exits.length > 0 || this.#ooms.length > 0 || this.#output.size > 0
    const { steps, loading } = this.kernel.scheduler.run(until, budget, heard)
    return !heard() && loading.length === 0 && steps < budget
  }

  /** What the OOM killer did since the last call. */
  takeOoms(): OomNotice[] {
    const ooms = this.#ooms
    this.#ooms = []
    return ooms
  }

  isLoaded(id: string): boolean {
    return this.#worlds.has(id)
  }

  /** When something happens next in a container's processes, or in those of all containers in memory: infinity for never. */
  nextWake(id?: string): number {
    let first = Number.POSITIVE_INFINITY
    for (const each of id === undefined ? this.#worlds.keys() : [id])
      first = Math.min(first, this.kernel.scheduler.nextWake(each) ?? Number.POSITIVE_INFINITY)
    return first
  }

  /** Writes a container's processes, files and output; the record's lengths and sizes follow. */
  save(tx: Transaction, record: ContainerRecord): void {
    this.flushOutput(tx, record)
    this.#active.delete(record.id)
    const world = this.#worlds.get(record.id)
    if (!world) return
    world.files.save(tx, record)
    const saved = hasProcesses(record) ? snapshot(this.kernel, record.id) : undefined
    if (saved) tx.put(processesPath(record.id), saved)
    else if (tx.read(processesPath(record.id)) !== undefined) tx.remove(processesPath(record.id))
  }

  /** Volumes and shared memory that were written to. */
  saveShared(tx: Transaction): void {
    this.#volumes.save(tx)
    if (this.#groups) saveGroups(tx, this.kernel.cgroups)
    for (const { owner, fs, prefix } of this.#shared.values())
      if (owner === hostId || readIndex(tx).entries[owner]) saveTemporary(tx, fs, prefix)
  }

  /** Appends what was printed to the stream files. */
  flushOutput(tx: Transaction, record: ContainerRecord): void {
    for (const target of ['', ...record.execs.map(exec => exec.id)]) {
      const key = `${record.id} ${target}`
      const events = this.#output.get(key)
      if (!events) continue
      this.#output.delete(key)
      const bytes = Buffer.concat(events.map(encodeFrame))
      if (target === '') record.logLength = tx.append(streamPath(record.id), record.logLength, bytes)
      else {
        const exec = record.execs.find(candidate => candidate.id === target)
        if (exec) exec.logLength = tx.append(execStreamPath(record.id, target), exec.logLength, bytes)
      }
    }
  }

  /** All that an exec has printed, which is then forgotten: a health check's result. */
  takeExecOutput(tx: Transaction, record: ContainerRecord, exec: string): string {
    this.flushOutput(tx, record)
    const found = record.execs.find(candidate => candidate.id === exec)
    if (!found || found.logLength === 0) return ''
    const file = tx.locate(execStreamPath(record.id, exec))
    const text = Buffer.concat([...readFrames(file, 0, found.logLength)].map(frame => frame.data)).toString()
    tx.remove(execStreamPath(record.id, exec))
    return text
  }

  /** A container's main process has ended: what it had mounted goes. */
  stopped(id: string): void {
    this.kernel.remove(id)
    const files = this.#worlds.get(id)?.files
    const shared = this.loaded().some(
      other =>
        other.id !== id && other.files.sharedMemory === files?.sharedMemory && this.kernel.sandboxes.has(other.id),
    )
    files?.stopped(shared)
  }

  /** Forgets a container that was removed. */
  remove(id: string): void {
    this.kernel.remove(id)
    this.#worlds.delete(id)
    this.#active.delete(id)
    for (const key of [...this.#output.keys()]) if (key.startsWith(`${id} `)) this.#output.delete(key)
  }

  volumeSize(tx: StoreReader, name: string): number {
    return this.#volumes.open(tx, name).fs.size()
  }
}

/** Who has no id in a namespace (/proc/sys/kernel/overflowuid). */
const overflowId = 65_534

/** Go's ParseBool decides what is true. */
const noNewPrivileges = /^no-new-privileges(?:[:=](?:1|t|T|true|TRUE|True))?$/

const isUnconfined = (options: readonly string[]): boolean =>
  options.some(option => /^seccomp[:=]unconfined$/.test(option))

/** Docker's own filter, or that of `--security-opt seccomp=FILE`, which a privileged container has as well. */
function filterOf(
  options: readonly string[],
  privileged: boolean,
  capabilities: bigint,
  machine: string,
): { filter?: SeccompFilter } {
  const profile = seccompProfile(options)
  if (profile !== undefined)
    return isEmptyProfile(profile) ? {} : { filter: seccompFilter(profile, capabilities, machine, kernelRelease) }
  return privileged || isUnconfined(options) ? {} : { filter: defaultFilter(capabilities) }
}

function sandboxSpec(record: ContainerRecord, files: ContainerFiles, live: Live): SandboxSpec {
  const { config, hostConfig } = record
  /** Whom a namespace began with: who is joined may have joined another itself. */
  const namespaceOf = (kind: 'pid' | 'ipc', wanted: string): string => {
    const owner = ownerOf(wanted, record.id)
    return owner === record.id ? owner : (live.worlds.kernel.sandboxes.get(owner)?.namespaces?.[kind] ?? owner)
  }
  const mode = hostConfig.NetworkMode
  const donorId = mode.startsWith('container:') ? mode.slice('container:'.length) : ''
  // A donor that was removed while this one runs leaves it what it had.
  const donor = donorId !== '' && live.has(donorId) ? live.record(donorId) : undefined
  const capabilities = containerCapabilities(hostConfig.CapAdd, hostConfig.CapDrop, hostConfig.Privileged)
  const options = hostConfig.SecurityOpt ?? []
  const machine = record.platform.includes('arm64') ? 'aarch64' : 'x86_64'
  return {
    id: record.id,
    rootfs: files.rootfs,
    mounter: files.mounter,
    hostname: hostConfig.UTSMode === 'host' ? machineHostname : config.Hostname,
    domainname: config.Domainname,
    machine,
    cgroup: { path: groupPath(hostConfig.CgroupParent, record.id), limits: limitsOf(hostConfig) },
    shmem: () => files.memoryBytes(),
    oomScoreAdj: hostConfig.OomScoreAdj,
    rlimits: rlimitsOf(hostConfig.Ulimits ?? []),
    capabilities,
    devices: deviceRules(hostConfig),
    noNewPrivs: options.some(option => noNewPrivileges.test(option)),
    ...filterOf(options, hostConfig.Privileged, capabilities, machine),
    seccomp: !hostConfig.Privileged && !isUnconfined(options),
    sysctls: new Map(Object.entries(hostConfig.Sysctls ?? {})),
    interfaces: mode === 'host' ? hostInterfaces(live.tx) : interfacesOf(live.tx, donor ?? record),
    resolver: resolverOf(donor ?? record),
    net: donorId !== '' ? donorId : mode === 'host' ? hostNamespace : record.id,
    namespaces: {
      pid: namespaceOf('pid', hostConfig.PidMode),
      ipc: namespaceOf('ipc', hostConfig.IpcMode),
      uts: hostConfig.UTSMode === 'host' ? hostNamespace : record.id,
      cgroup: ownerOf(hostConfig.CgroupnsMode, record.id),
    },
    remapping: remappingOf(hostConfig.UsernsMode),
    hostPid: record.state.pid || 2000 + (Number.parseInt(record.id.slice(0, 6), 16) % 30_000),
    cgroupPath: hostConfig.CgroupnsMode === 'host' ? groupPath(hostConfig.CgroupParent, record.id) : '/',
    bootTime: live.time,
    init: hostConfig.Init ?? false,
  }
}

/** What the device cgroup lets the container use: Docker's own list, what `--device` names and the rules that are given. */
function deviceRules(hostConfig: HostConfig): DeviceRule[] {
  if (hostConfig.Privileged) return [everyDevice]
  return [
    ...defaultDeviceRules,
    ...(hostConfig.Devices ?? []).flatMap(({ PathOnHost, CgroupPermissions }) =>
      devicesAt(PathOnHost).map(({ node: { type, major, minor } }) => ({
        type,
        major,
        minor,
        access: CgroupPermissions,
      })),
    ),
    ...(hostConfig.DeviceCgroupRules ?? []).flatMap(text => parseDeviceRule(text) ?? []),
  ]
}

/** Ports of the embedded DNS server of a container that is on a network with names. */
function resolverOf(record: ContainerRecord): SandboxSpec['resolver'] {
  if (!Object.values(record.networks).some(end => end.EndpointID !== '' && end.DNSNames !== null)) return undefined
  const port = 32_768 + (Number.parseInt(record.id.slice(0, 4), 16) % 14_000)
  return { udp: port, tcp: port + 14_000 }
}
