/** `docker system df --verbose`: every object, as tables or through a template. */
import type { BuildCacheRecord, DiskUsage } from '../../../api/system.ts'
import { messageOf } from '../../../errors.ts'
import { parseRfc3339 } from '../../../util/time.ts'
import { StatusError } from '../../errors.ts'
import { containerList } from '../../format/container.ts'
import { type ListSpec, listText } from '../../format/formatter.ts'
import { ago, goTime, goTimeOf, humanSize, shortId } from '../../format/units.ts'
import { volumeList } from '../../format/volume.ts'

/** What is printed. `now` in ms since the epoch. @throws StatusError with Docker's words for a template that is wrong */
export async function verboseUsage(usage: DiskUsage, now: number, format: string): Promise<string> {
  if (format === '' || format === 'table') return tables(usage, now)
  const { parseTemplate } = await import('../../template/template.ts')
  const { rowOf } = await import('../../format/rows.ts')
  const { toJson } = await import('../../template/json.ts')
  const { Struct } = await import('../../template/value.ts')
  const specs = specsOf(now, { noTrunc: true })
  const lists = {
    Images: usage.Images.map(each => rowOf(specs.images, each)),
    Containers: usage.Containers.map(each => rowOf(specs.containers, each)),
    Volumes: usage.Volumes.map(each => rowOf(specs.volumes, each)),
    BuildCache: usage.BuildCache.map(each => rowOf(specs.cache, each)),
  }
  const text = format === 'raw' ? RAW : format === 'json' ? '{{json .}}' : format.replace(/^table/, '').trim()
  const parsed = ((): ReturnType<typeof parseTemplate> => {
    try {
      return parseTemplate(text.replaceAll('\\t', '\t').replaceAll('\\n', '\n'))
    } catch (error) {
      throw new StatusError(1, `template parsing error: ${messageOf(error)}`)
    }
  })()
  try {
    return parsed.execute(new Struct('*formatter.diskUsageContext', lists, () => toJson(lists, { escapeHtml: true })))
  } catch (error) {
    throw new StatusError(1, messageOf(error))
  }
}

async function tables(usage: DiskUsage, now: number): Promise<string> {
  const { images, containers, volumes, cache } = specsOf(now, { noTrunc: false })
  const own = usage.BuildCache.filter(record => !record.Shared).reduce((sum, record) => sum + record.Size, 0)
  return [
    'Images space usage:\n',
    await listText(images, usage.Images, { format: '' }),
    'Containers space usage:\n',
    await listText(containers, usage.Containers, { format: '' }),
    'Local Volumes space usage:\n',
    await listText(volumes, usage.Volumes, { format: '' }),
    `Build cache usage: ${humanSize(own)}\n`,
    await listText(cache, usage.BuildCache, { format: '' }),
  ].join('\n')
}

interface Specs {
  images: ListSpec<DiskUsage['Images'][number]>
  containers: ListSpec<DiskUsage['Containers'][number]>
  volumes: ListSpec<DiskUsage['Volumes'][number]>
  cache: ListSpec<BuildCacheRecord>
}

const specsOf = (now: number, { noTrunc }: { noTrunc: boolean }): Specs => ({
  images: images(now, noTrunc),
  containers: {
    ...containersOf(now, noTrunc),
    table:
      'table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}',
  },
  volumes: { ...volumeList, table: 'table {{.Name}}\t{{.Links}}\t{{.Size}}' },
  cache: buildCache(now, noTrunc),
})

function containersOf(now: number, noTrunc: boolean): Specs['containers'] {
  const spec = containerList({ noTrunc, size: true, now })
  return { ...spec, columns: { ...spec.columns, Size: each => humanSize(each.SizeRw ?? 0, 3) } }
}

const images = (now: number, noTrunc: boolean): Specs['images'] => ({
  type: '*formatter.imageContext',
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
    Digest: () => '',
    ID: image => (noTrunc ? image.Id : shortId(image.Id)),
    CreatedAt: image => goTime(image.Created * 1000),
    CreatedSince: image => ago(image.Created * 1000, now),
    Size: image => humanSize(image.Size, 3),
    SharedSize: image => humanSize(Math.max(image.SharedSize, 0)),
    UniqueSize: image => humanSize(image.Size - Math.max(image.SharedSize, 0)),
    VirtualSize: image => humanSize(image.Size),
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

const buildCache = (now: number, noTrunc: boolean): Specs['cache'] => ({
  type: '*formatter.buildCacheContext',
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
    ID: record => (noTrunc ? record.ID : shortId(record.ID)),
    Parent: record => (record.Parents ?? []).map(id => (noTrunc ? id : shortId(id))).join(', '),
    CacheType: record => record.Type,
    Description: record => record.Description,
    Size: record => humanSize(record.Size, 3),
    CreatedAt: record => goTimeOf(record.CreatedAt),
    CreatedSince: record => ago(parseRfc3339(record.CreatedAt), now),
    LastUsedAt: record => (record.LastUsedAt === null ? '' : goTimeOf(record.LastUsedAt)),
    LastUsedSince: record => (record.LastUsedAt === null ? '' : ago(parseRfc3339(record.LastUsedAt), now)),
    UsageCount: record => String(record.UsageCount),
    InUse: record => String(record.InUse),
    Shared: record => String(record.Shared),
  },
})

/** A list's rows, a blank line after each. */
const each = (list: string, type: string, fields: readonly string[]): string =>
  `{{range .${list}}}type: ${type}\n${fields
    .map(line => line.replace(/^(\w+) (\w+)$/, '$1: {{.$2}}'))
    .join('\n')}\n\n{{end -}}\n`

const RAW =
  each('Images', 'Image', [
    'repository Repository',
    'tag Tag',
    'digest Digest',
    'image_id ID',
    'created_at CreatedAt',
    'virtual_size Size',
  ]) +
  each('Containers', 'Container', [
    'container_id ID',
    'image Image',
    'command Command',
    'created_at CreatedAt',
    'state State',
    'status Status',
    'names Names',
    'labels: {{- if .Labels}} {{.Labels}}{{- end}}',
    'ports: {{- if .Ports}} {{.Ports}}{{- end}}',
    'size Size',
  ]) +
  each('Volumes', 'Volume', ['name Name', 'driver Driver']) +
  each('BuildCache', 'Build Cache', [
    'build_cache_id ID',
    'parent_id {{.Parent}}',
    'build_cache_type CacheType',
    'description Description',
    'created_at CreatedAt',
    'created_since CreatedSince',
    'last_used_at LastUsedAt',
    'last_used_since LastUsedSince',
    'usage_count UsageCount',
    'in_use InUse',
    'shared Shared',
  ]).replace('parent_id {{.Parent}}', 'parent_id: {{.Parent}}')
