/** The file systems that runc mounts in every container: /proc, /dev, /sys and what is below them. */
import type { DeviceNode } from '../security/devices.ts'
import type { FileSystem } from '../vfs/filesystem.ts'
import type { RootFs } from '../vfs/rootfs.ts'
import { TreeFs } from '../vfs/tree-fs.ts'

const devices: readonly [name: string, mode: number, major: number, minor: number][] = [
  ['null', 0o666, 1, 3],
  ['zero', 0o666, 1, 5],
  ['full', 0o666, 1, 7],
  ['random', 0o666, 1, 8],
  ['urandom', 0o666, 1, 9],
  ['tty', 0o666, 5, 0],
]

const links: readonly [name: string, target: string][] = [
  ['fd', '/proc/self/fd'],
  ['stdin', '/proc/self/fd/0'],
  ['stdout', '/proc/self/fd/1'],
  ['stderr', '/proc/self/fd/2'],
  ['core', '/proc/kcore'],
  ['ptmx', 'pts/ptmx'],
]

/** A node that a container gets beside the usual ones. */
export interface AddedDevice {
  /** Where, in the container. */
  path: string
  node: DeviceNode
}

/** /dev as it is after the start: a small tmpfs with the usual nodes. `terminal` adds the console, `shm` the place of shared memory. */
export function devFs(now: number, terminal: boolean, shm = true): TreeFs {
  const fs = new TreeFs({ root: { mode: 0o755, now }, limits: { bytes: 65_536 * 1024 } })
  const owner = { uid: 0, gid: 0, now }
  for (const [name, mode, major, minor] of devices)
    fs.create(fs.root, name, { type: 'char', mode, rdev: [major, minor], ...owner })
  for (const [name, target] of links) fs.create(fs.root, name, { type: 'symlink', mode: 0o777, target, ...owner })
  for (const name of ['pts', ...(shm ? ['shm'] : []), 'mqueue'])
    fs.create(fs.root, name, { type: 'dir', mode: 0o755, ...owner })
  if (terminal) fs.create(fs.root, 'console', { type: 'char', mode: 0o620, rdev: [136, 0], ...owner, gid: 5 })
  return fs
}

/** /dev/pts: terminals are made on demand; a container has at most a few. */
function ptsFs(now: number, terminal: boolean): TreeFs {
  const fs = new TreeFs({ type: 'devpts', root: { mode: 0o755, now } })
  fs.create(fs.root, 'ptmx', { type: 'char', mode: 0o666, uid: 0, gid: 0, now, rdev: [5, 2] })
  if (terminal)
    for (const name of ['0', '1', '2', '3'])
      fs.create(fs.root, name, { type: 'char', mode: 0o620, uid: 0, gid: 5, now, rdev: [136, Number(name)] })
  return fs
}

export interface BaseMounts {
  proc: FileSystem
  sys: FileSystem
  cgroup: FileSystem
  /** undefined: `--ipc none` has none. */
  shm?: { fs: TreeFs; bytes: number }
  now: number
  terminal: boolean
  privileged: boolean
  /** Nodes in /dev beside the usual ones. */
  devices: readonly AddedDevice[]
}

/** Mounts them in runc's order; missing mount points are made. */
export function mountBase(rootfs: RootFs, mounts: BaseMounts): void {
  const { now, terminal, privileged } = mounts
  for (const path of ['/proc', '/dev', '/sys']) rootfs.mkdirAll(path)
  const usual = ['nosuid', 'nodev', 'noexec', 'relatime']
  rootfs.mount('/proc', mounts.proc, { flags: usual })
  rootfs.mount('/dev', devFs(now, terminal, mounts.shm !== undefined), { flags: ['nosuid', 'size=65536k', 'mode=755'] })
  rootfs.mount('/dev/pts', ptsFs(now, terminal), {
    flags: ['nosuid', 'noexec', 'relatime', 'gid=5', 'mode=620', 'ptmxmode=666'],
    source: 'devpts',
  })
  rootfs.mount('/sys', mounts.sys, { flags: usual, readonly: !privileged })
  rootfs.mount('/sys/fs/cgroup', mounts.cgroup, { flags: usual, readonly: !privileged, source: 'cgroup' })
  rootfs.mount('/dev/mqueue', new TreeFs({ type: 'mqueue', root: { mode: 0o1777, now } }), {
    flags: usual,
    source: 'mqueue',
  })
  if (mounts.shm)
    rootfs.mount('/dev/shm', mounts.shm.fs, {
      flags: [...usual, `size=${Math.round(mounts.shm.bytes / 1024)}k`],
      source: 'shm',
    })
  for (const device of mounts.devices) addDevice(rootfs, device, now)
}

/** Makes a node as runc does, in the place of what is there. */
export function addDevice(rootfs: RootFs, { path, node }: AddedDevice, now: number): void {
  rootfs.mkdirAll(path.slice(0, path.lastIndexOf('/')) || '/')
  if (rootfs.exists(path)) rootfs.unlink(path)
  const { mount, ino } = rootfs.mknod(path, node.type, node.mode, [node.major, node.minor])
  mount.fs.setattr(ino, { mtime: now }, now)
}
