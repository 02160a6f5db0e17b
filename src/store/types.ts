/**
 * What the rest of minidock sees of the store. Documents are named by their path below the store's root,
 * with forward slashes: `containers/<id>/config.json`.
 */

/** Reads without a lock. A document is whole or absent, never half-written. */
export interface StoreReader {
  /** Absolute path of the store's root. */
  readonly root: string
  /** The parsed JSON document; undefined when there is none. Throws EngineError('dataLoss') naming the path when damaged. */
  read<T>(path: string): T | undefined
  /** Names in a folder, sorted; [] when there is none. */
  list(path: string): string[]
  /** Absolute path of a document or file. */
  locate(path: string): string
  /** Grows with every transaction; two reads with the same number saw the same store. */
  generation(): number
  /** Is told of a damaged document that the reader goes on without; `damaged.ts` calls it. */
  damaged?(message: string): void
}

/** A transaction: all of its changes are found after a crash, or none. Reads see its own changes. */
export interface Transaction extends StoreReader {
  put(path: string, document: unknown): void
  /** A file of bytes, replaced whole. */
  putBytes(path: string, bytes: Uint8Array): void
  /** Removes a document, file or whole folder; no error when absent. */
  remove(path: string): void
  /**
   * Appends to a file whose committed length the caller keeps in a document of the same transaction. Bytes
   * beyond `committed` (left by a crash) are overwritten. Returns the new length.
   */
  append(path: string, committed: number, bytes: Uint8Array): number
}

export interface Store extends StoreReader {
  /**
   * Runs `change` under the store's lock and commits what it did as one transaction, durably. Nothing is
   * written when it throws. Must not be nested and must not wait for anything.
   */
  transaction<T>(change: (tx: Transaction) => T): T
  /** The same where the change has to wait for lazily loaded code; the lock is held meanwhile. */
  transactionAsync<T>(change: (tx: Transaction) => Promise<T>): Promise<T>
  /**
   * Reads several documents as they were at one moment: `look` is called again when a transaction came in between,
   * and in the end under the lock.
   */
  view<T>(look: (reader: StoreReader) => T): T
  /** The generation at the end of this process's last transaction: an equal one means that nobody has changed anything since. */
  ownGeneration(): number
}
