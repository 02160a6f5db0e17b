/** `docker buildx du`. */
import type { BuildCacheRecord } from '../../../api/system.ts'
import { parseRfc3339 } from '../../../util/time.ts'
import type { Command } from '../../command.ts'
import { type ListSpec, printList } from '../../format/formatter.ts'
import { align } from '../../format/tabwriter.ts'
import { ago, humanSize } from '../../format/units.ts'
import { checkBuilder } from './build-flags.ts'

export const command: Command = {
  async run(ctx, _args, flags) {
    checkBuilder(flags.string('builder'))
    const all = (await (await ctx.engine()).system.df()).BuildCache
    const now = (await ctx.clock()).now()
    const filters = Object.entries(flags.filters('filter') ?? {})
    const records = all
      .filter(record => filters.every(([name, values]) => (values ?? []).some(value => fits(record, name, value))))
      .sort((a, b) => a.Size - b.Size || (a.ID < b.ID ? -1 : 1))
    const format = flags.string('format')
    if (format !== '' && format !== 'table' && format !== 'pretty')
      return printList(ctx.out, listSpec(now), records, { format })
    if (flags.bool('verbose') || format === 'pretty') {
      ctx.out.write(records.map(record => detailed(record, now)).join(''))
    } else if (records.length > 0 || filters.length > 0)
      ctx.out.write(
        align(
          ['ID\tRECLAIMABLE\tSIZE\tLAST ACCESSED\n', ...records.map(record => `${row(record, now).join('\t')}\n`)].join(
            '',
          ),
        ),
      )
    // A part of the cache has no total.
    if (filters.length > 0) return
    const sum = (list: readonly BuildCacheRecord[]): number => list.reduce((bytes, record) => bytes + record.Size, 0)
    const shared = sum(records.filter(record => record.Shared))
    const total = sum(records)
    ctx.out.write(
      [
        ...(shared > 0 ? [`Shared:\t\t${humanSize(shared)}`, `Private:\t${humanSize(total - shared)}`] : []),
        `Reclaimable:\t${humanSize(sum(records.filter(record => !record.InUse)))}`,
        `Total:\t\t${humanSize(total)}`,
        '',
      ].join('\n'),
    )
  },
}

/** `type=`, `id=`, `description=` (all of it), `shared`, `private`, `inuse`, `mutable`, `immutable`; another matches nothing. */
function fits(record: BuildCacheRecord, name: string, value: string): boolean {
  const switches: Record<string, boolean> = {
    shared: record.Shared,
    private: !record.Shared,
    inuse: record.InUse,
    mutable: mutable(record),
    immutable: !mutable(record),
  }
  const given = switches[name]
  if (given !== undefined) return value === '' || value === 'true' ? given : !given
  const texts: Record<string, string> = { type: record.Type, id: record.ID, description: record.Description }
  return texts[name] === value
}

const listSpec = (now: number): ListSpec<BuildCacheRecord> => ({
  type: '*commands.diskusageContext',
  table: 'table {{.ID}}\t{{.Reclaimable}}\t{{.Size}}\t{{.LastUsedAt}}',
  quiet: '{{.ID}}',
  headers: {
    ID: 'ID',
    Parents: 'PARENTS',
    CreatedAt: 'CREATED AT',
    Mutable: 'MUTABLE',
    Reclaimable: 'RECLAIMABLE',
    Shared: 'SHARED',
    Size: 'SIZE',
    Description: 'DESCRIPTION',
    UsageCount: 'USAGE COUNT',
    LastUsedAt: 'LAST ACCESSED',
    Type: 'TYPE',
  },
  columns: {
    CreatedAt: record => createdAt(record),
    Description: record => record.Description,
    ID: record => record.ID,
    LastUsedAt: record => lastUsed(record, now),
    Mutable: record => mutable(record),
    Parents: record => record.Parents ?? null,
    Reclaimable: record => !record.InUse,
    Shared: record => record.Shared,
    Size: record => humanSize(record.Size),
    Type: record => record.Type,
    UsageCount: record => record.UsageCount,
  },
})

const createdAt = ({ CreatedAt }: BuildCacheRecord): string => CreatedAt.replace('T', ' ').replace('Z', ' +0000 UTC')
const lastUsed = ({ LastUsedAt }: BuildCacheRecord, now: number): string =>
  LastUsedAt === null ? '' : ago(parseRfc3339(LastUsedAt), now)

const mutable = (record: BuildCacheRecord): boolean => record.Type !== 'regular'

function row(record: BuildCacheRecord, now: number): string[] {
  return [
    `${record.ID}${mutable(record) ? '*' : ''}`,
    String(!record.InUse),
    `${humanSize(record.Size)}${record.Shared ? '*' : ''}`,
    lastUsed(record, now),
  ]
}

function detailed(record: BuildCacheRecord, now: number): string {
  const parents = record.Parents ? ['Parents:', ...record.Parents.map(id => ` - ${id}`)] : []
  const rows = [
    ['ID:', record.ID],
    ['Created at:', createdAt(record)],
    ['Mutable:', String(mutable(record))],
    ['Reclaimable:', String(!record.InUse)],
    ['Shared:', String(record.Shared)],
    ['Size:', humanSize(record.Size)],
    ['Description:', record.Description],
    ['Usage count:', String(record.UsageCount)],
    ['Last used:', lastUsed(record, now)],
    ['Type:', record.Type],
  ].map(([name = '', value = '']) => `${name.padEnd(14)}${value}`)
  return `${[rows[0], ...parents, ...rows.slice(1)].join('\n')}\n\n`
}
