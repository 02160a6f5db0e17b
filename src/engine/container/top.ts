/** GET /containers/{id}/top: the container's processes as the host's ps shows them. */
import type { ContainerTop } from '../../api/container.ts'
import { findRecord } from '../../container/containers.ts'
import { containerEvent } from '../../container/events.ts'
import { systemError } from '../../errors.ts'
import { machineFacts } from '../../kernel/machine-facts.ts'
import { parsePs } from '../../kernel/userland/lib/ps-options.ts'
import { zoneFor } from '../../kernel/userland/lib/zone.ts'
import { listProcesses, unknownColumn } from '../../kernel/userland/ps-procps.ts'
import { quote } from '../../util/strconv.ts'
import type { EngineContext } from '../context.ts'
import { notRunning, restarting } from './errors.ts'

/** Runs the host's ps, so to say, and keeps the container's lines; a PID column is needed to find them. */
export async function topContainer(ctx: EngineContext, reference: string, psArgs = '-ef'): Promise<ContainerTop> {
  await ctx.machine.settle()
  const { state, id } = findRecord(ctx.store, reference)
  if (state.status === 'restarting') throw restarting(id)
  if (state.status !== 'running' && state.status !== 'paused') throw notRunning(id)
  const ask = parsePs(psArgs.split(/\s+/).filter(Boolean))
  const complaint = 'error' in ask ? ask.error : unknownColumn(ask)
  if ('error' in ask || complaint !== undefined) throw systemError(`ps: error: ${complaint}`)
  // The daemon asks for the container's processes by id first, and again without where ps does not take that.
  const lists = [ask.pids, ask.parents, ask.users, ask.realUsers, ask.commands, ask.terminals, ask.sessions]
  if (lists.every(list => list.length === 0) && ask.sort.length === 0 && !ask.negate) ask.scope = 'all'
  return ctx.machine.change(async live => {
    const container = live.record(id)
    const { accounts, all } = (await live.world(container)).processes()
    const context = {
      accounts,
      now: live.time,
      bootTime: 0,
      memoryTotal: machineFacts.memory,
      zone: zoneFor(undefined),
      prefix: new Map<number, string>(),
    }
    const { columns, rows } = listProcesses(ask, all, context, { uid: 0, pid: 0 })
    const titles = ask.headers && !ask.help ? words(columns.map(column => column.header)) : []
    // Of the host's processes only the container's are known: who is asked for by name is not there.
    if (rows.length === 0 && ask.users.length + ask.commands.length > 0) throw systemError('ps: exit status 1')
    const pidAt = titles.indexOf('PID')
    if (pidAt < 0) throw systemError("Couldn't find PID field in ps output")
    const processes = rows.map(row => {
      const fields = words(row)
      const pid = fields[pidAt] ?? ''
      if (!/^\d+$/.test(pid))
        throw systemError(`Unexpected pid '${pid}': strconv.Atoi: parsing ${quote(pid)}: invalid syntax`)
      return [...fields.slice(0, titles.length - 1), fields.slice(titles.length - 1).join(' ')]
    })
    live.emit(containerEvent(container, 'top'))
    return { Titles: titles, Processes: processes }
  })
}

/** The daemon reads ps's output: it knows words only, not columns. */
const words = (cells: readonly string[]): string[] => cells.join(' ').split(/\s+/).filter(Boolean)
