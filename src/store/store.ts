/** The store: JSON documents in a folder, changed by durable transactions under one lock. See architecture 2. */
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { blockFor } from '../clock.ts'
import { codeOf, EngineError, systemError } from '../errors.ts'
import { hostError, isTemporary, replaceFile } from './atomic.ts'
import { commitTogether, emptyTrash, hasJournal, redoJournal } from './journal.ts'
import { acquireLock, type Lock } from './lock.ts'
import { OpenTransaction } from './transaction.ts'
import type { Store, StoreReader } from './types.ts'

/** The layout this program writes; a store of another number is refused. */
const storeVersion = 1
/** How often a view is tried before it takes the lock. */
const viewTries = 20

export interface StoreOptions {
  /** Told once when another process holds the lock for long. */
  waiting?: (pid: number) => void
  /** Told of a damaged document that is passed over, once for each. */
  damaged?: (message: string) => void
}

/** Opens (and makes, where missing) the store in a folder. Throws EngineError for one that cannot be used. */
export function openStore(root: string, options: StoreOptions = {}): Store {
  prepare(root)
  const reader = makeReader(root, options.damaged)
  let busy = false
  let own = -1
  const begin = (): Lock => {
    if (busy) throw new Error('a transaction within a transaction')
    const lock = acquireLock(join(root, 'lock'), options.waiting)
    busy = true
    return lock
  }
  const end = (lock: Lock, trash: boolean): void => {
    busy = false
    own = reader.generation()
    lock.release()
    if (trash) emptyTrash(root)
  }
  const redo = (): boolean => redoJournal(root, () => nextGeneration(root))
  // A crash in the middle of a commit: what is half applied must not be seen.
  if (hasJournal(root)) {
    const lock = begin()
    try {
      redo()
    } finally {
      end(lock, true)
    }
  }
  const finish = (tx: OpenTransaction, lock: Lock): boolean => {
    const { changes, touched } = tx.changes()
    if (changes.length === 0 && !touched) return false
    lock.ensure()
    // Before and after: a process that dies in between has told the others, and a view sees that it was disturbed.
    nextGeneration(root)
    const apply = commitTogether(root, changes)
    tx.committed()
    apply(() => nextGeneration(root))
    return changes.some(change => change.op === 'remove')
  }
  return {
    ...reader,
    ownGeneration: () => own,
    transaction(change) {
      const lock = begin()
      let trash = lock.takenOver
      let tx: OpenTransaction | undefined
      try {
        trash = redo() || trash
        tx = new OpenTransaction(reader)
        const result = change(tx)
        trash = finish(tx, lock) || trash
        tx = undefined
        return result
      } finally {
        tx?.abort()
        end(lock, trash)
      }
    },
    async transactionAsync(change) {
      const lock = begin()
      let trash = lock.takenOver
      let tx: OpenTransaction | undefined
      try {
        trash = redo() || trash
        tx = new OpenTransaction(reader)
        const result = await change(tx)
        trash = finish(tx, lock) || trash
        tx = undefined
        return result
      } finally {
        tx?.abort()
        end(lock, trash)
      }
    },
    view(look) {
      if (busy) return look(reader)
      for (let tries = 0; tries < viewTries; tries++) {
        const before = reader.generation()
        if (!hasJournal(root)) {
          const seen = attempt(() => look(reader))
          if (reader.generation() === before && !hasJournal(root)) return seen()
        }
        blockFor(0.3)
      }
      const lock = begin()
      try {
        redo()
        return look(reader)
      } finally {
        end(lock, false)
      }
    },
  }
}

/** What a function returns or throws, kept for later. */
function attempt<T>(look: () => T): () => T {
  try {
    const value = look()
    return () => value
  } catch (error) {
    return () => {
      throw error
    }
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
    replaceFile(file, `${JSON.stringify({ version: storeVersion })}\n`, true)
    return
  }
  const { version } = parse<{ version: number }>(text, file)
  if (version !== storeVersion)
    throw systemError(
      `the store ${root} has version ${version}, and this minidock knows version ${storeVersion}: use the minidock that made it, or another MINIDOCK_HOME`,
    )
}

function makeReader(root: string, damaged: (message: string) => void = () => {}): StoreReader {
  const locate = (path: string): string => join(root, path)
  const told = new Set<string>()
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
        return readdirSync(locate(path))
          .filter(name => !isTemporary(name))
          .sort()
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return []
        throw hostError(error, 'read', locate(path))
      }
    },
    generation() {
      try {
        return Number(readFileSync(locate('generation'), 'latin1')) || 0
      } catch {
        return 0
      }
    },
    damaged(message) {
      if (!told.has(message)) damaged(message)
      told.add(message)
    },
  }
}

/** A document's text as an object: every document is one. */
function parse<T>(text: string, path: string): T {
  try {
    const document: unknown = JSON.parse(text)
    if (typeof document === 'object' && document !== null) return document as T
  } catch {
    // Said below.
  }
  throw new EngineError('dataLoss', `the document ${path} is damaged; 'minidock system check --repair' sets it aside`)
}

/**
 * Tells other processes that something changes. In place, with as many bytes as before and without fsync: it needs
 * no space, and only has to differ from what a living process has seen.
 */
function nextGeneration(root: string): void {
  const file = join(root, 'generation')
  try {
    const fd = openEither(file)
    try {
      const before = Number(readFileSync(file, 'latin1')) || 0
      writeSync(fd, String(before + 1).padStart(16, '0'), 0)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    throw hostError(error, 'write', file)
  }
}

function openEither(file: string): number {
  try {
    return openSync(file, 'r+')
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    return openSync(file, 'w', 0o600)
  }
}
