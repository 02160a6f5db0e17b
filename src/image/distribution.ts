/**
 * Which compressed blobs a layer is known as in registries (moby's v2metadata): what a push need not send again.
 * `distribution/<hex of the diffID>.json`.
 */
import type { StoreReader, Transaction } from '../store/types.ts'

export interface KnownBlob {
  digest: string
  /** Bytes. */
  size: number
  /** Where it was seen: `localhost:5000` and `team/app`. */
  domain: string
  path: string
}

/** As many as are remembered for a layer. */
const MOST = 20

const documentPath = (diffID: string): string => `distribution/${diffID.slice('sha256:'.length)}.json`

/** The blobs of a layer, the last seen first. */
export function knownBlobs(reader: StoreReader, diffID: string): KnownBlob[] {
  return reader.read<{ v: 1; blobs: KnownBlob[] }>(documentPath(diffID))?.blobs ?? []
}

/** Remembers where a layer's blob is. */
export function rememberBlob(tx: Transaction, diffID: string, blob: KnownBlob): void {
  const others = knownBlobs(tx, diffID).filter(
    ({ digest, domain, path }) => digest !== blob.digest || domain !== blob.domain || path !== blob.path,
  )
  tx.put(documentPath(diffID), { v: 1, blobs: [blob, ...others].slice(0, MOST) })
}

/** Forgets a layer that is removed. */
export function forgetBlobs(tx: Transaction, diffID: string): void {
  tx.remove(documentPath(diffID))
}
