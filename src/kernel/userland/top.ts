/** top: the busiest processes, again and again (busybox and procps). */
import type { Json, Proc, Routine, Termios } from '../program.ts'
import { smart4 } from './lib/columns.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { readBytes, readFile } from './lib/input.ts'
import { commandLine, memoryInfo, type ProcessInfo, processes } from './lib/processes.ts'
import { screenSize } from './lib/screen.ts'
import { uptimeLine } from './lib/uptime.ts'
import { readAccounts, userName } from './lib/users.ts'

export const options = {
  batch: '-b --batch  no terminal needed, no keys',
  count: '-n=N --iterations=N  leave after N rounds',
  delay: '-d=SEC --delay=SEC  time between rounds',
  threads: '-H  threads',
  memory: '-m  memory usage (busybox)',
  command: 'gnu: -c --cmdline-toggle  command lines',
  only: 'gnu: -p=PIDS --pid=PIDS  only these processes',
  user: 'gnu: -u=USER  only this user',
  sort: 'gnu: -o=FIELD --sort-override=FIELD  sort by this field',
  wide: 'gnu: -w=WIDTH --width=WIDTH  width of lines',
  idle: 'gnu: -i --idle-toggle  without idle ones',
}

/** CPU time of each process, when the last round was shown. */
interface Sample {
  time: number
  used: Record<string, number>
}

interface State {
  round: number
  sample: Sample
  terminal: boolean
  /** How the terminal was, when it is set to raw. */
  before: Termios | null
}

export const program = command('top', options, function* ({ p, out, options: given, gnu, saved }) {
  if (gnu && !given.has('batch') && saved === undefined && !p.isatty(1)) throw new Failure('failed tty get')
  const delay = Number(given.value('delay') ?? (gnu ? 3 : 5))
  const limit = Number(given.value('count') ?? Number.POSITIVE_INFINITY)
  let state = (saved ?? start(p, given.has('batch'))) as unknown as State
  const { terminal, before } = state
  try {
    for (;;) {
      p.checkpoint(state as unknown as Json)
      if (state.round > 0) {
        if (yield* quits(p, terminal, delay)) break
        if (!terminal) yield* out.write('\n')
      }
      const all = yield* processes(p)
      const now = p.now()
      const shares = new Map<number, number>()
      for (const info of all) {
        const used = info.userMs + info.systemMs - (state.sample.used[info.pid] ?? 0)
        shares.set(info.pid, (used * 100) / Math.max(1, now - state.sample.time))
      }
      const size = terminal
        ? screenSize(p, 1)
        : { rows: Number.POSITIVE_INFINITY, cols: given.has('wide') ? Number(given.value('wide')) : gnu ? 512 : 80 }
      const lines = gnu ? yield* procps(p, all, shares) : yield* busybox(p, all, shares)
      const shown = lines.slice(0, terminal ? size.rows - 1 : undefined).map(line => line.slice(0, size.cols))
      yield* out.write((terminal ? '\x1b[H\x1b[J' : '') + shown.map(line => `${line}\n`).join(''))
      yield* out.flush()
      const used = Object.fromEntries(all.map(info => [String(info.pid), info.userMs + info.systemMs]))
      state = { ...state, round: state.round + 1, sample: { time: now, used } }
      if (state.round >= limit) break
    }
  } finally {
    if (before) p.termios(0, before)
  }
  if (!gnu && !terminal) yield* out.write('\n')
  return 0
})

function start(p: Proc, batch: boolean): State {
  const terminal = !batch && p.isatty(1)
  const before = terminal && p.isatty(0) ? p.termios(0, { canonical: false, echo: false, signals: false }) : null
  return { round: 0, sample: { time: p.now() - p.uptimeMs(), used: {} }, terminal, before }
}

/** Waits for the next round or a key; true for q and ^C. */
function* quits(p: Proc, terminal: boolean, delay: number): Routine<boolean> {
  if (!terminal || !p.isatty(0)) {
    yield { op: 'sleep', ms: delay * 1000 }
    return false
  }
  const ready = (yield { op: 'poll', fds: [{ fd: 0, event: 'in' }], ms: delay * 1000 }) as number[]
  if (ready.length === 0) return false
  const keys = yield* readBytes(0, 64)
  return keys.length === 0 || keys.includes(0x71) || keys.includes(3)
}

