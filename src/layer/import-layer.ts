/** Takes a layer in: its tar becomes a blob named by the diffID, and its entries an index. */

import { decompress } from './decompress.ts'
import type { LayerIndex } from './layer-index.ts'
import { LayerIndexer } from './layer-indexer.ts'
import { type TarLimits, TarReader } from './tar-reader.ts'

/** Where the tar's bytes go: a writer of the content store. Nothing is kept of it unless it is committed. */
export interface BlobSink {
  write(bytes: Uint8Array): void | Promise<void>
  /** Keeps the blob; its digest is the sha256 of what was written. */
  commit(): { digest: string } | Promise<{ digest: string }>
  abort(): void | Promise<void>
}

/**
 * Reads a layer's tar (gzipped or not) to its end and gives its index; the caller stores that at `layerPath`.
 * Throws EngineError('invalid') with Docker's words for a damaged or hostile archive; nothing is left of it.
 */
export async function importLayer(
  input: AsyncIterable<Uint8Array>,
  sink: BlobSink,
  limits?: TarLimits,
): Promise<LayerIndex> {
  const indexer = new LayerIndexer()
  const reader = new TarReader(indexer, limits)
  let tarSize = 0
  try {
    for await (const bytes of decompress(input)) {
      reader.push(bytes)
      tarSize += bytes.length
      await sink.write(bytes)
    }
    reader.finish()
    const { entries, size } = indexer.finish()
    const { digest } = await sink.commit()
    return { version: 1, diffID: digest, tar: 'blob', tarSize, size, entries }
  } catch (error) {
    await sink.abort()
    throw error
  }
}
