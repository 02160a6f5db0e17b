/**
 * The store's one lock: a file made by link(2) that names its owner. It is held for milliseconds. A dead owner's
 * lock is taken over at once; a living owner is waited for.
 */
import { closeSync, linkSync, openSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { blockFor } from '../clock.ts'
import { EngineError } from '../errors.ts'
import { codeOf, hostError, removeQuietly, temporaryName } from './atomic.ts'

/** When to tell the user that another process is being waited for, and when to give up, in ms. */
const patience = { tell: 2000, giveUp: 60_000 }
/** A lock whose owner cannot be looked at (another host or PID namespace) is broken after so long, in ms. */
const foreignLease = 30_000
const breakerLease = 2000

interface Owner {
  pid: number
  /** Start time of the process in clock ticks, from /proc; '' where there is none. */
  start: string
  boot: string
  host: string
  token: string
}

let self: Omit<Owner, 'token'> | undefined

function identity(): Omit<Owner, 'token'> {
  self ??= { pid: process.pid, start: startTime(process.pid), boot: readText('/proc/sys/kernel/random/boot_id'), host: hostname() }
  return self
}

/** A word that names this process among those of this machine. */
export function processWord(): string {
  const { pid, start } = identity()
  return `${pid}-${start}`
}

export interface Lock {
  release(): void
  /** Whether the lock was taken from an owner that had died holding it. */
  readonly takenOver: boolean
}

/**
 * Takes the lock at `path`, waiting for its owner. `waiting` is told once, when that takes long.
 * Throws EngineError('unavailable') after a minute, and 'system' where the folder cannot be written.
 */
export function acquireLock(path: string, waiting: (pid: number) => void = () => {}): Lock {
  const owner: Owner = { ...identity(), token: temporaryName('', processWord()) }
  const mine = temporaryName(path, processWord())
  try {
    writeFileSync(mine, JSON.stringify(owner), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    throw hostError(error, 'write', path)
  }
  let takenOver = false
  let told = false
  try {
    for (let waited = 0, pause = 0.2; ; ) {
      if (tryLink(mine, path)) break
      const holder = readOwner(path)
      if (holder && isDead(holder, path)) {
        takenOver = breakLock(path, holder) || takenOver
        continue
      }
      if (waited >= patience.giveUp) throw new EngineError('unavailable', `the store is locked by process ${holder?.pid ?? '?'} (${path})`)
      if (waited >= patience.tell && !told && holder) {
        told = true
        waiting(holder.pid)
      }
      blockFor(pause)
      waited += pause
      pause = Math.min(pause * 1.5, 10)
    }
  } finally {
    removeQuietly(mine)
  }
  return {
    takenOver,
    release() {
      if (readOwner(path)?.token === owner.token) removeQuietly(path)
    },
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw hostError(error, 'lock', to)
  }
}

/** Removes a dead owner's lock. Breakers take turns, so that none removes the lock of the one before. */
function breakLock(path: string, holder: Owner): boolean {
  const breaker = `${path}.break`
  let fd: number
  try {
    fd = openSync(breaker, 'wx', 0o600)
  } catch {
    if (age(breaker) > breakerLease) removeQuietly(breaker)
    blockFor(0.2)
    return false
  }
  try {
    if (readOwner(path)?.token !== holder.token) return false
    unlinkSync(path)
    return true
  } catch {
    return false
  } finally {
    closeSync(fd)
    removeQuietly(breaker)
  }
}

function readOwner(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Owner
  } catch {
    return undefined
  }
}

function isDead(owner: Owner, path: string): boolean {
  const me = identity()
  if (owner.host !== me.host) return age(path) > foreignLease
  if (owner.boot !== me.boot) return true
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return true
  }
  const start = startTime(owner.pid)
  return start !== '' && owner.start !== '' && start !== owner.start
}

function startTime(pid: number): string {
  const stat = readText(`/proc/${pid}/stat`)
  // The command name may hold spaces and parentheses; fields count from behind it.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

/** ms since a file was changed, by the file system's own idea of now. */
function age(path: string): number {
  try {
    const probe = `${path}.age-${processWord()}`
    writeFileSync(probe, '')
    const now = statSync(probe).mtimeMs
    removeQuietly(probe)
    return now - statSync(path).mtimeMs
  } catch {
    return 0
  }
}
