/** POST /containers/prune. */
import type { Filters, PruneReport } from '../../api/system.ts'
import { newestFirst, readIndex } from '../../container/containers.ts'
import { matchLabels } from '../../container/filters.ts'
import { invalidFilter } from '../../errors.ts'
import type { EngineContext } from '../context.ts'
import { parseTimeFilter } from '../time-filter.ts'
import { removeIn } from './remove.ts'

const accepted = ['label', 'label!', 'until']

/** Removes every container that does not run and that the filters let through (moby daemon/prune.go). */
export async function pruneContainers(ctx: EngineContext, filters: Filters = {}): Promise<PruneReport> {
  for (const key of Object.keys(filters)) if (!accepted.includes(key)) throw invalidFilter(key)
  return ctx.machine.change(async live => {
    const until = parseTimeFilter(filters['until'], live.time)
    const report: PruneReport = { Deleted: [], SpaceReclaimed: 0 }
    for (const entry of newestFirst(readIndex(live.tx))) {
      if (entry.state.status !== 'created' && entry.state.status !== 'exited') continue
      if (until !== undefined && entry.created >= until) continue
      if (!matchLabels(filters['label'] ?? [], entry.labels)) continue
      if (filters['label!']?.some(label => matchLabels([label], entry.labels))) continue
      await removeIn(live, live.record(entry.id), { volumes: false })
      report.Deleted.push(entry.id)
      report.SpaceReclaimed += entry.sizeRw
    }
    live.emit({ type: 'container', action: 'prune', id: '', attributes: { reclaimed: String(report.SpaceReclaimed) } })
    return report
  })
}
