/** /proc of one container (proc(5)), made from the kernel's own tables. */
import { hasCap } from '../vfs/cred.ts'
import { Errno } from '../vfs/errno.ts'
import { describe, freeDescriptor } from './descriptors.ts'
import type { Kernel } from './kernel.ts'
import { hostNamespace, type Seen, visible, visibleAt } from './pid-namespace.ts'
import { systemFiles } from './proc-machine.ts'
import { netFiles } from './proc-net.ts'
import { processFiles } from './proc-process.ts'
import { sysNode } from './proc-sys.ts'
import type { OwnNamespaces, Process, UnsharedKind } from './process.ts'
import type { Sandbox } from './sandbox.ts'
import { dir, file, SyntheticFs, type SyntheticNode } from './synthetic-fs.ts'

const CAP_SYS_PTRACE = 19
const CAP_SYS_RESOURCE = 24

export function procFs(kernel: Kernel, sandboxId: string): SyntheticFs {
  return new SyntheticFs(
    'proc',
    path => lookup(kernel, sandboxId, path),
    () => kernel.time,
  )
}

/** Directories without anything of interest; acpi and scsi are covered by an empty tmpfs. */
const directories: ReadonlyMap<string, string[]> = new Map([
  ['acpi', []],
  ['bus', []],
  ['driver', []],
  ['fs', []],
  ['irq', []],
  ['scsi', []],
  ['sysvipc', ['msg', 'sem', 'shm']],
  ['tty', []],
])
const masked = ['interrupts', 'kcore', 'keys', 'timer_list']

function lookup(kernel: Kernel, id: string, path: string): SyntheticNode | undefined {
  const sandbox = kernel.sandboxes.get(id)
  // The root is there before anything runs, so that it can be mounted.
  if (!sandbox) return path === '' ? dir(() => []) : undefined
  const [first = '', ...rest] = path.split('/')
  if (path === '')
    return dir(() => [
      ...visible(kernel, sandbox).map(seen => String(seen.pid)),
      ...Object.keys(systemFiles(kernel, sandbox)),
      ...directories.keys(),
      ...masked,
      'net',
      'self',
      'sys',
      'thread-self',
    ])
  if (first === 'self' || first === 'thread-self') {
    if (rest.length === 0) return { type: 'symlink', target: () => ownNumber(kernel, sandbox) }
    return undefined
  }
  if (/^\d+$/.test(first)) {
    const seen = visibleAt(kernel, sandbox, Number(first))
    return seen && processNode(kernel, seen, rest)
  }
  if (first === 'sys') return sysNode(kernel, sandbox, rest)
  if (first === 'net') {
    const files = netFiles(kernel, sandbox)
    if (rest.length === 0) return dir(() => Object.keys(files))
    const text = Object.hasOwn(files, rest.join('/')) ? files[rest.join('/')] : undefined
    return text && file(text)
  }
  const names = directories.get(first)
  if (names) return rest.length === 0 ? dir(() => names) : names.includes(rest.join('/')) ? file(() => '') : undefined
  if (rest.length > 0) return undefined
  // Docker puts /dev/null over these: they are there, and empty.
  if (masked.includes(first)) return file(() => '', 0o666)
  if (first === 'mounts') return { type: 'symlink', target: () => 'self/mounts' }
  const files = systemFiles(kernel, sandbox)
  const text = Object.hasOwn(files, first) ? files[first] : undefined
  return text && file(text)
}

/** The number of the process that looks, in the namespace that this /proc is of. */
function ownNumber(kernel: Kernel, sandbox: Sandbox): string {
  const { current } = kernel
  return String(visible(kernel, sandbox).find(({ process }) => process === current)?.pid ?? 1)
}

/** What is below a process's folder belongs to its user, as long as that is who started its program (proc(5)). */
function processNode(kernel: Kernel, seen: Seen, rest: string[]): SyntheticNode | undefined {
  const node = nodeOf(kernel, seen, rest)
  const { cred, ruid, rgid } = seen.process
  return node && ruid === undefined && rgid === undefined ? { ...node, owner: { uid: cred.uid, gid: cred.gid } } : node
}

