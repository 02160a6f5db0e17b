/** Who holds a lock or is writing a file: processes, named so that a dead one is known from a living one. */

import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { codeOf } from '../errors.ts'

export interface Owner {
  pid: number
  /** Start time of the process in clock ticks, from /proc; '' where there is none. */
  start: string
  boot: string
  /** Name of the host and of the PID namespace: only there `pid` means this process. */
  host: string
}

let self: Owner | undefined

/** This process. */
export function identity(): Owner {
  self ??= {
    pid: process.pid,
    start: look(process.pid).start,
    boot: readText('/proc/sys/kernel/random/boot_id'),
    host: `${hostname()} ${pidNamespace()}`.trim(),
  }
  return self
}

/** A word that names this process among those of this machine. */
export function processWord(): string {
  const { pid, start } = identity()
  return `${pid}-${start}`
}

/** Whether a process has ended; undefined for one that cannot be looked at from here. */
export function isGone(owner: Owner): boolean | undefined {
  const me = identity()
  if (owner.host !== me.host) return undefined
  return owner.boot !== me.boot || processIsGone(owner.pid, owner.start)
}

/** The same for a process of this machine and boot. One that was killed and not yet waited for has ended. */
export function processIsGone(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return true
  }
  const now = look(pid)
  return now.state === 'Z' || now.state === 'X' || (now.start !== '' && start !== '' && now.start !== start)
}

function look(pid: number): { state: string; start: string } {
  const stat = readText(`/proc/${pid}/stat`)
  // The command name may hold spaces and parentheses; fields count from behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0] ?? '', start: fields[19] ?? '' }
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}
