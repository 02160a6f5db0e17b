/** `docker buildx du`. */
import type { BuildCacheRecord } from '../../../api/system.ts'
import { parseRfc3339 } from '../../../util/time.ts'
import type { Command } from '../../command.ts'
import { align } from '../../format/tabwriter.ts'
import { ago, humanSize } from '../../format/units.ts'

export const command: Command = {
  async run(ctx, _args, flags) {
    const { BuildCache: records } = await (await ctx.engine()).system.df()
    const now = (await ctx.clock()).now()
    if (flags.bool('verbose')) {
      ctx.out.write(records.map(record => detailed(record, now)).join(''))
    } else if (records.length > 0)
      ctx.out.write(
        align(
          ['ID\tRECLAIMABLE\tSIZE\tLAST ACCESSED\n', ...records.map(record => `${row(record, now).join('\t')}\n`)].join(
            '',
          ),
        ),
      )
    const sum = (list: readonly BuildCacheRecord[]): string =>
      humanSize(list.reduce((all, record) => all + record.Size, 0))
    const shared = records.filter(record => record.Shared)
    const rows = [
      ...(shared.length > 0
        ? [
            ['Shared:', sum(shared)],
            ['Private:', sum(records.filter(record => !record.Shared))],
          ]
        : []),
      ['Reclaimable:', sum(records)],
      ['Total:', sum(records)],
    ]
    ctx.out.write(align(rows.map(cells => `${cells.join('\t')}\n`).join('')))
  },
}

const mutable = (record: BuildCacheRecord): boolean => record.Type !== 'regular'

function row(record: BuildCacheRecord, now: number): string[] {
  const last = record.LastUsedAt === null ? '' : ago(parseRfc3339(record.LastUsedAt), now)
  return [
    `${record.ID}${mutable(record) ? '*' : ''}`,
    String(!record.InUse),
    `${humanSize(record.Size)}${record.Shared ? '*' : ''}`,
    last,
  ]
}

function detailed(record: BuildCacheRecord, now: number): string {
  const created = record.CreatedAt.replace('T', ' ').replace('Z', ' +0000 UTC')
  const parents = record.Parents ? ['Parents:', ...record.Parents.map(id => ` - ${id}`)] : []
  const rows = [
    ['ID:', record.ID],
    ['Created at:', created],
    ['Mutable:', String(mutable(record))],
    ['Reclaimable:', String(!record.InUse)],
    ['Shared:', String(record.Shared)],
    ['Size:', humanSize(record.Size)],
    ['Description:', record.Description],
    ['Usage count:', String(record.UsageCount)],
    ['Last used:', record.LastUsedAt === null ? '' : ago(parseRfc3339(record.LastUsedAt), now)],
    ['Type:', record.Type],
  ].map(([name = '', value = '']) => `${name.padEnd(14)}${value}`)
  return `${[rows[0], ...parents, ...rows.slice(1)].join('\n')}\n\n`
}
