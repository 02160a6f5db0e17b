/** One transaction under way: what it has read, and what it is going to change. */
import { join } from 'node:path'
import { removeQuietly, stageFile, temporaryName } from './atomic.ts'
import { appendAt, type Change } from './journal.ts'
import type { StoreReader, Transaction } from './types.ts'

/** Collects what a transaction changes; nothing is written before its end, but for bytes that nobody sees yet. */
export class OpenTransaction implements Transaction {
  readonly root: string
  readonly #reader: StoreReader
  /** Documents as read or put; undefined: removed or absent. */
  readonly #documents = new Map<string, unknown>()
  readonly #changed = new Set<string>()
  readonly #removed = new Set<string>()
  /** Files of bytes that are complete under another name. */
  readonly #staged = new Map<string, string>()
  #appended = false

  constructor(reader: StoreReader) {
    this.#reader = reader
    this.root = reader.root
  }

  locate(path: string): string {
    return this.#reader.locate(path)
  }

  generation(): number {
    return this.#reader.generation()
  }

  damaged(message: string): void {
    this.#reader.damaged?.(message)
  }

  read<T>(path: string): T | undefined {
    if (this.#documents.has(path)) return this.#documents.get(path) as T | undefined
    const document = this.#isRemoved(path) ? undefined : this.#reader.read<T>(path)
    this.#documents.set(path, document)
    return document
  }

  list(path: string): string[] {
    const names = new Set(this.#reader.list(path).filter(name => !this.#isRemoved(`${path}/${name}`)))
    for (const changed of [...this.#changed, ...this.#staged.keys()])
      if (changed.startsWith(`${path}/`)) names.add(changed.slice(path.length + 1).split('/', 1)[0] ?? '')
    return [...names].sort()
  }

  put(path: string, document: unknown): void {
    this.#documents.set(path, document)
    this.#changed.add(path)
    this.#unstage(path)
  }

  putBytes(path: string, bytes: Uint8Array): void {
    const file = stageFile(this.locate(path), bytes, true)
    this.#unstage(path)
    this.#changed.delete(path)
    this.#documents.delete(path)
    this.#staged.set(path, file.slice(join(this.root, '/').length))
  }

  remove(path: string): void {
    const within = (known: string): boolean => known === path || known.startsWith(`${path}/`)
    for (const known of [...this.#documents.keys()]) if (within(known)) this.#documents.set(known, undefined)
    for (const known of [...this.#changed]) if (within(known)) this.#changed.delete(known)
    for (const known of [...this.#staged.keys()]) if (within(known)) this.#unstage(known)
    this.#documents.set(path, undefined)
    this.#removed.add(path)
  }

  append(path: string, committed: number, bytes: Uint8Array): number {
    this.#appended = true
    let file = this.#staged.get(path)
    if (file === undefined && this.#isRemoved(path)) {
      // What lies there goes with the commit: the new file is made beside it.
      file = temporaryName(path)
      this.#staged.set(path, file)
    }
    appendAt(this.locate(file ?? path), committed, bytes)
    return committed + bytes.length
  }

  /** What is to be done, in this order. `touched`: bytes were appended. */
  changes(): { changes: Change[]; touched: boolean } {
    const written = [...this.#changed, ...this.#staged.keys()]
    // Who reads meanwhile finds what an index names: things go after the documents that name them.
    const changes: Change[] = [
      ...[...this.#changed].map(
        (path): Change => ({ op: 'put', path, text: JSON.stringify(this.#documents.get(path)) }),
      ),
      ...[...this.#staged].map(([path, from]): Change => ({ op: 'move', path, from })),
      ...[...this.#removed].flatMap(path => this.#removals(path, written)),
    ]
    return { changes, touched: this.#appended }
  }

  /** From now on what was written is needed. */
  committed(): void {
    this.#staged.clear()
  }

  /** Takes away what was written for nothing. */
  abort(): void {
    for (const path of [...this.#staged.keys()]) this.#unstage(path)
  }

  #unstage(path: string): void {
    const file = this.#staged.get(path)
    if (file !== undefined) removeQuietly(this.locate(file))
    this.#staged.delete(path)
  }

  /**
   * What to remove for `path`. A folder that gets new content is not removed whole but for what it held: only so may a
   * commit that broke off be carried out again from its start.
   */
  #removals(path: string, written: readonly string[]): Change[] {
    if (written.includes(path)) return []
    if (!written.some(other => other.startsWith(`${path}/`))) return [{ op: 'remove', path }]
    return this.#reader.list(path).flatMap(name => this.#removals(`${path}/${name}`, written))
  }

  #isRemoved(path: string): boolean {
    for (const removed of this.#removed) if (path === removed || path.startsWith(`${removed}/`)) return true
    return false
  }
}
