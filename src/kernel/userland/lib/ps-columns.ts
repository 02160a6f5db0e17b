/** Columns of procps' ps (src/ps/output.c): name, header, width, side, text. */
import { two } from './columns.ts'
import { type ProcessInfo, printable, ttyName } from './processes.ts'
import { strftime } from './strftime.ts'
import { type Accounts, groupName, userName } from './users.ts'
import { breakDown, type Zone } from './zone.ts'

/** What columns need beside the process itself. */
export interface PsContext {
  readonly accounts: Accounts
  readonly now: number
  readonly bootTime: number
  readonly memoryTotal: number
  readonly zone: Zone
  /** Branch drawing for --forest, by pid. */
  readonly prefix: ReadonlyMap<number, string>
}

export interface Column {
  readonly header: string
  readonly width: number
  readonly right: boolean
  value(info: ProcessInfo, context: PsContext): string
}

const user = (uid: number, c: PsContext) => shorten(userName(c.accounts, uid) ?? String(uid))
const group = (gid: number, c: PsContext) => shorten(groupName(c.accounts, gid) ?? String(gid))
const shorten = (name: string) => (name.length > 8 ? `${name.slice(0, 7)}+` : name)
const started = (i: ProcessInfo, c: PsContext) => c.bootTime + i.startMs
const elapsed = (i: ProcessInfo, c: PsContext) => Math.max(0, Math.floor((c.now - started(i, c)) / 1000))
const cpuSeconds = (i: ProcessInfo) => Math.floor((i.userMs + i.systemMs) / 1000)
const timeOf = (format: string, i: ProcessInfo, c: PsContext) => strftime(format, breakDown(started(i, c), c.zone))

function perMille(i: ProcessInfo, c: PsContext): number {
  const seconds = Math.max(1, elapsed(i, c))
  return Math.floor((i.userMs + i.systemMs) / seconds)
}

function tenths(value: number): string {
  return value > 999 ? String(Math.floor(value / 10)) : `${Math.floor(value / 10)}.${value % 10}`
}

function days(seconds: number): string {
  const clock = `${two((seconds % 3600) / 60)}:${two(seconds % 60)}`
  const hours = Math.floor(seconds / 3600)
  if (hours === 0) return clock
  return hours < 24 ? `${two(hours)}:${clock}` : `${Math.floor(hours / 24)}-${two(hours % 24)}:${clock}`
}

function cpuTime(seconds: number): string {
  const clock = `${two((seconds / 3600) % 24)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}`
  return seconds >= 86_400 ? `${Math.floor(seconds / 86_400)}-${clock}` : clock
}

function stat(i: ProcessInfo): string {
  return [
    i.state,
    i.nice < 0 ? '<' : i.nice > 0 ? 'N' : '',
    i.sid === i.pid ? 's' : '',
    i.threads > 1 ? 'l' : '',
    i.tty !== 0 && i.tpgid === i.pgid ? '+' : '',
  ].join('')
}

function args(i: ProcessInfo, c: PsContext): string {
  const prefix = c.prefix.get(i.pid) ?? ''
  if (i.argv.length > 0) return prefix + printable(i.argv.join(' '))
  return `${prefix}[${i.comm}]${i.state === 'Z' ? ' <defunct>' : ''}`
}

function comm(i: ProcessInfo, c: PsContext): string {
  return `${c.prefix.get(i.pid) ?? ''}${i.comm}${i.state === 'Z' ? ' <defunct>' : ''}`
}

function dayOrTime(i: ProcessInfo, c: PsContext): string {
  const then = breakDown(started(i, c), c.zone)
  const now = breakDown(c.now, c.zone)
  if (then.year !== now.year) return String(then.year)
  return strftime(then.yearDay === now.yearDay ? '%H:%M' : '%b%d', then)
}

function left(header: string, width: number, value: Column['value']): Column {
  return { header, width, right: false, value }
}

function right(
  header: string,
  width: number,
  value: (info: ProcessInfo, context: PsContext) => string | number,
): Column {
  return { header, width, right: true, value: (i, c) => String(value(i, c)) }
}

/** Width of a pid, as pid_max of today's 64-bit machines (4194304) makes it. */
const pidWidth = 7
const pid = (header: string, value: (i: ProcessInfo) => number) => right(header, pidWidth, value)

