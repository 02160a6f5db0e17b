/** Opening, sharing and closing what descriptors refer to. */

import { hasDriver, mayUse } from '../security/devices.ts'
import { Errno, isErrno } from '../vfs/errno.ts'
import type { Stat } from '../vfs/filesystem.ts'
import type { Place } from '../vfs/mounts.ts'
import { fromName, toName } from './bytes.ts'
import type { FileObject, OpenFile } from './files.ts'
import type { Kernel } from './kernel.ts'
import { visibleAt } from './pid-namespace.ts'
import { Pipe } from './pipe.ts'
import type { Process } from './process.ts'
import type { OpenFlags } from './program.ts'

const maxDescriptors = 1024
/** How many symbolic links a path may lead through. */
const maxLinks = 8

export function openSink(kernel: Kernel, target: string, stream: 'stdout' | 'stderr'): OpenFile {
  return kernel.openFile({ kind: 'sink', target, stream }, { write: true })
}

/** One descriptor less refers to a file; the last closes it. */
export function release(kernel: Kernel, file: OpenFile): void {
  file.refs--
  if (file.refs > 0) return
  const { object } = file
  switch (object.kind) {
    case 'inode':
      object.place.mount.fs.release(object.place.ino)
      return
    case 'pipe':
      if (object.end === 'read') object.pipe.readers--
      else object.pipe.writers--
      // A fifo opened for both counts at both ends.
      if (object.fifo && object.end === 'read' && file.flags.write) object.pipe.writers--
      kernel.scheduler.notify(object.pipe.waiters)
      return
    case 'listener':
      for (const [key, listener] of kernel.listeners) if (listener === file) kernel.listeners.delete(key)
      for (const { rx, tx } of object.backlog) hangUp(kernel, rx, tx)
      return
    case 'socket':
      hangUp(kernel, object.rx, object.tx)
      return
    default:
      return
  }
}

/** One end of a connection is gone: no more is read from `rx`, nothing more comes through `tx`. */
function hangUp(kernel: Kernel, rx: Pipe, tx: Pipe): void {
  rx.readers = 0
  tx.writers = 0
  kernel.scheduler.notify(rx.waiters)
  kernel.scheduler.notify(tx.waiters)
}

export function closeAll(kernel: Kernel, process: Process): void {
  for (const { file } of process.fds.values()) release(kernel, file)
  process.fds.clear()
}

export function fileAt(process: Process, fd: number): OpenFile {
  const descriptor = process.fds.get(fd)
  if (!descriptor) throw new Errno('EBADF')
  return descriptor.file
}

/** The lowest free descriptor from `min` on. */
export function freeDescriptor(process: Process, min = 0): number {
  const limit = Math.min(process.rlimits.get('nofile')?.soft ?? maxDescriptors, 1 << 20)
  for (let fd = min; fd < limit; fd++) if (!process.fds.has(fd)) return fd
  throw new Errno('EMFILE')
}

/** A descriptor's own name in a path: `/proc/self/fd/1`, `/dev/stdout`, `/dev/fd/3`. */
function descriptorPath(kernel: Kernel, process: Process, path: string): OpenFile | undefined {
  const standard = { '/dev/stdin': '0', '/dev/stdout': '1', '/dev/stderr': '2' }[path]
  const match = standard === undefined ? /^(?:\/proc\/(self|\d+)\/fd|\/dev\/fd)\/(\d+)$/.exec(path) : undefined
  if (standard === undefined && !match) return undefined
  const sandbox = kernel.sandbox(process.sandbox)
  const pid = match?.[1]
  const owner = pid === undefined || pid === 'self' ? process : visibleAt(kernel, sandbox, Number(pid))?.process
  if (!owner) throw new Errno('ENOENT')
  const descriptor = owner.fds.get(Number(standard ?? match?.[2]))
  if (!descriptor) throw new Errno('ENOENT')
  return descriptor.file
}

