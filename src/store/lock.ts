/**
 * The store's one lock: a file made by link(2) that names its owner. It is held for milliseconds. A dead owner's
 * lock is taken over at once; a living owner is waited for.
 */
import { closeSync, linkSync, openSync, readFileSync, statSync, unlinkSync, writeFileSync, writeSync } from 'node:fs'
import { blockFor } from '../clock.ts'
import { codeOf, EngineError } from '../errors.ts'
import { hostError, removeQuietly, temporaryName } from './atomic.ts'
import { identity, isGone, type Owner } from './owner.ts'

/** When to tell the user that another process is being waited for, and when to give up, in ms. */
const patience = { tell: 2000, giveUp: 60_000 }
/** A lock whose owner cannot be looked at (another host or PID namespace) is broken after so long, in ms. */
const foreignLease = 30_000
/** A lock that does not name its owner (the machine lost power) is broken after so long, in ms. */
const namelessLease = 2000

interface Holder extends Owner {
  token: string
}

export interface Lock {
  release(): void
  /** Throws EngineError('unavailable') when another process has taken the lock, as from a machine that was suspended. */
  ensure(): void
  /** Whether the lock was taken from an owner that had died holding it. */
  readonly takenOver: boolean
}

/**
 * Takes the lock at `path`, waiting for its owner. `waiting` is told once, when that takes long.
 * Throws EngineError('unavailable') after a minute, and 'system' where the folder cannot be written.
 */
export function acquireLock(path: string, waiting: (pid: number) => void = () => {}): Lock {
  const mine = temporaryName(path)
  const holder: Holder = { ...identity(), token: mine.slice(path.length) }
  try {
    writeFileSync(mine, JSON.stringify(holder), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    removeQuietly(mine)
    throw hostError(error, 'lock', path)
  }
  let takenOver = false
  let told = false
  try {
    for (let waited = 0, pause = 0.2; !tryLock(mine, path, holder); ) {
      const other = readHolder(path)
      if (isStale(other, path)) {
        takenOver = breakLock(path, other) || takenOver
        continue
      }
      if (waited >= patience.giveUp)
        throw new EngineError('unavailable', `the store is locked by process ${other?.pid ?? '?'} (${path})`)
      if (waited >= patience.tell && !told && other) {
        told = true
        waiting(other.pid)
      }
      blockFor(pause)
      waited += pause
      pause = Math.min(pause * 1.5, 10)
    }
  } finally {
    removeQuietly(mine)
  }
  const isMine = (): boolean => readHolder(path)?.token === holder.token
  return {
    takenOver,
    ensure() {
      if (!isMine()) throw new EngineError('unavailable', `the lock ${path} was taken by another process: try again`)
    },
    release() {
      if (isMine()) removeQuietly(path)
    },
  }
}

/** Makes the lock, complete from its first moment on; false when there is one. */
function tryLock(mine: string, path: string, holder: Holder): boolean {
  try {
    linkSync(mine, path)
    return true
  } catch (error) {
    const code = codeOf(error) ?? ''
    if (code === 'EEXIST') return false
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code)) throw hostError(error, 'lock', path)
  }
  // A file system without hard links (exFAT, some shared folders): there is a moment without a name in it.
  try {
    const fd = openSync(path, 'wx', 0o600)
    writeSync(fd, JSON.stringify(holder))
    closeSync(fd)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw hostError(error, 'lock', path)
  }
}

function isStale(holder: Holder | undefined, path: string): boolean {
  if (!holder) return age(path) > namelessLease
  return isGone(holder) ?? age(path) > foreignLease
}

/** Removes a stale lock. Breakers take turns, so that none removes the lock of the one who came after. */
function breakLock(path: string, stale: Holder | undefined): boolean {
  const breaker = `${path}.break`
  let turn: number
  try {
    turn = openSync(breaker, 'wx', 0o600)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw hostError(error, 'lock', path)
    if (age(breaker) > namelessLease) removeQuietly(breaker)
    blockFor(0.2)
    return false
  }
  try {
    const now = readHolder(path)
    if (now?.token !== stale?.token || (!now && age(path) <= namelessLease)) return false
    unlinkSync(path)
    return true
  } catch {
    return false
  } finally {
    closeSync(turn)
    removeQuietly(breaker)
  }
}

function readHolder(path: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8')) as Holder | null
    return typeof holder?.pid === 'number' && typeof holder.token === 'string' ? holder : undefined
  } catch {
    return undefined
  }
}

/** ms since a file was changed, by the file system's own idea of now; 0 for one that is not there. */
function age(path: string): number {
  const probe = temporaryName(path)
  try {
    writeFileSync(probe, '')
    return statSync(probe).mtimeMs - statSync(path).mtimeMs
  } catch {
    return 0
  } finally {
    removeQuietly(probe)
  }
}
