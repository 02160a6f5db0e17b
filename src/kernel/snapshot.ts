/**
 * A sandbox's processes as JSON, and back. Descriptions, pipes and terminals are stored once, by number; a file is
 * named by its mount and inode; coroutines by their journals. Nothing of a program runs until it is woken.
 */
import { type CgroupCounters, noCounters } from '../cgroup/tree.ts'
import type { Cred } from '../vfs/cred.ts'
import type { Mount } from '../vfs/mounts.ts'
import type { RootFs } from '../vfs/rootfs.ts'
import { attempt, listenerKey } from './blocks.ts'
import { fifosOf } from './descriptors.ts'
import type { FileObject, OpenFile } from './files.ts'
import { decode, encode, fromEntry, journalLimit, sizeOf, toEntry } from './journal.ts'
import type { Kernel } from './kernel.ts'
import { noUsage } from './memory.ts'
import { Pipe } from './pipe.ts'
import type { CapSets, JournalEntry, OwnNamespaces, Process } from './process.ts'
import type { Block, ExitStatus, Json, OpenFlags, RlimitName } from './program.ts'
import { Pty } from './pty.ts'
import type { Sandbox, Usage } from './sandbox.ts'

export interface Snapshot {
  v: 1
  time: number
  nextPid: number
  mainPid: number
  frozen: boolean
  hostname: string
  counters: CgroupCounters
  usage: Usage
  lead: number
  samples: { time: number; cpuMs: number }[]
  pipes: { id: number; readers: number; writers: number; data: string }[]
  ptys: Json[]
  files: SavedFile[]
  processes: SavedProcess[]
  inputs: { target: string; pipe?: number; pty?: number }[]
}

interface SavedFile {
  id: number
  flags: OpenFlags
  object: Json
}

interface SavedProcess {
  pid: number
  ppid: number
  pgid: number
  sid: number
  argv: string[]
  comm: string
  exe: string
  env: [string, string][]
  cwd: string
  root: string
  umask: number
  cred: { uid: number; gid: number; groups: readonly number[]; caps: string }
  ruid?: number
  own?: OwnNamespaces
  oomScoreAdj?: number
  rgid?: number
  caps: Record<keyof CapSets, string>
  noNewPrivs: boolean
  fds: [fd: number, file: number, cloexec: boolean][]
  rlimits: [RlimitName, Json][]
  nice: number
  tty?: number
  exec: string
  startedAt: number
  cpuMs: number
  childCpuMs: number
  memory: number
  state: Process['state']
  stopped: boolean
  stopSignal?: string
  status?: ExitStatus
  dispositions: [string, 'ignore' | 'catch'][]
  caught: string[]
  sender?: number
  program: string
  flavour: 'busybox' | 'gnu'
  marker: Record<string, string>
  data: Json
  journal: Json[]
  frozen: boolean
  block?: Json
  wakeAt?: Json
  progress: number
  cpuLeft: number
  /** The answer to `block` that it has not been given yet. */
  answer?: Json
  /** Signals that came while it was stopped. */
  pending?: string[]
}

/** What a sandbox consists of now; undefined when nothing runs in it. */
export function snapshot(kernel: Kernel, id: string): Snapshot | undefined {
  const sandbox = kernel.sandboxes.get(id)
  if (!sandbox || sandbox.processes.size === 0) return undefined
  const files = new Map<number, OpenFile>()
  const pipes = new Map<number, Pipe>()
  const addObject = (object: FileObject): void => {
    if (object.kind === 'pipe') pipes.set(object.pipe.id, object.pipe)
    if (object.kind === 'socket') for (const pipe of [object.rx, object.tx]) pipes.set(pipe.id, pipe)
    if (object.kind === 'listener')
      for (const { rx, tx } of object.backlog) for (const pipe of [rx, tx]) pipes.set(pipe.id, pipe)
  }
  for (const process of sandbox.processes.values())
    for (const { file } of process.fds.values()) {
      files.set(file.id, file)
      addObject(file.object)
    }
  for (const input of sandbox.inputs.values()) if ('pipe' in input) pipes.set(input.pipe.id, input.pipe)
  const cut = severed(files.values())
  return {
    v: 1,
    time: kernel.time,
    nextPid: sandbox.pids.nextPid,
    mainPid: sandbox.mainPid,
    frozen: sandbox.frozen,
    hostname: sandbox.hostname,
    counters: sandbox.group.counters,
    usage: sandbox.usage,
    lead: sandbox.lead,
    samples: sandbox.samples,
    pipes: [...pipes.values()].map(pipe => ({
      id: pipe.id,
      readers: cut.tx.has(pipe) ? 0 : pipe.readers,
      writers: cut.rx.has(pipe) ? 0 : pipe.writers,
      data: Buffer.from(pipe.contents()).toString('base64'),
    })),
    ptys: [...sandbox.ptys.values()].map(pty => encode(pty.save())),
    files: [...files.values()].map(file => ({ id: file.id, flags: file.flags, object: saveObject(file.object) })),
    processes: [...sandbox.processes.values()].map(saveProcess),
    inputs: [...sandbox.inputs].map(([target, input]) =>
      'pipe' in input ? { target, pipe: input.pipe.id } : { target, pty: input.pty.id },
    ),
  }
}

