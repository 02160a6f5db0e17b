/** `docker system df`: disk usage, in short or each object. */
import type { BuildCacheRecord, DiskUsage } from '../../../api/system.ts'
import { parseRfc3339 } from '../../../util/time.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { type ListSpec, listText } from '../../format/formatter.ts'
import { ago, ellipsis, humanSize, shortId } from '../../format/units.ts'
import { volumeList } from '../../format/volume.ts'
import { toJson } from '../../template/json.ts'

export const command: Command = {
  async run(ctx, _args, flags) {
    const format = flags.string('format')
    const usage = await (await ctx.engine()).system.df()
    const now = (await ctx.clock()).now()
    if (!flags.bool('verbose')) ctx.out.write(await listText(SUMMARY, summary(usage), { format }))
    else if (format === 'json' || format === '{{json .}}') ctx.out.write(`${toJson(usage)}\n`)
    else if (format !== '' && format !== 'table')
      throw new StatusError(1, `${ctx.name}: with --verbose, minidock models no --format but json`)
    else ctx.out.write(await verbose(usage, now))
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

async function verbose(usage: DiskUsage, now: number): Promise<string> {
  const cache = sum(usage.BuildCache.filter(record => !record.Shared).map(record => record.Size))
  return [
    'Images space usage:\n',
    await listText(images(now), usage.Images, { format: '' }),
    'Containers space usage:\n',
    await listText(containers(now), usage.Containers, { format: '' }),
    'Local Volumes space usage:\n',
    await listText({ ...volumeList, table: 'table {{.Name}}\t{{.Links}}\t{{.Size}}' }, usage.Volumes, { format: '' }),
    `Build cache usage: ${humanSize(cache)}\n`,
    await listText(buildCache(now), usage.BuildCache, { format: '' }),
  ].join('\n')
}

const images = (now: number): ListSpec<DiskUsage['Images'][number]> => ({
  type: '*formatter.diskUsageContext',
  table:
    'table {{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}',
  quiet: '',
  headers: {
    Repository: 'REPOSITORY',
    Tag: 'TAG',
    ID: 'IMAGE ID',
    CreatedSince: 'CREATED',
    Size: 'SIZE',
    SharedSize: 'SHARED SIZE',
    UniqueSize: 'UNIQUE SIZE',
    Containers: 'CONTAINERS',
  },
  columns: {
    Repository: image => splitTag(image.RepoTags[0])[0],
    Tag: image => splitTag(image.RepoTags[0])[1],
    ID: image => shortId(image.Id),
    CreatedSince: image => ago(image.Created * 1000, now),
    Size: image => humanSize(image.Size, 3),
    SharedSize: image => humanSize(Math.max(image.SharedSize, 0)),
    UniqueSize: image => humanSize(image.Size - Math.max(image.SharedSize, 0)),
    Containers: image => String(Math.max(image.Containers, 0)),
  },
})

function splitTag(reference: string | undefined): [repository: string, tag: string] {
  if (reference === undefined) return ['<none>', '<none>']
  const colon = reference.lastIndexOf(':')
  return colon > reference.lastIndexOf('/')
    ? [reference.slice(0, colon), reference.slice(colon + 1)]
    : [reference, '<none>']
}

const containers = (now: number): ListSpec<DiskUsage['Containers'][number]> => ({
  type: '*formatter.diskUsageContext',
  table:
    'table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}',
  quiet: '',
  headers: {
    ID: 'CONTAINER ID',
    Image: 'IMAGE',
    Command: 'COMMAND',
    LocalVolumes: 'LOCAL VOLUMES',
    Size: 'SIZE',
    RunningFor: 'CREATED',
    Status: 'STATUS',
    Names: 'NAMES',
  },
  columns: {
    ID: c => shortId(c.Id),
    Image: c => shortId(c.Image.startsWith('sha256:') ? c.Image : '') || c.Image,
    Command: c => `"${ellipsis(c.Command, 20)}"`,
    LocalVolumes: c => String(c.Mounts.filter(mount => mount.Driver === 'local').length),
    Size: c => humanSize(c.SizeRw ?? 0, 3),
    RunningFor: c => ago(c.Created * 1000, now),
    Status: c => c.Status,
    Names: c => c.Names.map(name => name.slice(1)).join(','),
  },
})

const buildCache = (now: number): ListSpec<BuildCacheRecord> => ({
  type: '*formatter.diskUsageContext',
  table:
    'table {{.ID}}\t{{.CacheType}}\t{{.Size}}\t{{.CreatedSince}}\t{{.LastUsedSince}}\t{{.UsageCount}}\t{{.Shared}}',
  quiet: '',
  headers: {
    ID: 'CACHE ID',
    CacheType: 'CACHE TYPE',
    Size: 'SIZE',
    CreatedSince: 'CREATED',
    LastUsedSince: 'LAST USED',
    UsageCount: 'USAGE',
    Shared: 'SHARED',
  },
  columns: {
    ID: record => shortId(record.ID),
    CacheType: record => record.Type,
    Size: record => humanSize(record.Size, 3),
    CreatedSince: record => ago(parseRfc3339(record.CreatedAt), now),
    LastUsedSince: record => (record.LastUsedAt === null ? '' : ago(parseRfc3339(record.LastUsedAt), now)),
    UsageCount: record => String(record.UsageCount),
    Shared: record => String(record.Shared),
  },
})
