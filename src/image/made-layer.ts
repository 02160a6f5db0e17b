/** Layers without a stored tar: it is written from the index's entries, always with the same bytes. */
import { headBytes } from '../layer/layer.ts'
import type { LayerEntry } from '../layer/layer-index.ts'
import type { TarEntry } from '../layer/tar-writer.ts'

const zeros = new Uint8Array(1 << 20)

/** The entries of a layer with their bytes (a head, then zeros), for the tar writer. */
export function* madeEntries(entries: readonly LayerEntry[]): Generator<TarEntry, void> {
  for (const entry of entries) yield { header: entry, ...(entry.type === 'file' && { content: content(entry) }) }
}

function* content(entry: LayerEntry): Generator<Uint8Array, void> {
  const head = headBytes(entry)
  if (head.length > 0) yield head
  for (let rest = (entry.size ?? 0) - head.length; rest > 0; rest -= zeros.length) {
    yield rest < zeros.length ? zeros.subarray(0, rest) : zeros
  }
}