const table: ReadonlyMap<string, Column> = new Map([
  ['%cpu', right('%CPU', 4, (i, c) => tenths(perMille(i, c)))],
  ['%mem', right('%MEM', 4, (i, c) => tenths(c.memoryTotal === 0 ? 0 : Math.floor((i.rss * 1000) / c.memoryTotal)))],
  ['addr_sz', right('ADDR SZ', 7, i => `- ${String(Math.floor(i.vsize / 4096)).padStart(5)}`)],
  ['args', left('COMMAND', 27, args)],
  ['bsdstart', right('START', 6, (i, c) => timeOf(elapsed(i, c) < 86_400 ? '%H:%M' : '%b %d', i, c))],
  ['bsdtime', right('TIME', 6, i => `${Math.floor(cpuSeconds(i) / 60)}:${two(cpuSeconds(i) % 60)}`)],
  ['c', right('C', 2, (i, c) => Math.min(99, Math.floor(perMille(i, c) / 10)))],
  ['cls', right('CLS', 3, () => 'TS')],
  ['cmd', left('CMD', 27, args)],
  ['comm', left('COMMAND', 15, comm)],
  ['egid', right('EGID', 5, i => i.egid)],
  ['egroup', left('EGROUP', 8, (i, c) => group(i.egid, c))],
  ['etime', right('ELAPSED', 11, (i, c) => days(elapsed(i, c)))],
  ['etimes', right('ELAPSED', 7, elapsed)],
  ['euid', right('EUID', 5, i => i.euid)],
  ['euser', left('EUSER', 8, (i, c) => user(i.euid, c))],
  ['f', right('F', 1, () => 4)],
  ['gid', right('GID', 5, i => i.egid)],
  ['group', left('GROUP', 8, (i, c) => group(i.egid, c))],
  ['lstart', right('STARTED', 24, (i, c) => timeOf('%a %b %e %H:%M:%S %Y', i, c))],
  ['lwp', pid('LWP', i => i.pid)],
  ['majflt', right('MAJFLT', 6, () => 0)],
  ['minflt', right('MINFLT', 6, () => 0)],
  ['ni', right('NI', 3, i => i.nice)],
  ['nlwp', right('NLWP', 4, i => i.threads)],
  ['pgid', pid('PGID', i => i.pgid)],
  ['pid', pid('PID', i => i.pid)],
  ['ppid', pid('PPID', i => i.ppid)],
  ['pri', right('PRI', 3, i => 39 - i.priority)],
  ['opri', right('PRI', 3, i => 60 + i.priority)],
  ['psr', right('PSR', 3, () => 0)],
  ['rgid', right('RGID', 5, i => i.gid)],
  ['rgroup', left('RGROUP', 8, (i, c) => group(i.gid, c))],
  ['rss', right('RSS', 5, i => Math.floor(i.rss / 1024))],
  ['ruid', right('RUID', 5, i => i.uid)],
  ['ruser', left('RUSER', 8, (i, c) => user(i.uid, c))],
  ['s', left('S', 1, i => i.state)],
  ['sess', pid('SESS', i => i.sid)],
  ['sid', pid('SID', i => i.sid)],
  ['start', right('STARTED', 8, (i, c) => timeOf(elapsed(i, c) < 86_400 ? '%H:%M:%S' : '  %b %d', i, c))],
  ['start_time', left('START', 5, dayOrTime)],
  ['stat', left('STAT', 4, stat)],
  ['stime', left('STIME', 5, dayOrTime)],
  ['sz', right('SZ', 5, i => Math.floor(i.vsize / 4096))],
  ['time', right('TIME', 8, i => cpuTime(cpuSeconds(i)))],
  ['tpgid', pid('TPGID', i => i.tpgid)],
  ['tty', left('TT', 8, i => ttyName(i.tty))],
  ['tname', left('TTY', 8, i => ttyName(i.tty))],
  ['ucmd', left('CMD', 15, comm)],
  ['uid', right('UID', 5, i => i.euid)],
  ['uname', left('USER', 8, (i, c) => user(i.euid, c))],
  ['vsz', right('VSZ', 6, i => Math.floor(i.vsize / 1024))],
  ['wchan', left('WCHAN', 6, () => '-')],
])

const aliases: ReadonlyMap<string, string> = new Map([
  ['pcpu', '%cpu'],
  ['cp', '%cpu'],
  ['pmem', '%mem'],
  ['command', 'args'],
  ['cputime', 'time'],
  ['fname', 'comm'],
  ['ucomm', 'comm'],
  ['nice', 'ni'],
  ['pgrp', 'pgid'],
  ['rssize', 'rss'],
  ['rsz', 'rss'],
  ['session', 'sess'],
  ['spid', 'lwp'],
  ['state', 's'],
  ['thcount', 'nlwp'],
  ['tid', 'lwp'],
  ['tt', 'tty'],
  ['user', 'uname'],
  ['vsize', 'vsz'],
  ['class', 'cls'],
])

/** The column of a name, undefined when there is none. */
export function columnNamed(name: string): Column | undefined {
  return table.get(aliases.get(name) ?? name)
}

/** Compares two processes by a key of `--sort`: numbers by size, text by its bytes. */
export function compareBy(key: string, context: PsContext): (a: ProcessInfo, b: ProcessInfo) => number {
  const column = columnNamed(key)
  return (a, b) => {
    const [x, y] = [column?.value(a, context) ?? '', column?.value(b, context) ?? '']
    if (column?.right && !Number.isNaN(Number(x)) && !Number.isNaN(Number(y))) return Number(x) - Number(y)
    return x < y ? -1 : x > y ? 1 : 0
  }
}