/** @param thread  below `task`, where a thread has all that its process has but threads of its own */
function nodeOf(kernel: Kernel, seen: Seen, rest: string[], thread = false): SyntheticNode | undefined {
  const { pid, process } = seen
  const sandbox = kernel.sandbox(process.sandbox)
  const [name = '', item] = rest
  const files = processFiles(kernel, sandbox, seen)
  if (name === '')
    return dir(() => [...Object.keys(files), 'cwd', 'exe', 'fd', 'ns', 'root', ...(thread ? [] : ['task'])])
  if (thread && name === 'task') return undefined
  if (item === undefined) {
    switch (name) {
      case 'cwd':
        return { type: 'symlink', target: () => own(kernel, process, process.cwd) }
      case 'root':
        return { type: 'symlink', target: () => own(kernel, process, process.root) }
      case 'exe':
        return { type: 'symlink', target: () => own(kernel, process, process.exe) }
      case 'fd':
        return { type: 'dir', mode: 0o500, names: () => descriptorNames(kernel, process) }
      case 'ns':
        return dir(() => namespaces)
      case 'task':
        return dir(() => [String(pid)])
    }
    const text = Object.hasOwn(files, name) ? files[name] : undefined
    if (text && name === 'oom_score_adj')
      return { type: 'file', text, mode: 0o644, write: data => setOomScoreAdj(kernel, process, data) }
    return text && file(text, name === 'environ' ? 0o400 : undefined)
  }
  if (name === 'fd' && rest.length === 2) {
    if (kernel.current === process && Number(item) === freeDescriptor(process))
      return { type: 'symlink', target: () => `/proc/${pid}/fd` }
    const descriptor = process.fds.get(Number(item))
    return descriptor && { type: 'symlink', target: () => describe(descriptor.file).path }
  }
  if (name === 'ns' && rest.length === 2 && namespaces.includes(item))
    return {
      type: 'symlink',
      target: () =>
        own(kernel, process, `${item.replace('_for_children', '')}:[${namespaceNumber(sandbox, item, process.own)}]`),
    }
  if (name === 'task' && item === String(pid)) return nodeOf(kernel, seen, rest.slice(2), true)
  return undefined
}

/** What only the process's own user may see (ptrace access). Throws Errno EACCES for others. */
function own(kernel: Kernel, process: Process, target: string): string {
  const asking = kernel.current?.cred
  const less = asking && (asking.uid !== process.cred.uid || (process.caps.permitted & ~asking.caps) !== 0n)
  if (asking && less && process !== kernel.current && !hasCap(asking, CAP_SYS_PTRACE)) throw new Errno('EACCES')
  return target
}

/** Who lists its own descriptors has the directory open as well, at the lowest free one. */
function descriptorNames(kernel: Kernel, process: Process): string[] {
  const open = [...process.fds.keys(), ...(kernel.current === process ? [freeDescriptor(process)] : [])]
  return open.sort((a, b) => a - b).map(String)
}

const namespaces = [
  'cgroup',
  'ipc',
  'mnt',
  'net',
  'pid',
  'pid_for_children',
  'time',
  'time_for_children',
  'user',
  'uts',
]

/** Numbers of the host's own namespaces (include/linux/proc_ns.h, and the first ones that are made). */
const hostNumbers: Readonly<Record<string, number>> = {
  ipc: 4026531839,
  uts: 4026531838,
  user: 4026531837,
  pid: 4026531836,
  cgroup: 4026531835,
  time: 4026531834,
  net: 4026531840,
  mnt: 4026531841,
}

/** Number of a namespace: that of the container it began with, the machine's for user and time. */
export function namespaceNumber(
  sandbox: Pick<Sandbox, 'id' | 'net' | 'namespaces'>,
  name: string,
  own: OwnNamespaces = {},
): number {
  const kind = name.replace('_for_children', '')
  const order = ['user', 'time', 'mnt', 'uts', 'ipc', 'pid', 'cgroup', 'net'].indexOf(kind)
  const unshared = { ipc: own.ipc, cgroup: own.cgroup, uts: own.uts?.id }
  const shared: Readonly<Record<string, string | undefined>> = { ...sandbox.namespaces, net: sandbox.net }
  const owner =
    kind === 'user' || kind === 'time' ? hostNamespace : (unshared[kind as UnsharedKind] ?? shared[kind] ?? sandbox.id)
  if (owner === hostNamespace) return hostNumbers[kind] ?? 0
  return 4026532000 + (Number.parseInt(owner.slice(0, 8), 16) % 90_000) * 8 + order
}

const worstAdj = 1000

/** Writes /proc/N/oom_score_adj. EINVAL for what is none; EACCES for less than there was, without CAP_SYS_RESOURCE. */
function setOomScoreAdj(kernel: Kernel, process: Process, data: string): void {
  const wanted = /^\s*-?\d+\s*$/.test(data) ? Number(data) : Number.NaN
  if (!(Math.abs(wanted) <= worstAdj)) throw new Errno('EINVAL')
  // Down to what its container began with, those may who raised it.
  const least = kernel.sandbox(process.sandbox).oomScoreAdj
  const asking = kernel.current?.cred
  if (wanted < least && asking && !hasCap(asking, CAP_SYS_RESOURCE)) throw new Errno('EACCES')
  process.oomScoreAdj = wanted
}
