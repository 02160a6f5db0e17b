/**
 * The redo log of a transaction that changes several files: once `journal.json` is there, the transaction has
 * happened, and applying it again and again gives the same store.
 */
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { codeOf, hostError, removeQuietly, replaceFile, temporaryName } from './atomic.ts'

export type Change =
  | { op: 'put'; path: string; text: string }
  /** A file that lies complete under `from`, to be moved to its place. */
  | { op: 'move'; path: string; from: string }
  | { op: 'append'; path: string; at: number; base64: string }
  | { op: 'remove'; path: string }

const journalName = 'journal.json'

/** Makes the changes durable as a plan. Once this returns they will happen. */
export function writeJournal(root: string, changes: readonly Change[], process: string): void {
  replaceFile(join(root, journalName), JSON.stringify(changes), process, true)
}

/** The plan that a crash has left, if there is one. */
export function readJournal(root: string): Change[] | undefined {
  try {
    return JSON.parse(readFileSync(join(root, journalName), 'utf8')) as Change[]
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw hostError(error, 'read', join(root, journalName))
  }
}

export function removeJournal(root: string): void {
  removeQuietly(join(root, journalName))
}

/** Carries out a plan; what has been done already is done again without harm. */
export function applyChanges(root: string, changes: readonly Change[], process: string, durable: boolean): void {
  for (const change of changes) {
    const path = join(root, change.path)
    switch (change.op) {
      case 'put':
        replaceFile(path, change.text, process, durable)
        break
      case 'append':
        appendAt(path, change.at, Buffer.from(change.base64, 'base64'))
        break
      case 'move':
        move(join(root, change.from), path)
        break
      case 'remove':
        removeAll(root, path, process)
        break
    }
  }
}

/** Writes at an offset, over whatever a crash has left behind it. */
export function appendAt(path: string, at: number, bytes: Uint8Array): void {
  try {
    const fd = openForUpdate(path)
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, at + done)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    throw hostError(error, 'write', path)
  }
}

function openForUpdate(path: string): number {
  for (const flags of ['r+', 'wx+'] as const) {
    try {
      return openSync(path, flags, 0o600)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    }
  }
  return openSync(path, 'r+')
}

function move(from: string, to: string): void {
  try {
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
    renameSync(from, to)
  } catch (error) {
    // Moved already, by the process that died after it.
    if (codeOf(error) !== 'ENOENT') throw hostError(error, 'write', to)
  }
}

/** A folder goes out of sight with one rename, and is then taken apart at leisure. */
function removeAll(root: string, path: string, process: string): void {
  const trash = temporaryName(join(root, 'trash'), process)
  try {
    renameSync(path, trash)
    rmSync(trash, { recursive: true, force: true })
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw hostError(error, 'remove', path)
  }
}
