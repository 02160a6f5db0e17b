/** Makes a layer of what an overlay's upper changes. */
import { upperEntries } from './export-layer.ts'
import { type BlobSink, importLayer } from './import-layer.ts'
import type { LayerEntry, LayerIndex } from './layer-index.ts'
import { sizeOnDisk } from './layer-indexer.ts'
import type { OverlayFs } from './overlay.ts'
import { digestTar, type TarEntry, writeTar } from './tar-writer.ts'

/** How much of one file, and of all files together, an index may hold of any layer. */
const MAX_HEAD = 8192
const MAX_HEADS = 65536
/** And of a layer that is nearly all zeros (installed packages): as a blob it would take that many times as much. */
const MAX_SPARSE_HEADS = 2 * 1024 * 1024
const SPARSE = 16

/**
 * The upper of an overlay as a layer. A layer of small files and placeholders is kept as its index alone
 * (`tar: 'made'`); the tar of any other goes to a blob, for which `newSink` is asked.
 */
export async function commitLayer(overlay: OverlayFs, newSink: () => BlobSink): Promise<LayerIndex> {
  return (
    madeIndex(() => upperEntries(overlay)) ?? (await importLayer(pieces(writeTar(upperEntries(overlay))), newSink()))
  )
}

/**
 * The index of a layer whose bytes all fit into it: each file is a short head and zeros. Undefined when that is
 * not so. `entries` is called twice.
 */
export function madeIndex(entries: () => Iterable<TarEntry>): LayerIndex | undefined {
  const list: LayerEntry[] = []
  let heads = 0
  let longest = 0
  let total = 0
  for (const { header, content } of entries()) {
    if (header.type === 'socket') continue
    const head = headOf(content ?? [])
    if (!head) return undefined
    heads += head.length
    longest = Math.max(longest, head.length)
    total += header.size ?? 0
    if (heads > MAX_SPARSE_HEADS) return undefined
    list.push(head.length > 0 ? { ...header, ...inline(head) } : header)
  }
  if ((longest > MAX_HEAD || heads > MAX_HEADS) && total < heads * SPARSE) return undefined
  const { digest, size: tarSize } = digestTar(entries())
  const size = list.reduce((sum, entry) => sum + sizeOnDisk(entry), 0)
  return { version: 1, diffID: digest, tar: 'made', tarSize, size, entries: list }
}

/** The bytes up to the last that is not zero; undefined when they are too many. */
function headOf(content: Iterable<Uint8Array>): Uint8Array | undefined {
  const parts: Uint8Array[] = []
  let kept = 0
  let offset = 0
  for (const piece of content) {
    const used = lastNonZero(piece) + 1
    if (used > 0) {
      if (offset + used > MAX_SPARSE_HEADS) return undefined
      parts.push(new Uint8Array(offset - kept), piece.subarray(0, used))
      kept = offset + used
    }
    offset += piece.length
  }
  return Buffer.concat(parts)
}

function lastNonZero(bytes: Uint8Array): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  // Comparing is much faster than looking at each byte, and placeholders are megabytes of zeros.
  if (bytes[0] === 0 && buffer.subarray(1).equals(buffer.subarray(0, -1))) return -1
  let at = bytes.length - 1
  while (at >= 0 && bytes[at] === 0) at--
  return at
}

function inline(head: Uint8Array): { text: string } | { base64: string } {
  const buffer = Buffer.from(head)
  const text = buffer.toString('utf8')
  return Buffer.from(text, 'utf8').equals(buffer) ? { text } : { base64: buffer.toString('base64') }
}

async function* pieces(tar: Iterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  yield* tar
}
