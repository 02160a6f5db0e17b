/** Finding processes by name, as killall, pidof, pkill and pgrep do. */
import type { Proc, Routine } from '../../program.ts'
import { type ProcessInfo, processes } from './processes.ts'

/**
 * Processes called `name`: by /proc/PID/comm (of which the kernel keeps 15 characters), by the base name of argv[0],
 * or by the file executed when `name` is a path. Newest first, as busybox's find_pid_by_name has them with the table's order turned.
 */
export function* processesNamed(p: Proc, name: string): Routine<ProcessInfo[]> {
  const all = yield* processes(p)
  return all.filter(info => isNamed(p, info, name))
}

function isNamed(p: Proc, info: ProcessInfo, name: string): boolean {
  if (info.argv.length === 0 && info.state === 'Z') return info.comm === name.slice(0, 15)
  if (info.comm === name.slice(0, 15) && (name.length <= 15 || base(info.argv[0]) === name)) return true
  if (base(info.argv[0]) === name) return true
  if (!name.includes('/')) return false
  try {
    return p.readlink(`/proc/${info.pid}/exe`) === name
  } catch {
    return false
  }
}

function base(path = ''): string {
  return path.split('/').pop() ?? ''
}
