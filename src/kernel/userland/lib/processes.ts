/** The process table as /proc shows it. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Proc, Routine } from '../../program.ts'
import { readFile } from './input.ts'

/** One process: the fields of /proc/PID/stat (proc(5)) and its command line. */
export interface ProcessInfo {
  readonly pid: number
  readonly comm: string
  /** R, S, D, Z, T, … */
  readonly state: string
  readonly ppid: number
  readonly pgid: number
  readonly sid: number
  /** Device number of the terminal, 0 without one. */
  readonly tty: number
  readonly tpgid: number
  readonly userMs: number
  readonly systemMs: number
  readonly nice: number
  readonly priority: number
  readonly threads: number
  /** ms after the machine's boot. */
  readonly startMs: number
  /** Bytes. */
  readonly vsize: number
  /** Bytes. */
  readonly rss: number
  readonly uid: number
  readonly gid: number
  readonly euid: number
  readonly egid: number
  /** Empty for a zombie. */
  readonly argv: readonly string[]
}

/** USER_HZ: /proc counts time in hundredths of a second. */
const tick = 10

/** Every process that can be seen, by number. Processes that end while being read are left out. */
export function* processes(p: Proc): Routine<ProcessInfo[]> {
  const found: ProcessInfo[] = []
  for (const { name } of p.readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const info = yield* processInfo(p, Number(name))
    if (info) found.push(info)
  }
  return found.sort((a, b) => a.pid - b.pid)
}

/** One process; undefined when it is not there. */
export function* processInfo(p: Proc, pid: number): Routine<ProcessInfo | undefined> {
  try {
    const stat = yield* readFile(p, `/proc/${pid}/stat`)
    const status = yield* readFile(p, `/proc/${pid}/status`)
    const command = yield* readFile(p, `/proc/${pid}/cmdline`)
    return parse(stat, status, command)
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

function parse(stat: string, status: string, command: string): ProcessInfo | undefined {
  const open = stat.indexOf('(')
  const close = stat.lastIndexOf(')')
  if (open === -1 || close === -1) return undefined
  const rest = stat
    .slice(close + 2)
    .trim()
    .split(' ')
  // Numbered as in proc(5), where the state is field 3.
  const field = (n: number) => Number(rest[n - 3] ?? 0)
  const ids = (name: string) => (new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '').split(/\s+/).map(Number)
  const [uid = 0, euid = uid] = ids('Uid')
  const [gid = 0, egid = gid] = ids('Gid')
  return {
    pid: Number(stat.slice(0, open)),
    comm: stat.slice(open + 1, close),
    state: rest[0] ?? '?',
    ppid: field(4),
    pgid: field(5),
    sid: field(6),
    tty: field(7),
    tpgid: field(8),
    userMs: field(14) * tick,
    systemMs: field(15) * tick,
    priority: field(18),
    nice: field(19),
    threads: field(20),
    startMs: field(22) * tick,
    vsize: field(23),
    rss: field(24) * 4096,
    uid,
    gid,
    euid,
    egid,
    argv: command === '' ? [] : command.replace(/\0$/, '').split('\0'),
  }
}

/** `pts/0`, `tty1` or `?` for a terminal's device number. */
export function ttyName(device: number): string {
  if (device === 0) return '?'
  const major = (device >> 8) & 0xfff
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00)
  if (major >= 136 && major <= 143) return `pts/${minor + (major - 136) * 256}`
  if (major === 5 && minor === 1) return 'console'
  return major === 4 ? `tty${minor}` : '?'
}

/**
 * The command line as busybox shows it: `[comm]` without one (a zombie), `{comm} …` when the process's name is not
 * what argv[0] says (a script, or an applet run by another).
 */
export function commandLine(info: ProcessInfo): string {
  if (info.argv.length === 0) return `[${info.comm}]`
  const line = info.argv
    .join(' ')
    .replace(/[\x00-\x1f]/g, ' ')
    .trimEnd()
  const first = info.argv[0] ?? ''
  const base = (first.split('/').pop() ?? '').replace(/^-/, '')
  return base.startsWith(info.comm) ? line : `{${info.comm}} ${line}`
}

/** Lines as one, other control characters as `?` (procps). */
export function printable(text: string): string {
  return text.replace(/\n/g, ' ').replace(/[^\x20-\x7e\x80-\xff]/g, '?')
}

/** /proc/meminfo: bytes by name. */
export function* memoryInfo(p: Proc): Routine<Map<string, number>> {
  const info = new Map<string, number>()
  for (const line of (yield* readFile(p, '/proc/meminfo')).split('\n')) {
    const match = /^(\S+):\s+(\d+)/.exec(line)
    if (match?.[1]) info.set(match[1], Number(match[2]) * 1024)
  }
  return info
}
