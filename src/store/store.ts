/** The store: JSON documents in a folder, changed by durable transactions under one lock. See architecture 2. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError, systemError } from '../errors.ts'
import { codeOf, hostError, replaceFile, temporaryName } from './atomic.ts'
import { appendAt, applyChanges, type Change, readJournal, removeJournal, writeJournal } from './journal.ts'
import { acquireLock, type Lock, processWord } from './lock.ts'
import type { Store, StoreReader, Transaction } from './types.ts'

/** The layout this program writes; a store of another number is refused. */
const storeVersion = 1

export interface StoreOptions {
  /** Told once when another process holds the lock for long. */
  waiting?: (pid: number) => void
}

/** Opens (and makes, where missing) the store in a folder. Throws EngineError for one that cannot be used. */
export function openStore(root: string, options: StoreOptions = {}): Store {
  prepare(root)
  const reader = makeReader(root)
  let busy = false
  const begin = (): Lock => {
    if (busy) throw new Error('a transaction within a transaction')
    const lock = acquireLock(join(root, 'lock'), options.waiting)
    busy = true
    return lock
  }
  const end = (lock: Lock): void => {
    busy = false
    lock.release()
  }
  const open = (lock: Lock): OpenTransaction => {
    const left = readJournal(root)
    if (left) {
      applyChanges(root, left, processWord(), true)
      removeJournal(root)
    }
    if (left || lock.takenOver) nextGeneration(root, reader)
    return new OpenTransaction(reader)
  }
  return {
    ...reader,
    transaction(change) {
      const lock = begin()
      try {
        const tx = open(lock)
        const result = change(tx)
        commit(root, reader, tx)
        return result
      } finally {
        end(lock)
      }
    },
    async transactionAsync(change) {
      const lock = begin()
      try {
        const tx = open(lock)
        const result = await change(tx)
        commit(root, reader, tx)
        return result
      } finally {
        end(lock)
      }
    },
  }
}

function prepare(root: string): void {
  const file = join(root, 'version')
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw hostError(error, 'open', root)
    try {
      mkdirSync(root, { recursive: true, mode: 0o700 })
    } catch (cause) {
      throw hostError(cause, 'mkdir', root)
    }
    replaceFile(file, `${JSON.stringify({ version: storeVersion })}\n`, processWord(), true)
    return
  }
  const version = parse<{ version: number }>(text, file).version
  if (version !== storeVersion)
    throw systemError(`the store ${root} has version ${version}, and this minidock knows version ${storeVersion}: use the minidock that made it, or another MINIDOCK_HOME`)
  // A crash in the middle of a commit: what is half applied must not be seen.
  if (existsSync(join(root, 'journal.json'))) recover(root)
}

function recover(root: string): void {
  const lock = acquireLock(join(root, 'lock'))
  try {
    const left = readJournal(root)
    if (left) applyChanges(root, left, processWord(), true)
    removeJournal(root)
  } finally {
    lock.release()
  }
}

function makeReader(root: string): StoreReader {
  const locate = (path: string): string => join(root, path)
  return {
    root,
    locate,
    read<T>(path: string): T | undefined {
      let text: string
      try {
        text = readFileSync(locate(path), 'utf8')
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return undefined
        throw hostError(error, 'read', locate(path))
      }
      return parse<T>(text, locate(path))
    },
    list(path) {
      try {
        return readdirSync(locate(path)).filter(name => !name.includes('.tmp-')).sort()
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return []
        throw hostError(error, 'read', locate(path))
      }
    },
    generation() {
      try {
        return Number(readFileSync(locate('generation'), 'utf8'))
      } catch {
        return 0
      }
    },
  }
}

function parse<T>(text: string, path: string): T {
  try {
    return JSON.parse(text) as T
  } catch {
    throw new EngineError('dataLoss', `the document ${path} is damaged; 'minidock system check --repair' sets it aside`)
  }
}

