/** `docker system prune`: everything that nothing uses. */
import type { Command } from '../../command.ts'
import { humanSize } from '../../format/units.ts'
import { confirm } from '../../prompt.ts'

export const command: Command = {
  async run(ctx, _args, flags) {
    const filters = flags.filters('filter')
    const volumes = flags.bool('volumes')
    const all = flags.bool('all')
    if (volumes && filters.until) throw new Error('ERROR: The "until" filter is not supported with "--volumes"')
    if (
      !flags.bool('force') &&
      !(await confirm(ctx, `${warning(all, volumes, flags.list('filter'))}Are you sure you want to continue?`))
    ) {
      return undefined
    }
    const engine = await ctx.engine()
    let reclaimed = 0
    const show = (title: string, lines: readonly string[]): void => {
      if (lines.length > 0) ctx.out.write(`${title}:\n${lines.map(line => `${line}\n`).join('')}\n`)
    }
    const containers = await engine.containers.prune(filters)
    show('Deleted Containers', containers.Deleted)
    reclaimed += containers.SpaceReclaimed
    show('Deleted Networks', await engine.networks.prune(filters))
    if (volumes) {
      const report = await engine.volumes.prune(filters)
      show('Deleted Volumes', report.Deleted)
      reclaimed += report.SpaceReclaimed
    }
    const images = await engine.images.prune(
      all ? { ...filters, dangling: ['false'] } : { ...filters, dangling: ['true'] },
    )
    show(
      'Deleted Images',
      images.ImagesDeleted.map(item =>
        'Untagged' in item ? `untagged: ${item.Untagged}` : `deleted: ${item.Deleted}`,
      ),
    )
    reclaimed += images.SpaceReclaimed
    // Labels are no filter of the build cache.
    const cache = await engine.images.pruneCache({
      all,
      filters: filters.until ? { until: filters.until } : {},
      keepBytes: 0,
    })
    show(
      'Deleted build cache objects',
      cache.map(record => record.ID),
    )
    reclaimed += cache.reduce((sum, record) => sum + record.Size, 0)
    ctx.out.write(`Total reclaimed space: ${humanSize(reclaimed)}\n`)
    return undefined
  },
}

function warning(all: boolean, volumes: boolean, filters: readonly string[]): string {
  const items = [
    'all stopped containers',
    'all networks not used by at least one container',
    ...(volumes ? ['all anonymous volumes not used by at least one container'] : []),
    all ? 'all images without at least one container associated to them' : 'all dangling images',
    all ? 'all build cache' : 'unused build cache',
  ]
  const filtered = [...filters].sort().map(text => `  - ${text}\n`)
  const what = filtered.length === 0 ? '' : `  Items to be pruned will be filtered with:\n${filtered.join('')}\n`
  return `WARNING! This will remove:\n${items.map(item => `  - ${item}\n`).join('')}\n${what}`
}
