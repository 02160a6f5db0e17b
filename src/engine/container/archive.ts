/** HEAD, GET and PUT /containers/{id}/archive: the engine's half of `docker cp` (moby daemon/archive_unix.go). */
import { posix } from 'node:path'
import type { PathStat } from '../../api/container.ts'
import { containerEvent } from '../../container/events.ts'
import { type EngineError, forbidden, invalid, notFound, systemError } from '../../errors.ts'
import { decompress } from '../../layer/decompress.ts'
import { treeEntries } from '../../layer/export-layer.ts'
import { TarExtractor } from '../../layer/extract.ts'
import { TarReader } from '../../layer/tar-reader.ts'
import { writeTar } from '../../layer/tar-writer.ts'
import { rfc3339Nano } from '../../util/time.ts'
import { Errno, isErrno } from '../../vfs/errno.ts'
import type { Stat } from '../../vfs/filesystem.ts'
import type { RootFs } from '../../vfs/rootfs.ts'
import type { EngineContext } from '../context.ts'
import { rootfsReadOnly } from './errors.ts'

/** Bits of Go's os.FileMode beside the permissions. */
const goMode = {
  dir: 2 ** 31,
  symlink: 2 ** 27,
  device: 2 ** 26,
  fifo: 2 ** 25,
  socket: 2 ** 24,
  setuid: 2 ** 23,
  setgid: 2 ** 22,
  char: 2 ** 21,
  sticky: 2 ** 20,
}

const missing = (path: string, id: string): EngineError =>
  notFound(`Could not find the file ${path} in container ${id}`)

/** What is at a path, without following a final symlink. */
export async function statPath(ctx: EngineContext, reference: string, path: string): Promise<PathStat> {
  return ctx.machine.change(async live => {
    const container = live.find(reference)
    if (path === '') throw invalid('bad parameter: pathcannot be empty')
    const world = await live.world(container)
    return stat(world.files.fromOutside(live.tx, container), path, reference)
  })
}

function stat(rootfs: RootFs, given: string, reference: string): PathStat {
  const path = absolute(given)
  try {
    const place = rootfs.walk(path, { follow: trailing(given) })
    const found = place.mount.fs.stat(place.ino)
    if (trailing(given) && found.type !== 'dir') throw new Errno('ENOTDIR')
    return {
      name: posix.basename(path) || '/',
      size: found.size,
      mode: modeOf(found),
      mtime: rfc3339Nano(found.mtime),
      linkTarget: found.type === 'symlink' ? linkTarget(rootfs, path) : '',
    }
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOTDIR') throw systemError(`lstat ${rooted(given)}: not a directory`)
    if (isErrno(error)) throw missing(given, reference)
    throw error
  }
}

/** Where a symlink leads within the container, as far as it can be told. */
function linkTarget(rootfs: RootFs, path: string): string {
  try {
    return rootfs.realpath(path)
  } catch {
    return posix.resolve(posix.dirname(path), rootfs.readlink(path))
  }
}

function modeOf(found: Stat): number {
  const type = {
    dir: goMode.dir,
    symlink: goMode.symlink,
    char: goMode.device + goMode.char,
    block: goMode.device,
    fifo: goMode.fifo,
    socket: goMode.socket,
    file: 0,
  }[found.type]
  const set =
    (found.mode & 0o4000 ? goMode.setuid : 0) +
    (found.mode & 0o2000 ? goMode.setgid : 0) +
    (found.mode & 0o1000 ? goMode.sticky : 0)
  return type + set + (found.mode & 0o777)
}

/** A tar of a file or folder, named by its base name; `path/.` gives the folder's contents under its name. */
export async function getArchive(
  ctx: EngineContext,
  reference: string,
  path: string,
): Promise<{ stat: PathStat; tar: AsyncIterable<Uint8Array> }> {
  return ctx.machine.change(async live => {
    const container = live.find(reference)
    const world = await live.world(container)
    const rootfs = world.files.fromOutside(live.tx, container)
    const info = stat(rootfs, path, reference)
    const full = absolute(path)
    live.emit(containerEvent(container, 'archive-path'))
    // Made while the change lasts: the files may be others when the tar is read.
    const name = path.endsWith('/.') ? '.' : posix.basename(full) || '/'
    const parts = [...writeTar(treeEntries(rootfs, full, name, { follow: trailing(path) }))]
    return { stat: info, tar: pieces(parts) }
  })
}

async function* pieces(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts
}

/** Unpacks a tar (compressed or not) into a folder of the container. */
export async function putArchive(
  ctx: EngineContext,
  reference: string,
  path: string,
  tar: AsyncIterable<Uint8Array>,
  options: { noOverwriteDirNonDir?: boolean; copyUidGid?: boolean } = {},
): Promise<void> {
  const parts: Uint8Array[] = []
  for await (const part of tar) parts.push(part)
  await ctx.machine.change(async live => {
    const container = live.find(reference)
    const world = await live.world(container)
    const rootfs = world.files.fromOutside(live.tx, container)
    let target: string
    try {
      const parent = rootfs.walk(posix.dirname(absolute(path)))
      if (parent.mount.fs.stat(parent.ino).type !== 'dir') throw invalid('not a directory')
      const place = rootfs.walk(absolute(path))
      if (place.mount.fs.stat(place.ino).type !== 'dir') throw invalid('extraction point is not a directory')
      if (place.mount.readonly)
        throw place.mount.path === '/' ? rootfsReadOnly() : forbidden('mounted volume is marked read-only')
      target = place.path
    } catch (error) {
      if (isErrno(error)) throw missing(path, reference)
      throw error
    }
    const extractor = new TarExtractor(rootfs, target, {
      ...(options.noOverwriteDirNonDir && { noOverwriteDirNonDir: true }),
      ...(!options.copyUidGid && { owner: { uid: 0, gid: 0 } }),
    })
    const reader = new TarReader(extractor)
    for await (const bytes of decompress(pieces(parts))) reader.push(bytes)
    reader.finish()
    extractor.finish()
    live.emit(containerEvent(container, 'extract-to-dir'))
    live.save(container)
  })
}

const trailing = (path: string): boolean => path.endsWith('/') || path.endsWith('/.')

/** A path as Docker's errors show it: from the root, a final `/` or `/.` kept. */
const rooted = (path: string): string => (path.startsWith('/') ? path : `/${path}`)

/** Paths of a container are relative to its root. */
function absolute(path: string): string {
  const normal = posix.normalize(`/${path}`)
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal
}