/** What a path means that leads to a descriptor, also through symbolic links (`access.log -> /dev/stdout`). */
export function linkedDescriptor(kernel: Kernel, process: Process, path: string): OpenFile | undefined {
  const { rootfs } = kernel.sandbox(process.sandbox)
  const access = { cred: process.cred, cwd: process.cwd, root: process.root }
  let at = path
  try {
    for (let links = 0; links < maxLinks; links++) {
      const found = descriptorPath(kernel, process, at)
      if (found) return found
      const target = rootfs.readlink(at, access)
      at = target.startsWith('/') ? target : `${at.slice(0, at.lastIndexOf('/') + 1)}${target}`
    }
  } catch (error) {
    if (!isErrno(error)) throw error
  }
  return undefined
}

/** open(2). Returns undefined for a fifo whose other end is not there yet, unless `wait` is false. */
export function openPath(
  kernel: Kernel,
  process: Process,
  given: string,
  flags: OpenFlags,
  mode: number,
  wait: boolean,
): number | undefined {
  const { rootfs } = kernel.sandbox(process.sandbox)
  const path = toName(given)
  const access = { cred: process.cred, cwd: process.cwd, root: process.root }
  const own = descriptorPath(kernel, process, path)
  if (own) return reopen(kernel, process, own, flags)
  let place: Place
  try {
    place = rootfs.open(path, flags, mode & ~process.umask, access)
  } catch (error) {
    const linked = isErrno(error) ? linkedDescriptor(kernel, process, path) : undefined
    if (linked) return reopen(kernel, process, linked, flags)
    throw error
  }
  const stat = place.mount.fs.stat(place.ino)
  const fd = freeDescriptor(process)
  if (stat.type === 'char' || stat.type === 'block')
    kernel.install(process, fd, openDevice(kernel, process, place, stat, flags))
  else if (stat.type === 'fifo') {
    const file = openFifo(kernel, process, place, flags, wait)
    if (!file) return undefined
    kernel.install(process, fd, file)
  } else kernel.install(process, fd, kernel.openFile({ kind: 'inode', place, offset: 0 }, flags))
  return fd
}

/** Opening a descriptor by its path gives a description of its own for a file, and the same one for the rest. */
function reopen(kernel: Kernel, process: Process, file: OpenFile, flags: OpenFlags): number {
  const fd = freeDescriptor(process)
  const { object } = file
  if (object.kind === 'inode') {
    if (flags.truncate) object.place.mount.fs.truncate(object.place.ino, 0, kernel.time)
    kernel.install(process, fd, kernel.openFile({ kind: 'inode', place: object.place, offset: 0 }, flags))
  } else if (object.kind === 'pipe') {
    const end = flags.write ? 'write' : 'read'
    kernel.install(
      process,
      fd,
      end === object.end ? kernel.openFile({ ...object }, flags) : kernel.openFile({ ...object, end }, flags),
    )
  } else kernel.install(process, fd, file)
  return fd
}

function openDevice(kernel: Kernel, process: Process, place: Place, stat: Stat, flags: OpenFlags): OpenFile {
  const [major, minor] = stat.rdev ?? [0, 0]
  const path = place.path
  const sandbox = kernel.sandbox(process.sandbox)
  const access = `${flags.read ? 'r' : ''}${flags.write ? 'w' : ''}`
  if (!mayUse(sandbox.devices, stat.type, major, minor, access)) throw new Errno('EPERM')
  if (stat.type === 'char') {
    const memory = major === 1 ? { 3: 'null', 5: 'zero', 7: 'full', 8: 'random', 9: 'random' }[minor] : undefined
    if (memory) return kernel.openFile({ kind: 'device', device: memory as 'null', path }, flags)
    const number = major === 136 ? minor : major === 5 && minor <= 1 ? process.tty : undefined
    const pty = number === undefined ? undefined : sandbox.ptys.get(number)
    if (pty) return kernel.openFile({ kind: 'pty', pty }, flags)
    if (major === 5) throw new Errno('ENXIO')
  }
  if (!hasDriver(stat.type, major, minor)) throw new Errno(major === 10 ? 'ENODEV' : 'ENXIO')
  return kernel.openFile(
    { kind: 'idle', path, type: stat.type === 'char' ? 'char' : 'block', rdev: [major, minor] },
    flags,
  )
}

