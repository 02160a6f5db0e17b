/** POST /images/prune (moby daemon/images/image_prune.go). */
import type { ImageDeleteItem } from '../../api/image.ts'
import type { Filters } from '../../api/system.ts'
import { readIndex } from '../../container/containers.ts'
import { EngineError, invalidFilter } from '../../errors.ts'
import { chainSizes, imageRows } from '../../image/images.ts'
import { namesById } from '../../image/tags.ts'
import type { EngineContext } from '../context.ts'
import { booleanFilter, rowFilter } from './list.ts'
import { removeIn, sweepImages } from './remove.ts'

const accepted = ['dangling', 'label', 'label!', 'until']

/** Removes images that no container uses: those without a name, or with `dangling=false` all of them. */
export async function pruneImages(
  ctx: EngineContext,
  filters: Filters = {},
): Promise<{ ImagesDeleted: ImageDeleteItem[]; SpaceReclaimed: number }> {
  for (const key of Object.keys(filters)) if (!accepted.includes(key)) throw invalidFilter(key)
  const danglingOnly = booleanFilter(filters, 'dangling') ?? true
  const passes = rowFilter(ctx, filters)
  return ctx.machine.change(live => {
    const { tx } = live
    sweepImages(tx)
    const { sizes } = chainSizes(tx)
    const deleted: ImageDeleteItem[] = []
    const used = new Set(Object.values(readIndex(tx).entries).map(entry => entry.image))
    const rows = imageRows(tx).sort((a, b) => b.created - a.created)
    const parents = new Set(rows.flatMap(row => row.parent ?? []))
    for (const { id, ...row } of rows) {
      const { tags = [], digests = [] } = namesById(tx).get(id) ?? {}
      if (used.has(id) || parents.has(id) || !passes({ id, ...row })) continue
      if (danglingOnly && tags.length > 0) continue
      const references = tags.length + digests.length > 0 ? [...tags, ...digests] : [id]
      for (const reference of references) deleted.push(...tryRemove(() => removeIn(live, reference, {})))
    }
    // Only layers that nobody holds, as the build cache may, are among what was deleted.
    const reclaimed = deleted.reduce(
      (bytes, item) => bytes + ('Deleted' in item ? (sizes.get(item.Deleted) ?? 0) : 0),
      0,
    )
    live.emit({ type: 'image', action: 'prune', id: '', attributes: { reclaimed: String(reclaimed) } })
    return { ImagesDeleted: deleted, SpaceReclaimed: reclaimed }
  })
}

/** A name may be gone with another one's removal. */
function tryRemove(remove: () => ImageDeleteItem[]): ImageDeleteItem[] {
  try {
    return remove()
  } catch (error) {
    if (error instanceof EngineError && (error.kind === 'notFound' || error.kind === 'conflict')) return []
    throw error
  }
}