/**
 * Halves of connections whose other end is outside the sandbox. Each sandbox is stored by itself, so such a
 * connection does not outlive the command it was made in: after a restore the peer has hung up.
 */
function severed(files: Iterable<OpenFile>): { rx: Set<Pipe>; tx: Set<Pipe> } {
  const ends = [...files].flatMap(({ object }) =>
    object.kind === 'socket' ? [object] : object.kind === 'listener' ? object.backlog : [],
  )
  const read = new Set(ends.map(({ rx }) => rx))
  const alone = ends.filter(({ tx }) => !read.has(tx))
  return { rx: new Set(alone.map(({ rx }) => rx)), tx: new Set(alone.map(({ tx }) => tx)) }
}

function saveObject(object: FileObject): Json {
  switch (object.kind) {
    case 'inode':
      return {
        kind: object.kind,
        mount: object.place.mount.path,
        ino: object.place.ino,
        path: object.place.path,
        offset: object.offset,
      }
    case 'pipe':
      return {
        kind: object.kind,
        pipe: object.pipe.id,
        end: object.end,
        path: object.path,
        ...(object.fifo && { mount: object.fifo.mount.path, ino: object.fifo.ino }),
      }
    case 'pty':
      return { kind: object.kind, pty: object.pty.id }
    case 'socket':
      return {
        kind: object.kind,
        protocol: object.protocol,
        rx: object.rx.id,
        tx: object.tx.id,
        local: { ...object.local },
        peer: { ...object.peer },
      }
    case 'listener':
      return {
        kind: object.kind,
        net: object.net,
        protocol: object.protocol,
        local: { ...object.local },
        backlog: object.backlog.map(({ rx, tx, local, peer }) => ({
          rx: rx.id,
          tx: tx.id,
          local: { ...local },
          peer: { ...peer },
        })),
      }
    default:
      return { ...object }
  }
}

function saveProcess(process: Process): SavedProcess {
  const { cred, caps } = process
  const lost = process.frozen || process.journalSize > journalLimit
  return {
    pid: process.pid,
    ppid: process.ppid,
    pgid: process.pgid,
    sid: process.sid,
    argv: [...process.argv],
    comm: process.comm,
    exe: process.exe,
    env: [...process.env],
    cwd: process.cwd,
    root: process.root,
    umask: process.umask,
    cred: { uid: cred.uid, gid: cred.gid, groups: cred.groups, caps: String(cred.caps) },
    ...(process.ruid !== undefined && { ruid: process.ruid }),
    ...(process.own && { own: process.own }),
    ...(process.oomScoreAdj !== undefined && { oomScoreAdj: process.oomScoreAdj }),
    ...(process.rgid !== undefined && { rgid: process.rgid }),
    caps: {
      permitted: String(caps.permitted),
      inheritable: String(caps.inheritable),
      bounding: String(caps.bounding),
      ambient: String(caps.ambient),
    },
    noNewPrivs: process.noNewPrivs,
    fds: [...process.fds].map(([fd, { file, cloexec }]) => [fd, file.id, cloexec]),
    rlimits: [...process.rlimits].map(([name, limit]) => [name, encode(limit)]),
    nice: process.nice,
    ...(process.tty !== undefined && { tty: process.tty }),
    exec: process.exec,
    startedAt: process.startedAt,
    cpuMs: process.cpuMs,
    childCpuMs: process.childCpuMs,
    memory: process.memory,
    state: process.state,
    stopped: process.stopped,
    ...(process.stopSignal !== undefined && { stopSignal: process.stopSignal }),
    ...(process.status && { status: process.status }),
    dispositions: [...process.dispositions],
    caught: process.caught,
    ...(process.sender !== 0 && { sender: process.sender }),
    program: process.programName,
    flavour: process.flavour,
    marker: process.marker,
    data: process.data,
    journal: lost ? [] : process.journal.map(entry => encode(entry)),
    frozen: lost,
    ...(process.block && { block: encode(saveBlock(process.block)) }),
    ...(process.wakeAt !== undefined && { wakeAt: encode(process.wakeAt) }),
    progress: process.progress,
    cpuLeft: process.cpuLeft,
    ...(process.answer && { answer: encode(toEntry(process.answer)) }),
    ...(process.pending.length > 0 && { pending: process.pending }),
  }
}

