/**
 * The redo log of a transaction that changes several files: once `journal.json` is there, the transaction has
 * happened, and applying it again and again gives the same store.
 */
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { codeOf, EngineError } from '../errors.ts'
import { hostError, makerOf, removeQuietly, replaceFile, stageFile, temporaryName } from './atomic.ts'

export type Change =
  | { op: 'put'; path: string; text: string }
  /** A file that lies complete under `from`, to be moved to its place. */
  | { op: 'move'; path: string; from: string }
  | { op: 'remove'; path: string }

const journalName = 'journal.json'
const trashName = 'trash'

/** Whether a transaction is being carried out, or was when its process died. */
export const hasJournal = (root: string): boolean => existsSync(join(root, journalName))

/**
 * Makes changes happen as one step: everything or, when it throws, nothing. All that needs space on the disk is
 * written before. Returns what puts them in their places; a process that dies meanwhile leaves that to the next one.
 * `applied` is called when all is in its place, before others may rely on it.
 */
export function commitTogether(root: string, changes: readonly Change[]): (applied: () => void) => void {
  const staged = new Map<Change, string>()
  const [only] = changes
  const unstage = (): void => {
    for (const file of staged.values()) removeQuietly(file)
  }
  try {
    // A single change is one rename in itself. With several, the journal is what a loss of power leaves; file systems
    // write a file out before they let it replace another one (ext4's auto_da_alloc), but not before it is a new one.
    for (const change of changes) {
      if (change.op !== 'put') continue
      const path = join(root, change.path)
      staged.set(change, stageFile(path, change.text, changes.length === 1 || !existsSync(path)))
    }
    for (const change of changes) if (change.op !== 'remove') refuseFolder(join(root, change.path))
    if (changes.some(change => change.op === 'remove')) makeFolder(join(root, trashName))
    if (changes.length > 1) replaceFile(join(root, journalName), JSON.stringify(changes), true)
    else if (only) apply(root, only, staged.get(only))
  } catch (error) {
    unstage()
    throw error
  }
  return applied => {
    try {
      if (changes.length > 1) for (const change of changes) apply(root, change, staged.get(change))
      applied()
    } catch (error) {
      // The next one redoes it from the journal.
      unstage()
      throw error
    }
    if (changes.length > 1) removeQuietly(join(root, journalName))
  }
}

/** Completes what a process that died has left. Returns whether there was anything. */
export function redoJournal(root: string, applied: () => void): boolean {
  const left = readJournal(root)
  if (!left) return false
  for (const change of left) apply(root, change, undefined)
  applied()
  removeQuietly(join(root, journalName))
  return true
}

function readJournal(root: string): Change[] | undefined {
  const file = join(root, journalName)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw hostError(error, 'read', file)
  }
  try {
    const changes: unknown = JSON.parse(text)
    if (Array.isArray(changes)) return changes as Change[]
  } catch {
    // Said below.
  }
  throw new EngineError('dataLoss', `the document ${file} is damaged; 'minidock system check --repair' sets it aside`)
}

/** A file cannot take a folder's place: to be found before the moment from which on there is no way back. */
function refuseFolder(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw hostError(Object.assign(new Error(), { code: 'EISDIR' }), 'write', path)
}

/** What has been done already is done again without harm. `staged` holds the new file, where it is written already. */
function apply(root: string, change: Change, staged: string | undefined): void {
  const path = join(root, change.path)
  switch (change.op) {
    case 'put':
      if (staged === undefined) replaceFile(path, change.text, true)
      else move(staged, path)
      break
    case 'move':
      move(join(root, change.from), path)
      break
    case 'remove':
      removeAll(root, path)
      break
  }
}

function move(from: string, to: string): void {
  makeFolder(dirname(to))
  try {
    renameSync(from, to)
  } catch (error) {
    // Moved already, by the process that died after it.
    if (codeOf(error) !== 'ENOENT') throw hostError(error, 'write', to)
  }
}

/** A file or folder goes out of sight with one rename; `emptyTrash` takes it apart when the lock is free. */
function removeAll(root: string, path: string): void {
  makeFolder(join(root, trashName))
  try {
    renameSync(path, temporaryName(join(root, trashName, 'removed')))
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw hostError(error, 'remove', path)
  }
}

function makeFolder(path: string): void {
  if (existsSync(path)) return
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw hostError(error, 'mkdir', path)
  }
}

/** Gives back the space of what was removed, by this process or by one that has ended meanwhile. */
export function emptyTrash(root: string): void {
  const trash = join(root, trashName)
  try {
    for (const name of readdirSync(trash))
      if (makerOf(name) !== 'alive') rmSync(join(trash, name), { recursive: true, force: true })
  } catch {
    // There is none, or it cannot be removed now: `system check` tells.
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
