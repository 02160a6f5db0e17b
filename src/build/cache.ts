/** The build cache in the store: what each executed step gave, by its key. */
import type { StoreReader, Transaction } from '../store/types.ts'
import type { KeyParts } from './keys.ts'

export const cachePath = 'buildcache/index.json'
export const cacheMountFolder = (id: string): string => `buildcache/mounts/${id}`

/** One record. Times are ms since the epoch. */
export interface StoredRecord {
  /** An id as BuildKit's are: 25 letters and digits. */
  id: string
  key: string
  parts: KeyParts
  /** `[2/4] RUN make`. */
  name: string
  /** The stack of layers with the step's own on top, lowest first; empty for a cache mount. */
  diffIDs: readonly string[]
  /** Bytes of its own layer. */
  size: number
  created: number
  lastUsed: number
  used: number
  type: 'regular' | 'exec.cachemount' | 'source.local'
  /** Id of the record it is built upon; absent for the first. */
  parent?: string
}

export interface BuildCache {
  v: 1
  records: Record<string, StoredRecord>
}

/** The cache's records by key; none for a new store. */
export function readCache(reader: StoreReader): BuildCache {
  return reader.read<BuildCache>(cachePath) ?? { v: 1, records: {} }
}

/** Adds or replaces a record. */
export function putRecord(tx: Transaction, record: StoredRecord): void {
  const cache = readCache(tx)
  cache.records[record.key] = record
  tx.put(cachePath, cache)
}

/** Stacks of diffIDs that the cache's records hold. */
export function cachedStacks(reader: StoreReader): readonly (readonly string[])[] {
  return Object.values(readCache(reader).records).map(record => record.diffIDs)
}
