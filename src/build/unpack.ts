/** ADD of local archives: what counts as one, and its unpacking. */
import { decompress } from '../layer/decompress.ts'
import { TarExtractor } from '../layer/extract.ts'
import { TarReader } from '../layer/tar-reader.ts'
import type { RootFs } from '../vfs/rootfs.ts'

const PIECE = 1 << 20

/** Whether a file is a tar, plain or compressed: its first header says so. */
export async function isArchive(source: RootFs, path: string): Promise<boolean> {
  if (!source.exists(path) || source.stat(path).type !== 'file') return false
  let seen = false
  const reader = new TarReader({
    entry: () => {
      seen = true
      throw new Found()
    },
    data: () => undefined,
  })
  try {
    for await (const bytes of decompress(pieces(source, path))) reader.push(bytes)
  } catch {
    return seen
  }
  return seen
}

class Found extends Error {}

/** Unpacks it into a folder. Throws EngineError for a damaged or hostile one. */
export async function unpackArchive(
  source: RootFs,
  path: string,
  dest: RootFs,
  folder: string,
  owner: { uid: number; gid: number } | undefined,
): Promise<void> {
  const extractor = new TarExtractor(dest, folder.replace(/(.)\/$/, '$1'), {
    ...(owner && { owner }),
    noOverwriteDirNonDir: false,
  })
  const reader = new TarReader(extractor)
  for await (const bytes of decompress(pieces(source, path))) reader.push(bytes)
  reader.finish()
  extractor.finish()
}

async function* pieces(source: RootFs, path: string): AsyncGenerator<Uint8Array> {
  const place = source.walk(path)
  const { size } = place.mount.fs.stat(place.ino)
  for (let at = 0; at < size; at += PIECE) yield place.mount.fs.read(place.ino, at, Math.min(PIECE, size - at))
}