/** The pipes of a file system's fifos that someone has open or is opening, by inode. */
export function fifosOf(kernel: Kernel, place: Place): Map<number, Pipe> {
  const { fs } = place.mount
  let byInode = kernel.fifos.get(fs)
  if (!byInode) kernel.fifos.set(fs, (byInode = new Map()))
  return byInode
}

/** An end of a fifo; undefined when the process has to wait for the other one, as fifo(7) says. */
function openFifo(
  kernel: Kernel,
  process: Process,
  place: Place,
  flags: OpenFlags,
  wait: boolean,
): OpenFile | undefined {
  const fifos = fifosOf(kernel, place)
  let pipe = fifos.get(place.ino)
  if (!pipe) fifos.set(place.ino, (pipe = new Pipe(kernel.newId())))
  const both = flags.read === true && flags.write === true
  const end = flags.write && !flags.read ? 'write' : 'read'
  const other = end === 'read' ? 'write' : 'read'
  const there = both || (other === 'read' ? pipe.readers : pipe.writers) > 0 || pipe.opening[other].size > 0
  if (!there && (wait || end === 'write')) {
    if (!wait) throw new Errno('ENXIO')
    pipe.opening[end].add(process.key)
    process.waitingOn.add(pipe.opening[end])
    return undefined
  }
  const file = kernel.openFile({ kind: 'pipe', pipe, end, path: place.path, fifo: place }, flags)
  if (both) pipe.writers++
  // Whoever waited for this end has its own now, before this process can use or close the other.
  const sides: ('read' | 'write')[] = both ? ['read', 'write'] : [other]
  for (const side of sides)
    for (const key of [...pipe.opening[side]]) {
      const peer = kernel.processes.get(key)
      if (peer?.block?.op !== 'open') continue
      const fd = freeDescriptor(peer)
      const opened: FileObject = { kind: 'pipe', pipe, end: side, path: place.path, fifo: place }
      kernel.install(peer, fd, kernel.openFile(opened, peer.block.flags))
      kernel.scheduler.wake(peer, { value: fd })
    }
  kernel.scheduler.notify(pipe.waiters)
  return file
}

/** What fstat and /proc/N/fd tell of a descriptor. */
export function describe(file: OpenFile): { path: string; stat: Stat } {
  const { object } = file
  const made = (type: Stat['type'], ino: number, rdev?: readonly [number, number], mode = 0o600): Stat => ({
    ino,
    type,
    mode,
    uid: 0,
    gid: 0,
    size: 0,
    nlink: 1,
    mtime: 0,
    atime: 0,
    ctime: 0,
    ...(rdev && { rdev }),
  })
  switch (object.kind) {
    case 'inode':
      return { path: fromName(object.place.path), stat: object.place.mount.fs.stat(object.place.ino) }
    case 'pipe':
      return { path: object.path || `pipe:[${object.pipe.id}]`, stat: made('fifo', object.pipe.id) }
    case 'sink':
      return { path: `pipe:[${file.id}]`, stat: made('fifo', file.id) }
    case 'pty':
      return { path: `/dev/pts/${object.pty.id}`, stat: made('char', object.pty.id + 3, [136, object.pty.id], 0o620) }
    case 'idle':
      return { path: object.path, stat: made(object.type, object.rdev[1] + 3, object.rdev) }
    case 'device': {
      const minor = { null: 3, zero: 5, full: 7, random: 9 }[object.device]
      return { path: object.path, stat: made('char', minor, [1, minor], 0o666) }
    }
    default:
      return { path: `socket:[${file.id}]`, stat: made('socket', file.id, undefined, 0o777) }
  }
}