const saveBlock = (block: Block): unknown => (block.op === 'exec' ? { ...block, env: [...block.env] } : block)

function loadBlock(saved: Json): Block {
  const block = decode(saved) as Block
  return block.op === 'exec' ? { ...block, env: new Map(block.env as unknown as [string, string][]) } : block
}

/** Puts a stored sandbox's processes back into a kernel to which the sandbox has been added. */
export function restore(kernel: Kernel, sandbox: Sandbox, saved: Snapshot): void {
  const { nextPid, mainPid, frozen, hostname, usage, lead, samples } = saved
  sandbox.pids.nextPid = Math.max(sandbox.pids.nextPid, nextPid)
  Object.assign(sandbox, { mainPid, frozen, hostname, usage: { ...noUsage(), ...usage }, lead, samples: [...samples] })
  sandbox.group.counters = { ...noCounters(), ...saved.counters }
  const pipes = new Map<number, Pipe>()
  const pipeAt = (old: number): Pipe => {
    const pipe = pipes.get(old)
    if (!pipe) throw new Error(`no pipe ${old}`)
    return pipe
  }
  for (const { id, readers, writers, data } of saved.pipes) {
    const pipe = new Pipe(kernel.newId())
    if (data !== '') pipe.push(Buffer.from(data, 'base64'))
    Object.assign(pipe, { readers, writers })
    pipes.set(id, pipe)
  }
  for (const each of saved.ptys) {
    const pty = Pty.load(decode(each) as ReturnType<Pty['save']>)
    sandbox.ptys.set(pty.id, pty)
  }
  const files = new Map<number, OpenFile>()
  for (const { id, flags, object } of saved.files) {
    const loaded = loadObject(object, sandbox.rootfs, sandbox, pipeAt)
    if (loaded.kind === 'pipe' && loaded.fifo) fifosOf(kernel, loaded.fifo).set(loaded.fifo.ino, loaded.pipe)
    const file: OpenFile = { id: kernel.newId(), object: loaded, flags, refs: 0 }
    if (loaded.kind === 'inode') loaded.place.mount.fs.hold(loaded.place.ino)
    if (loaded.kind === 'listener')
      kernel.listeners.set(listenerKey(loaded.net, loaded.protocol, loaded.local.port, loaded.local.address), file)
    files.set(id, file)
  }
  for (const input of saved.inputs) {
    const pty = input.pty === undefined ? undefined : sandbox.ptys.get(input.pty)
    if (pty) sandbox.inputs.set(input.target, { pty })
    else if (input.pipe !== undefined) sandbox.inputs.set(input.target, { pipe: pipeAt(input.pipe) })
  }
  for (const each of saved.processes) kernel.adopt(loadProcess(kernel, sandbox, each, files))
  // Whoever waited looks again, and so is among the waiters of what it waits for.
  for (const process of [...sandbox.processes.values()]) {
    if (process.state !== 'blocked' || !process.block || process.frozen) continue
    const found = attempt(kernel, process, process.block)
    if (found) kernel.scheduler.wake(process, found)
  }
}

function mountAt(rootfs: RootFs, path: string): Mount {
  const mount = rootfs.mounts().findLast(candidate => candidate.path === path) ?? rootfs.mounts()[0]
  if (!mount) throw new Error('no mounts')
  return mount
}

