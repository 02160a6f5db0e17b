/** Tars for tests, made by hand so that they can be wrong. */
import { createHash } from 'node:crypto'
import type { BlobSink } from '../../src/layer/import-layer.ts'
import type { LayerIndex } from '../../src/layer/layer-index.ts'
import type { TarHeader } from '../../src/layer/tar-header.ts'
import { type TarEntry, writeTar } from '../../src/layer/tar-writer.ts'

export const MTIME = 1_700_000_000

/** An entry in short: [path, type, content or target]. */
export type Short = [path: string, type: TarHeader['type'], extra?: string]

export function entryOf([path, type, extra = '']: Short): TarEntry {
  const header: TarHeader = { path, type, mode: 0o755, mtime: MTIME }
  if (type === 'symlink' || type === 'link') return { header: { ...header, target: extra } }
  if (type === 'char') return { header: { ...header, rdev: [1, 3] } }
  if (type !== 'file' || extra === '') return { header }
  const bytes = Buffer.from(extra)
  return { header: { ...header, size: bytes.length }, content: [bytes] }
}

export function tarOf(...entries: Short[]): Buffer {
  return Buffer.concat([...writeTar(entries.map(entryOf))])
}

export async function* inPieces(bytes: Uint8Array, size = 4096): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** A blob store in memory that notes what became of its writer. */
export function memoryBlobs(): {
  sink: BlobSink
  state: () => string
  readAt(digest: string, offset: number, length: number): Uint8Array
} {
  let parts: Uint8Array[] = []
  let state = 'open'
  const blobs = new Map<string, Buffer>()
  return {
    state: () => state,
    readAt: (digest, offset, length) => (blobs.get(digest) ?? Buffer.alloc(0)).subarray(offset, offset + length),
    sink: {
      write: bytes => {
        parts.push(bytes)
      },
      commit: () => {
        const bytes = Buffer.concat(parts)
        const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
        blobs.set(digest, bytes)
        state = 'committed'
        return { digest }
      },
      abort: () => {
        parts = []
        state = 'aborted'
      },
    },
  }
}

export const summary = (index: LayerIndex): string[] =>
  index.entries.map(({ path, type, target }) => `${path} ${type}${target === undefined ? '' : ` ${target}`}`)
