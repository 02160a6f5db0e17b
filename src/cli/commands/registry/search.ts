/** `docker search`. */
import type { ImageSearchResult } from '../../../engine/engine.ts'
import type { Command } from '../../command.ts'
import { type ListSpec, printList } from '../../format/formatter.ts'
import { ellipsis } from '../../format/units.ts'

export const command: Command = {
  async run(ctx, [term = ''], flags) {
    const options = {
      filters: flags.filters('filter'),
      ...(flags.changed('limit') && { limit: flags.number('limit') }),
    }
    const results = await (await ctx.engine()).images.search(term, options)
    await printList(ctx.out, list(flags.bool('no-trunc')), results, { format: flags.string('format') })
    return undefined
  },
}

const list = (noTrunc: boolean): ListSpec<ImageSearchResult> => ({
  type: '*registry.searchContext',
  table: 'table {{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}',
  quiet: '',
  headers: { Name: 'NAME', Description: 'DESCRIPTION', StarCount: 'STARS', IsOfficial: 'OFFICIAL' },
  columns: {
    Name: result => result.name,
    Description: result => {
      const line = result.description.replace(/[\n\r]/g, ' ')
      return noTrunc ? line : ellipsis(line, 45)
    },
    StarCount: result => String(result.star_count),
    IsOfficial: result => (result.is_official ? '[OK]' : ''),
  },
})