function loadObject(saved: Json, rootfs: RootFs, sandbox: Sandbox, pipeAt: (old: number) => Pipe): FileObject {
  const object = saved as unknown as { kind: FileObject['kind'] } & Record<string, never>
  switch (object.kind) {
    case 'inode': {
      const {
        mount: path,
        ino,
        path: name,
        offset,
      } = saved as { mount: string; ino: number; path: string; offset: number }
      return { kind: 'inode', place: { mount: mountAt(rootfs, path), ino, path: name }, offset }
    }
    case 'pipe': {
      const { pipe, end, path, mount, ino } = saved as unknown as {
        pipe: number
        end: 'read' | 'write'
        path: string
        mount?: string
        ino?: number
      }
      const fifo = mount !== undefined && ino !== undefined && { mount: mountAt(rootfs, mount), ino, path }
      return { kind: 'pipe', pipe: pipeAt(pipe), end, path, ...(fifo && { fifo }) }
    }
    case 'pty': {
      const pty = sandbox.ptys.get((saved as { pty: number }).pty)
      if (!pty) throw new Error('no such terminal')
      return { kind: 'pty', pty }
    }
    case 'socket': {
      const { rx, tx, ...rest } = saved as unknown as { rx: number; tx: number } & Omit<
        FileObject & { kind: 'socket' },
        'rx' | 'tx'
      >
      return { ...rest, rx: pipeAt(rx), tx: pipeAt(tx) }
    }
    case 'listener': {
      const { backlog, ...rest } = saved as unknown as {
        backlog: { rx: number; tx: number; local: never; peer: never }[]
      } & Omit<FileObject & { kind: 'listener' }, 'backlog' | 'waiters'>
      return {
        ...rest,
        backlog: backlog.map(each => ({ ...each, rx: pipeAt(each.rx), tx: pipeAt(each.tx) })),
        waiters: new Set(),
      }
    }
    default:
      return saved as unknown as FileObject
  }
}

function loadProcess(
  kernel: Kernel,
  sandbox: Sandbox,
  saved: SavedProcess,
  files: ReadonlyMap<number, OpenFile>,
): Process {
  const cred: Cred = { ...saved.cred, caps: BigInt(saved.cred.caps) }
  const { permitted, inheritable, bounding, ambient } = saved.caps
  const journal = saved.journal.map(entry => decode(entry) as JournalEntry)
  const process: Process = {
    key: kernel.nextKey(),
    pid: saved.pid,
    sandbox: sandbox.id,
    ppid: saved.ppid,
    pgid: saved.pgid,
    sid: saved.sid,
    argv: saved.argv,
    comm: saved.comm,
    exe: saved.exe,
    env: new Map(saved.env),
    cwd: saved.cwd,
    root: saved.root,
    umask: saved.umask,
    cred,
    ...(saved.ruid !== undefined && { ruid: saved.ruid }),
    ...(saved.oomScoreAdj !== undefined && { oomScoreAdj: saved.oomScoreAdj }),
    ...(saved.own && { own: sharedNamespaces(sandbox, saved.own) }),
    ...(saved.rgid !== undefined && { rgid: saved.rgid }),
    caps: {
      permitted: BigInt(permitted),
      inheritable: BigInt(inheritable),
      bounding: BigInt(bounding),
      ambient: BigInt(ambient),
    },
    noNewPrivs: saved.noNewPrivs,
    fds: new Map(),
    rlimits: new Map(saved.rlimits.map(([name, limit]) => [name, decode(limit) as { soft: number; hard: number }])),
    nice: saved.nice,
    tty: saved.tty,
    exec: saved.exec,
    startedAt: saved.startedAt,
    cpuMs: saved.cpuMs,
    systemMs: 0,
    childCpuMs: saved.childCpuMs,
    memory: saved.memory,
    state: saved.state,
    stopped: saved.stopped,
    stopSignal: saved.stopSignal,
    status: saved.status,
    dispositions: new Map(saved.dispositions),
    pending: saved.pending ?? [],
    caught: saved.caught,
    sender: saved.sender ?? 0,
    program: kernel.loaded.get(saved.program),
    programName: saved.program,
    flavour: saved.flavour,
    marker: saved.marker,
    data: saved.data,
    generator: undefined,
    view: undefined,
    journal,
    journalSize: journal.reduce((sum, entry) => sum + ('error' in entry ? 16 : sizeOf(entry.value)), 0),
    passing: undefined,
    passingNoted: false,
    frozen: saved.frozen,
    block: saved.block === undefined ? undefined : loadBlock(saved.block),
    wakeAt: saved.wakeAt === undefined ? undefined : (decode(saved.wakeAt) as number),
    progress: saved.progress,
    answer: saved.answer === undefined ? undefined : fromEntry(decode(saved.answer) as JournalEntry),
    waitingOn: new Set(),
    cpuLeft: saved.cpuLeft,
  }
  for (const [fd, id, cloexec] of saved.fds) {
    const file = files.get(id)
    if (!file) continue
    file.refs++
    process.fds.set(fd, { file, cloexec })
  }
  return process
}

/** Namespaces of a restored process: a host name is one with that of the others in its UTS namespace. */
function sharedNamespaces(sandbox: Sandbox, own: OwnNamespaces): OwnNamespaces {
  const { uts } = own
  if (!uts) return own
  const known = [...sandbox.processes.values()].find(process => process.own?.uts?.id === uts.id)?.own?.uts
  return known ? { ...own, uts: known } : own
}