/** Collects what a transaction changes; nothing is written before `commit`, but for bytes that nobody sees yet. */
class OpenTransaction implements Transaction {
  readonly root: string
  readonly #reader: StoreReader
  /** Documents as read or put; undefined: removed or absent. */
  readonly documents = new Map<string, unknown>()
  readonly changed = new Set<string>()
  readonly removed = new Set<string>()
  readonly moves = new Map<string, string>()
  /** Files appended to, to be made durable before the commit. */
  readonly appended = new Set<string>()

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

  read<T>(path: string): T | undefined {
    if (this.documents.has(path)) return this.documents.get(path) as T | undefined
    const document = this.#isRemoved(path) ? undefined : this.#reader.read<T>(path)
    this.documents.set(path, document)
    return document
  }

  list(path: string): string[] {
    const names = new Set(this.#reader.list(path).filter(name => !this.#isRemoved(`${path}/${name}`)))
    for (const changed of [...this.changed, ...this.moves.keys()]) if (changed.startsWith(`${path}/`)) names.add(changed.slice(path.length + 1).split('/', 1)[0] ?? '')
    return [...names].sort()
  }

  put(path: string, document: unknown): void {
    this.documents.set(path, document)
    this.changed.add(path)
    this.moves.delete(path)
  }

  putBytes(path: string, bytes: Uint8Array): void {
    const from = temporaryName(path, processWord())
    replaceFile(this.locate(from), bytes, processWord(), true)
    this.moves.set(path, from)
  }

  remove(path: string): void {
    for (const known of [...this.documents.keys()]) if (known === path || known.startsWith(`${path}/`)) this.documents.set(known, undefined)
    for (const known of [...this.changed]) if (known === path || known.startsWith(`${path}/`)) this.changed.delete(known)
    for (const known of [...this.moves.keys()]) if (known === path || known.startsWith(`${path}/`)) this.moves.delete(known)
    for (const known of [...this.appended]) if (known === path || known.startsWith(`${path}/`)) this.appended.delete(known)
    this.documents.set(path, undefined)
    this.removed.add(path)
  }

  append(path: string, committed: number, bytes: Uint8Array): number {
    appendAt(this.locate(path), committed, bytes)
    this.appended.add(path)
    return committed + bytes.length
  }

  #isRemoved(path: string): boolean {
    for (const removed of this.removed) if (path === removed || path.startsWith(`${removed}/`)) return true
    return false
  }
}

function commit(root: string, reader: StoreReader, tx: OpenTransaction): void {
  const changes: Change[] = [
    ...[...tx.removed].map((path): Change => ({ op: 'remove', path })),
    ...[...tx.changed].map((path): Change => ({ op: 'put', path, text: JSON.stringify(tx.documents.get(path)) })),
    ...[...tx.moves].map(([path, from]): Change => ({ op: 'move', path, from })),
  ]
  if (changes.length === 0 && tx.appended.size === 0) return
  for (const path of tx.appended) syncFile(reader.locate(path))
  if (changes.length === 1) applyChanges(root, changes, processWord(), true)
  else if (changes.length > 1) {
    writeJournal(root, changes, processWord())
    applyChanges(root, changes, processWord(), false)
    removeJournal(root)
  }
  nextGeneration(root, reader)
}

/** Tells other processes that something has changed. */
function nextGeneration(root: string, reader: StoreReader): void {
  const file = join(root, 'generation')
  const text = String(reader.generation() + 1)
  // In place and without fsync: it only has to differ from what a living process has seen.
  try {
    const fd = openSync(file, 'w', 0o600)
    writeSync(fd, text)
    closeSync(fd)
  } catch (error) {
    throw hostError(error, 'write', file)
  }
}

function syncFile(path: string): void {
  try {
    const fd = openSync(path, 'r+')
    fsyncSync(fd)
    closeSync(fd)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw hostError(error, 'sync', path)
  }
}
