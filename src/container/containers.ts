/** The containers of a store: their records, and the index that saves reading them all. */
import { orInstead, readWhole } from '../store/damaged.ts'
import type { Store, StoreReader, Transaction } from '../store/types.ts'
import { type ContainerRecord, isRunning } from './record.ts'
import { resolveContainer } from './resolve.ts'
import { type ContainerIndexEntry, indexEntry } from './summary.ts'

/** `index/containers.json`. It is derived: a damaged or lost one is made anew from the records. */
export interface ContainerIndex {
  v: 1
  /** Sequence number of the next container. */
  next: number
  entries: Record<string, ContainerIndexEntry>
  /** Exit codes of the containers removed last, for who waits for them: newest last. */
  removed: { id: string; exitCode: number }[]
}

/** How many removed containers' exit codes are kept. */
const keptExits = 64

export const indexPath = 'index/containers.json'
export const containerFolder = (id: string): string => `containers/${id}`
export const recordPath = (id: string): string => `${containerFolder(id)}/config.json`
export const processesPath = (id: string): string => `${containerFolder(id)}/proc.json`
export const streamPath = (id: string): string => `${containerFolder(id)}/stream.log`
export const execStreamPath = (id: string, exec: string): string => `${containerFolder(id)}/exec-${exec}.log`

/** The index; an empty one for a new store. */
export function readIndex(reader: StoreReader): ContainerIndex {
  return orInstead(
    reader,
    () => reader.read<ContainerIndex>(indexPath) ?? rebuildIndex(reader),
    () => rebuildIndex(reader),
  )
}

/** The index made anew from the records, and stored when `reader` is a transaction. Damaged records are left out. */
export function rebuildIndex(reader: StoreReader): ContainerIndex {
  const index: ContainerIndex = { v: 1, next: 0, entries: {}, removed: [] }
  for (const id of reader.list('containers')) {
    const record = readWhole<ContainerRecord>(reader, recordPath(id))
    if (!record) continue
    // Due at once: the engine looks at what runs, and finds when it is really due.
    index.entries[id] = indexEntry(record, isRunning(record) ? 0 : undefined)
    index.next = Math.max(index.next, record.sequence + 1)
  }
  if ('put' in reader) (reader as Transaction).put(indexPath, index)
  return index
}

/** Index rows, the newest container first: the order of `docker ps`. */
export function newestFirst(index: ContainerIndex): ContainerIndexEntry[] {
  return Object.values(index.entries).sort((a, b) => b.sequence - a.sequence)
}

/** The index row that a user's word means. Throws as `resolveContainer`. */
export function findEntry(reader: StoreReader, reference: string): ContainerIndexEntry {
  const { entries } = readIndex(reader)
  return entries[reference] ?? resolveContainer(Object.values(entries), reference)
}

/** The record that a user's word means. Throws as `resolveContainer`. */
export function findRecord(reader: StoreReader, reference: string): ContainerRecord {
  return readRecord(reader, findEntry(reader, reference).id)
}

export function readRecord(reader: StoreReader, id: string): ContainerRecord {
  const record = reader.read<ContainerRecord>(recordPath(id))
  // The index row exists, so the document was lost: resolving again names the container as missing.
  return record ?? (resolveContainer([], id) as never)
}

/** The record of a container that may have been removed by now; for who reads while others change the store. */
export function recordIfThere(store: Store, id: string): ContainerRecord | undefined {
  return store.view(reader => (readIndex(reader).entries[id] ? readRecord(reader, id) : undefined))
}

/** Stores a record and its index row. `wakeAt` is when the engine next has something to do for it. */
export function saveRecord(tx: Transaction, record: ContainerRecord, wakeAt: number | undefined): void {
  const index = readIndex(tx)
  index.entries[record.id] = indexEntry(record, wakeAt)
  index.next = Math.max(index.next, record.sequence + 1)
  tx.put(recordPath(record.id), record)
  tx.put(indexPath, index)
}

/** What stays of a removed container whose output someone is still reading. */
export interface Tombstone {
  v: 1
  logLength: number
}

export const tombstonePath = (id: string): string => `${containerFolder(id)}/removed.json`
export const filesFolder = (id: string): string => `${containerFolder(id)}/fs`

/**
 * Removes a container from the store. While someone is attached, its stream file stays with a tombstone, which the
 * last reader takes away with `forgetRemoved`.
 */
export function deleteContainer(tx: Transaction, record: ContainerRecord): void {
  const index = readIndex(tx)
  delete index.entries[record.id]
  index.removed = [...index.removed, { id: record.id, exitCode: record.state.exitCode }].slice(-keptExits)
  tx.put(indexPath, index)
  if (record.attached === 0) {
    tx.remove(containerFolder(record.id))
    return
  }
  for (const path of [recordPath(record.id), processesPath(record.id), filesFolder(record.id)]) tx.remove(path)
  tx.put(tombstonePath(record.id), { v: 1, logLength: record.logLength } satisfies Tombstone)
}

export function forgetRemoved(tx: Transaction, id: string): void {
  if (tx.read<Tombstone>(tombstonePath(id))) tx.remove(containerFolder(id))
}