function* busybox(p: Proc, all: ProcessInfo[], shares: ReadonlyMap<number, number>): Routine<string[]> {
  const memory = yield* memoryInfo(p)
  const of = (name: string) => Math.floor((memory.get(name) ?? 0) / 1024)
  const accounts = yield* readAccounts(p)
  const load = (yield* readFile(p, '/proc/loadavg')).trim()
  const busy = Math.min(100, Math.round([...shares.values()].reduce((a, b) => a + b, 0) / (yield* cpus(p))))
  const total = of('MemTotal')
  const lines = [
    `Mem: ${total - of('MemFree')}K used, ${of('MemFree')}K free, ${of('Shmem')}K shrd, ${of('Buffers')}K buff, ${of('Cached')}K cached`,
    `CPU: ${String(busy).padStart(3)}% usr   0% sys   0% nic ${String(100 - busy).padStart(3)}% idle   0% io   0% irq   0% sirq`,
    `Load average: ${load}`,
    '  PID  PPID USER     STAT   VSZ %VSZ %CPU COMMAND',
  ]
  const count = yield* cpus(p)
  const sorted = [...all].sort(
    (a, b) => (shares.get(b.pid) ?? 0) - (shares.get(a.pid) ?? 0) || b.vsize - a.vsize || a.pid - b.pid,
  )
  for (const info of sorted) {
    const user = (userName(accounts, info.euid) ?? String(info.euid)).slice(0, 8).padEnd(8)
    const vsz = Math.floor(info.vsize / 1024)
    const flags = `${info.state}${info.rss === 0 && info.state !== 'Z' ? 'W' : ' '}${info.nice < 0 ? '<' : info.nice > 0 ? 'N' : ' '} `
    const share = Math.round((shares.get(info.pid) ?? 0) / count)
    lines.push(
      `${String(info.pid).padStart(5)} ${String(info.ppid).padStart(5)} ${user} ${flags} ${smart4(vsz)} ${String(Math.round((vsz * 100) / Math.max(1, total))).padStart(3)}% ${String(share).padStart(3)}% ${commandLine(info)}`,
    )
  }
  return lines
}

function* procps(p: Proc, all: ProcessInfo[], shares: ReadonlyMap<number, number>): Routine<string[]> {
  const memory = yield* memoryInfo(p)
  const mib = (bytes: number) => (bytes / 1024 ** 2).toFixed(1).padStart(8)
  const of = (name: string) => memory.get(name) ?? 0
  const accounts = yield* readAccounts(p)
  const cache = of('Buffers') + of('Cached') + of('SReclaimable')
  const used = Math.max(0, of('MemTotal') - of('MemAvailable'))
  const states = (letters: string) => all.filter(info => letters.includes(info.state)).length
  const busy = Math.min(100, [...shares.values()].reduce((a, b) => a + b, 0) / (yield* cpus(p)))
  const five = (value: number) => value.toFixed(1).padStart(4)
  const lines = [
    `top -${yield* uptimeLine(p)}`,
    `Tasks: ${String(all.length).padStart(3)} total, ${String(states('R')).padStart(3)} running, ${String(states('SDI')).padStart(3)} sleeping, ${String(states('Tt')).padStart(3)} stopped, ${String(states('Z')).padStart(3)} zombie`,
    `%Cpu(s): ${five(busy)} us, ${five(0)} sy, ${five(0)} ni, ${five(100 - busy)} id, ${five(0)} wa, ${five(0)} hi, ${five(0)} si, ${five(0)} st `,
    `MiB Mem : ${mib(of('MemTotal'))} total, ${mib(of('MemFree'))} free, ${mib(used)} used, ${mib(cache)} buff/cache     `,
    `MiB Swap: ${mib(of('SwapTotal'))} total, ${mib(of('SwapFree'))} free, ${mib(of('SwapTotal') - of('SwapFree'))} used. ${mib(of('MemAvailable'))} avail Mem `,
    '',
    '    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND',
  ]
  const sorted = [...all].sort((a, b) => (shares.get(b.pid) ?? 0) - (shares.get(a.pid) ?? 0) || a.pid - b.pid)
  for (const info of sorted) {
    const name = userName(accounts, info.euid) ?? String(info.euid)
    const user = name.length > 8 ? `${name.slice(0, 7)}+` : name
    const kib = (bytes: number) => String(Math.floor(bytes / 1024))
    const cpu = info.userMs + info.systemMs
    const clock = `${Math.floor(cpu / 60_000)}:${((cpu / 1000) % 60).toFixed(2).padStart(5, '0')}`
    lines.push(
      `${String(info.pid).padStart(7)} ${user.padEnd(8)} ${String(info.priority).padStart(3)} ${String(info.nice).padStart(3)} ${kib(info.vsize).padStart(7)} ${kib(info.rss).padStart(6)} ${kib(info.rss * 0.8).padStart(6)} ${info.state} ${(shares.get(info.pid) ?? 0).toFixed(1).padStart(5)} ${((info.rss * 100) / Math.max(1, of('MemTotal'))).toFixed(1).padStart(5)} ${clock.padStart(9)} ${info.comm}`,
    )
  }
  return lines
}

function* cpus(p: Proc): Routine<number> {
  return Math.max(
    1,
    (yield* readFile(p, '/proc/cpuinfo')).split('\n').filter(line => line.startsWith('processor')).length,
  )
}
