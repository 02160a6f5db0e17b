/** GET /containers/{id}/top: the container's processes as the host's ps shows them. */
import type { ContainerTop } from '../../api/container.ts'
import { findRecord } from '../../container/containers.ts'
import { containerEvent } from '../../container/events.ts'
import { invalid, systemError } from '../../errors.ts'
import type { EngineContext } from '../context.ts'
import type { ProcessView } from '../world.ts'
import { notRunning, restarting } from './errors.ts'

/** A ps format: its header, and its text of a process. `-` stands for what the model does not know. */
interface Column {
  title: string
  show: (process: ProcessView, now: number) => string
}

const columns: Record<string, Column> = {
  uid: { title: 'UID', show: process => process.user },
  user: { title: 'USER', show: process => process.user },
  pid: { title: 'PID', show: process => String(process.hostPid) },
  ppid: { title: 'PPID', show: process => String(process.hostPpid) },
  pgid: { title: 'PGID', show: process => String(process.hostPgid) },
  sid: { title: 'SID', show: process => String(process.hostSid) },
  c: { title: 'C', show: () => '0' },
  stime: { title: 'STIME', show: process => new Date(process.startedAt).toISOString().slice(11, 16) },
  start: { title: 'START', show: process => new Date(process.startedAt).toISOString().slice(11, 16) },
  tty: { title: 'TTY', show: process => (process.tty ? 'pts/0' : '?') },
  tt: { title: 'TT', show: process => (process.tty ? 'pts/0' : '?') },
  time: { title: 'TIME', show: process => clock(process.cpuMs) },
  stat: { title: 'STAT', show: process => process.stat },
  s: { title: 'S', show: process => process.stat.slice(0, 1) },
  ni: { title: 'NI', show: process => String(process.nice) },
  etime: { title: 'ELAPSED', show: (process, now) => elapsed(now - process.startedAt) },
  vsz: { title: 'VSZ', show: process => String(Math.round(process.memory / 1024)) },
  rss: { title: 'RSS', show: process => String(Math.round(process.memory / 1024)) },
  '%cpu': {
    title: '%CPU',
    show: (process, now) => ((100 * process.cpuMs) / Math.max(1, now - process.startedAt)).toFixed(1),
  },
  '%mem': { title: '%MEM', show: () => '0.0' },
  comm: { title: 'COMMAND', show: process => process.comm },
  cmd: { title: 'CMD', show: process => process.command },
  args: { title: 'COMMAND', show: process => process.command },
  command: { title: 'COMMAND', show: process => process.command },
}

const aliases: Record<string, string> = {
  ucmd: 'comm',
  ucomm: 'comm',
  pcpu: '%cpu',
  pmem: '%mem',
  euser: 'user',
  ruser: 'user',
  tname: 'tty',
  state: 's',
  nice: 'ni',
  rssize: 'rss',
  vsize: 'vsz',
  pgrp: 'pgid',
  sess: 'sid',
  cputime: 'time',
  start_time: 'stime',
}

const layouts = {
  full: ['uid', 'pid', 'ppid', 'c', 'stime', 'tty', 'time', 'cmd'],
  bsd: ['user', 'pid', '%cpu', '%mem', 'vsz', 'rss', 'tty', 'stat', 'start', 'time', 'command'],
  plain: ['pid', 'tty', 'time', 'cmd'],
}

/** Runs the host's ps, so to say, and keeps the container's lines; a PID column is needed to find them. */
export async function topContainer(ctx: EngineContext, reference: string, psArgs = '-ef'): Promise<ContainerTop> {
  await ctx.machine.settle()
  const { state, id } = findRecord(ctx.store, reference)
  if (state.status === 'restarting') throw restarting(id)
  if (state.status !== 'running' && state.status !== 'paused') throw notRunning(id)
  const keys = parsePsArgs(psArgs)
  return ctx.machine.change(async live => {
    const container = live.record(id)
    if (!keys.includes('pid')) throw systemError("Couldn't find PID field in ps output")
    const world = await live.world(container)
    const shown = keys.flatMap(key => columns[key] ?? [])
    const rows = world.processes().map(process => shown.map(column => column.show(process, live.time)))
    live.emit(containerEvent(container, 'top'))
    return { Titles: shown.map(column => column.title), Processes: rows }
  })
}

function parsePsArgs(text: string): string[] {
  const words = text.split(/\s+/).filter(Boolean)
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    const match = /^(?:-?[A-Za-z]*o|--format=?)(.*)$/.exec(word)
    if (!match) continue
    const list = match[1] || words[at + 1] || ''
    return list.split(',').map(name => {
      const key = (name.split('=')[0] ?? '').toLowerCase()
      const known = Object.hasOwn(aliases, key) ? (aliases[key] ?? key) : key
      if (!Object.hasOwn(columns, known)) throw invalid(`ps: error: unknown user-defined format specifier "${name}"`)
      return known
    })
  }
  const letters = words.join('')
  if (/u/.test(letters)) return layouts.bsd
  return /f/.test(letters) ? layouts.full : layouts.plain
}

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map(part => String(part).padStart(2, '0'))
    .join(':')
}

function elapsed(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const days = Math.floor(seconds / 86_400)
  const text = clock((seconds % 86_400) * 1000)
  return days > 0 ? `${days}-${text}` : text.startsWith('00:') ? text.slice(3) : text
}
