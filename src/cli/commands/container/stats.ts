/** `docker stats`: a table of usage, redrawn on a terminal while it is watched. */
import type { ContainerStats } from '../../../api/container.ts'
import type { Engine } from '../../../engine/engine.ts'
import type { CliContext, Command } from '../../command.ts'
import { errorText, StatusError } from '../../errors.ts'
import { type ListSpec, listText } from '../../format/formatter.ts'
import { bytesSize, humanSize } from '../../format/units.ts'

interface Row {
  stats: ContainerStats
  name: string
}

const percent = (value: number): string => `${value.toFixed(2)}%`

/** CPU use as docker computes it: the container's share of the machine's time, times the processors. */
function cpuPercent({ cpu_stats: now, precpu_stats: before }: ContainerStats): number {
  const used = now.cpu_usage.total_usage - before.cpu_usage.total_usage
  const system = (now.system_cpu_usage ?? 0) - (before.system_cpu_usage ?? 0)
  return system > 0 && used > 0 ? (used / system) * (now.online_cpus ?? 1) * 100 : 0
}

/** Memory without the file caches that could be given back, as docker shows it. */
const memoryUse = ({ memory_stats: { usage = 0, stats } }: ContainerStats): number =>
  usage - Math.min(usage, stats?.inactive_file ?? 0)

/** How usage is listed. */
export const statsList = (noTrunc: boolean): ListSpec<Row> => ({
  type: '*container.statsContext',
  table: 'table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}',
  quiet: '{{.ID}}',
  headers: {
    Container: 'CONTAINER',
    Name: 'NAME',
    ID: 'CONTAINER ID',
    CPUPerc: 'CPU %',
    MemUsage: 'MEM USAGE / LIMIT',
    MemPerc: 'MEM %',
    NetIO: 'NET I/O',
    BlockIO: 'BLOCK I/O',
    PIDs: 'PIDS',
  },
  columns: {
    Container: row => row.name,
    Name: row => row.stats.name.replace(/^\//, ''),
    ID: row => (noTrunc ? row.stats.id : row.stats.id.slice(0, 12)),
    CPUPerc: row => percent(cpuPercent(row.stats)),
    MemUsage: row => `${bytesSize(memoryUse(row.stats))} / ${bytesSize(row.stats.memory_stats.limit ?? 0)}`,
    MemPerc: ({ stats }) => percent(stats.memory_stats.limit ? (100 * memoryUse(stats)) / stats.memory_stats.limit : 0),
    NetIO: row => {
      const all = Object.values(row.stats.networks ?? {})
      const sum = (key: 'rx_bytes' | 'tx_bytes'): number => all.reduce((total, each) => total + each[key], 0)
      return `${humanSize(sum('rx_bytes'), 3)} / ${humanSize(sum('tx_bytes'), 3)}`
    },
    BlockIO: ({ stats }) => {
      const sum = (op: string): number =>
        (stats.blkio_stats.io_service_bytes_recursive ?? [])
          .filter(each => each.op === op)
          .reduce((total, each) => total + each.value, 0)
      return `${humanSize(sum('read'), 3)} / ${humanSize(sum('write'), 3)}`
    },
    PIDs: row => String(row.stats.pids_stats.current ?? 0),
  },
})

export const command: Command = {
  async run(ctx, args, flags) {
    const engine = await ctx.engine()
    const spec = statsList(flags.bool('no-trunc'))
    const options = { format: flags.string('format') }
    if (flags.bool('no-stream')) {
      ctx.out.write(await listText(spec, await rows(engine, args, flags.bool('all')), options))
      return
    }
    const stop = new AbortController()
    const off = ctx.onSignal(['SIGINT', 'SIGTERM'], () => stop.abort())
    await watch(ctx, stop.signal, async () => listText(spec, await rows(engine, args, flags.bool('all')), options))
    off()
  },
}

/** One sample of each container. Names that are none are told together, and then there is no table. */
async function rows(engine: Engine, names: readonly string[], all: boolean): Promise<Row[]> {
  const wanted = names.length > 0 ? names : (await engine.containers.list({ all })).map(container => container.Id)
  const out: Row[] = []
  const errors: string[] = []
  for (const name of new Set(wanted)) {
    try {
      for await (const stats of engine.containers.stats(name, { stream: false })) out.push({ stats, name })
    } catch (error) {
      errors.push(errorText(error))
    }
  }
  if (errors.length > 0) throw new StatusError(1, errors.join('\n'))
  return out
}

async function watch(ctx: CliContext, signal: AbortSignal, text: () => Promise<string>): Promise<void> {
  const clock = await ctx.clock()
  while (!signal.aborted) {
    const table = await text()
    ctx.out.write(ctx.out.isTTY ? `\x1b[H\x1b[2J${table}` : table)
    await clock.sleep(1000, signal)
  }
}
