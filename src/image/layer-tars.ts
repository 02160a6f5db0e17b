/** The tars of stored layers: from the content store, or made from the index. */
import { EngineError } from '../errors.ts'
import { type LayerIndex, layerPath } from '../layer/layer-index.ts'
import { writeTar } from '../layer/tar-writer.ts'
import type { StoreReader } from '../store/types.ts'
import type { LayerTar } from './archive.ts'
import { madeEntries } from './made-layer.ts'

/** Reads blobs in pieces: the content store. */
export interface BlobReader {
  readAt(digest: string, offset: number, length: number): Uint8Array
}

const PIECE = 1 << 20

/** The index of a stored layer. Throws EngineError('dataLoss') when it is not there. */
export function readLayerIndex(reader: StoreReader, diffID: string): LayerIndex {
  const index = reader.read<LayerIndex>(layerPath(diffID))
  if (!index)
    throw new EngineError('dataLoss', `the layer ${diffID} is missing from the store: run "minidock system check"`)
  return index
}

/** A stored layer's tar: exactly the bytes whose digest is its diffID. */
export function layerTarOf(reader: StoreReader, blobs: BlobReader, diffID: string): LayerTar {
  const index = readLayerIndex(reader, diffID)
  const bytes =
    index.tar === 'made' ? () => writeTar(madeEntries(index.entries)) : () => pieces(blobs, diffID, index.tarSize)
  return { size: index.tarSize, bytes }
}

function* pieces(blobs: BlobReader, digest: string, size: number): Generator<Uint8Array, void> {
  for (let at = 0; at < size; ) {
    const piece = blobs.readAt(digest, at, Math.min(PIECE, size - at))
    if (piece.length === 0)
      throw new EngineError('dataLoss', `the blob ${digest} is cut short: run "minidock system check"`)
    yield piece
    at += piece.length
  }
}
