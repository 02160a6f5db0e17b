/** `docker system df`: disk usage, in short or each object. */
import type { DiskUsage } from '../../../api/system.ts'
import type { Command } from '../../command.ts'
import { type ListSpec, listText } from '../../format/formatter.ts'
import { humanSize } from '../../format/units.ts'
import { verboseUsage } from './df-verbose.ts'

export const command: Command = {
  async run(ctx, _args, flags) {
    const format = flags.string('format')
    const usage = await (await ctx.engine()).system.df()
    const now = (await ctx.clock()).now()
    if (!flags.bool('verbose')) ctx.out.write(await listText(SUMMARY, summary(usage), { format }))
    else ctx.out.write(await verboseUsage(usage, now, format))
    return undefined
  },
}

interface Row {
  type: string
  total: number
  active: number
  size: number
  reclaimable: number
  /** Whether its share is shown. */
  share: boolean
}

const SUMMARY: ListSpec<Row> = {
  type: '*formatter.diskUsageImagesContext',
  table: 'table {{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}',
  quiet: '',
  raw: 'type: {{.Type}}\ntotal: {{.TotalCount}}\nactive: {{.Active}}\nsize: {{.Size}}\nreclaimable: {{.Reclaimable}}\n',
  headers: { Type: 'TYPE', TotalCount: 'TOTAL', Active: 'ACTIVE', Size: 'SIZE', Reclaimable: 'RECLAIMABLE' },
  columns: {
    Type: row => row.type,
    TotalCount: row => String(row.total),
    Active: row => String(row.active),
    Size: row => humanSize(row.size),
    Reclaimable: row =>
      row.share && row.size > 0
        ? `${humanSize(row.reclaimable)} (${Math.trunc((row.reclaimable * 100) / row.size)}%)`
        : humanSize(row.reclaimable),
  },
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0)

function summary({ Images, Containers, Volumes, BuildCache, LayersSize }: DiskUsage): Row[] {
  const used = Images.filter(image => image.Containers > 0)
  const usedSize = sum(used.map(image => image.Size - Math.max(image.SharedSize, 0)))
  const live = Containers.filter(c => c.State === 'running' || c.State === 'paused' || c.State === 'restarting')
  const sizes = sum(Containers.map(c => c.SizeRw ?? 0))
  const inUse = Volumes.filter(volume => (volume.UsageData?.RefCount ?? 0) > 0)
  const volumeSize = (volumes: typeof Volumes): number => sum(volumes.map(v => Math.max(v.UsageData?.Size ?? 0, 0)))
  const own = BuildCache.filter(record => !record.Shared)
  const cache = sum(own.map(record => record.Size))
  const busy = sum(own.filter(record => record.InUse).map(record => record.Size))
  return [
    {
      type: 'Images',
      total: Images.length,
      active: used.length,
      size: LayersSize,
      reclaimable: Math.max(0, LayersSize - usedSize),
      share: true,
    },
    {
      type: 'Containers',
      total: Containers.length,
      active: live.length,
      size: sizes,
      reclaimable: sizes - sum(live.map(c => c.SizeRw ?? 0)),
      share: true,
    },
    {
      type: 'Local Volumes',
      total: Volumes.length,
      active: inUse.length,
      size: volumeSize(Volumes),
      reclaimable: volumeSize(Volumes) - volumeSize(inUse),
      share: true,
    },
    {
      type: 'Build Cache',
      total: BuildCache.length,
      active: BuildCache.filter(record => record.InUse).length,
      size: cache,
      reclaimable: cache - busy,
      share: false,
    },
  ]
}
