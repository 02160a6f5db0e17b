/** Filling a new volume from the image (moby daemon/volumes_unix.go populateVolumes). */
import type { FileSystem } from '../../vfs/filesystem.ts'
import type { RootFs } from '../../vfs/rootfs.ts'

const piece = 1 << 20

/** Copies a folder's attributes and everything in it; nothing happens when there is no such folder. */
export function copyTree(from: RootFs, path: string, to: FileSystem, now: number): void {
  if (!from.exists(path)) return
  const place = from.walk(path)
  const stat = place.mount.fs.stat(place.ino)
  if (stat.type !== 'dir') return
  to.setattr(to.root, { mode: stat.mode, uid: stat.uid, gid: stat.gid, mtime: stat.mtime }, now)
  copyEntries(place.mount.fs, place.ino, to, to.root, now)
}

function copyEntries(from: FileSystem, fromDir: number, to: FileSystem, toDir: number, now: number): void {
  for (const { name, ino } of from.readdir(fromDir)) {
    const stat = from.stat(ino)
    const made = to.create(toDir, name, {
      type: stat.type,
      mode: stat.mode,
      uid: stat.uid,
      gid: stat.gid,
      now,
      ...(stat.type === 'symlink' && { target: from.readlink(ino) }),
      ...(stat.rdev && { rdev: stat.rdev }),
    })
    if (stat.type === 'dir') copyEntries(from, ino, to, made, now)
    if (stat.type === 'file')
      for (let at = 0; at < stat.size; at += piece) to.write(made, at, from.read(ino, at, piece), now)
    to.setattr(made, { mtime: stat.mtime }, now)
  }
}
