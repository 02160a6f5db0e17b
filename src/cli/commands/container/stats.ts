/** `docker stats`: a table of usage, redrawn on a terminal while it is watched. */
import type { ContainerStats } from '../../../api/container.ts'
import type { Engine } from '../../../engine/engine.ts'
import type { CliContext, Command } from '../../command.ts'
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
    MemUsage: row =>
      `${bytesSize(row.stats.memory_stats.usage ?? 0)} / ${bytesSize(row.stats.memory_stats.limit ?? 0)}`,
    MemPerc: row =>
      percent(
        row.stats.memory_stats.limit ? (100 * (row.stats.memory_stats.usage ?? 0)) / row.stats.memory_stats.limit : 0,
      ),
    NetIO: row => {
      const all = Object.values(row.stats.networks ?? {})
      const sum = (key: 'rx_bytes' | 'tx_bytes'): number => all.reduce((total, each) => total + each[key], 0)
      return `${humanSize(sum('rx_bytes'), 3)} / ${humanSize(sum('tx_bytes'), 3)}`
    },
    BlockIO: () => '0B / 0B',
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
    await watch(ctx, stop.signal, async before =>
      listText(spec, await rows(engine, args, flags.bool('all'), before), options),
    )
    off()
  },
}

/** One sample of each container; against `before`, where given, use since then. */
async function rows(
  engine: Engine,
  names: readonly string[],
  all: boolean,
  before?: Map<string, ContainerStats>,
): Promise<Row[]> {
  const wanted = names.length > 0 ? names : (await engine.containers.list({ all })).map(container => container.Id)
  const out: Row[] = []
  for (const name of wanted) {
    for await (const stats of engine.containers.stats(name, { stream: false })) {
      const earlier = before?.get(stats.id)
      out.push({ stats: earlier ? { ...stats, precpu_stats: earlier.cpu_stats } : stats, name })
      before?.set(stats.id, stats)
    }
  }
  return out
}

async function watch(
  ctx: CliContext,
  signal: AbortSignal,
  text: (before: Map<string, ContainerStats>) => Promise<string>,
): Promise<void> {
  const clock = await ctx.clock()
  const before = new Map<string, ContainerStats>()
  while (!signal.aborted) {
    const table = await text(before)
    ctx.out.write(ctx.out.isTTY ? `\x1b[H\x1b[2J${table}` : table)
    await clock.sleep(1000, signal)
  }
}
