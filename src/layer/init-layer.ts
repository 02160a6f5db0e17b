/**
 * The layer that Docker puts between an image and a container's upper (`<id>-init`): the files that the engine
 * mounts over. It makes `docker diff` of a new container empty, and shows in `docker export`.
 */
import { Layer } from './layer.ts'
import type { LayerEntry } from './layer-index.ts'
import { LowerTree } from './lower-tree.ts'

const files = ['.dockerenv', 'dev/console', 'etc/hostname', 'etc/hosts', 'etc/resolv.conf']
const directories = ['dev/pts', 'dev/shm', 'proc', 'sys']

/**
 * The init layer over an image's layers (top first), as moby's initlayer sets it up: files are new and empty,
 * directories of the image stay as they are. `created`: the container's creation in ms since the epoch, the
 * same for every load.
 */
export function initLayer(created: number, layers: readonly Layer[]): Layer {
  const mtime = Math.floor(created / 1000)
  const image = new LowerTree(layers)
  const directory = (path: string): LayerEntry => {
    const stat = statDirectory(image, path)
    return { path, type: 'dir', mode: stat?.mode ?? 0o755, uid: stat?.uid ?? 0, gid: stat?.gid ?? 0, mtime }
  }
  const entries: LayerEntry[] = [
    directory('dev'),
    directory('etc'),
    ...directories.filter(path => !statDirectory(image, path)).map(directory),
    ...files.map((path): LayerEntry => ({ path, type: 'file', mode: 0o755, mtime })),
    { path: 'etc/mtab', type: 'symlink', mode: 0o777, mtime, target: '/proc/mounts' },
  ]
  const noBlobs = { readAt: () => new Uint8Array(0) }
  return new Layer({ version: 1, diffID: '', tar: 'made', tarSize: 0, size: 0, entries }, noBlobs)
}

function statDirectory(image: LowerTree, path: string): { mode: number; uid: number; gid: number } | undefined {
  let ino: number | undefined = image.root
  for (const name of path.split('/')) ino = ino === undefined ? undefined : image.child(ino, name)
  const stat = ino === undefined ? undefined : image.stat(ino)
  return stat?.type === 'dir' ? stat : undefined
}
