/** GET /images/json. */
import type { ImageSummary } from '../../api/image.ts'
import type { Filters } from '../../api/system.ts'
import { readIndex } from '../../container/containers.ts'
import { matchLabels } from '../../container/filters.ts'
import { invalid, invalidFilter } from '../../errors.ts'
import { chainSizes, type ImageIndexRow, imageRow, imageRows, resolveImage } from '../../image/images.ts'
import { referencePattern } from '../../image/match.ts'
import { parseReference } from '../../image/reference.ts'
import { namesById } from '../../image/tags.ts'
import { chainIDs } from '../../layer/chain-id.ts'
import type { EngineContext } from '../context.ts'
import type { ImageListOptions } from '../engine.ts'
import { parseTimeFilter } from '../time-filter.ts'

const accepted = ['dangling', 'label', 'label!', 'before', 'since', 'reference', 'until']

/** The images that `docker images` shows, the newest first (moby daemon/images/images.go). */
export async function listImages(ctx: EngineContext, options: ImageListOptions = {}): Promise<ImageSummary[]> {
  const filters = options.filters ?? {}
  for (const key of Object.keys(filters)) if (!accepted.includes(key)) throw invalidFilter(key)
  const { rows, names, containers } = ctx.store.view(reader => ({
    rows: imageRows(reader),
    names: namesById(reader),
    containers: Object.values(readIndex(reader).entries),
  }))
  const passes = rowFilter(ctx, filters)
  const dangling = booleanFilter(filters, 'dangling')
  const patterns = (filters.reference ?? []).map(referencePattern)
  const parents = new Set(rows.flatMap(row => row.parent ?? []))
  const sharedBytes = options.sharedSize ? sharing(ctx) : () => -1
  const out: ImageSummary[] = []
  for (const row of rows.sort((a, b) => b.created - a.created)) {
    if (!passes(row)) continue
    const all = names.get(row.id) ?? { tags: [], digests: [] }
    const shown = (reference: string): boolean =>
      patterns.length === 0 || patterns.some(matches => matches(parseReference(reference)))
    const tags = all.tags.filter(shown)
    const digests = all.digests.filter(shown)
    if (tags.length + digests.length === 0) {
      if (!options.all && parents.has(row.id)) continue
      if (dangling === false || patterns.length > 0) continue
    } else if (dangling === true && tags.length > 0) continue
    out.push({
      Containers: containers.filter(container => container.image === row.id).length,
      Created: Math.floor(row.created / 1000),
      Id: row.id,
      Labels: row.labels ?? null,
      ParentId: row.parent ?? '',
      RepoDigests: digests,
      RepoTags: tags,
      SharedSize: options.sharedSize ? sharedBytes(row.diffIDs) : -1,
      Size: row.size,
    })
  }
  return out
}

/** How many bytes of a stack of layers some other image has as well. */
function sharing(ctx: EngineContext): (diffIDs: readonly string[]) => number {
  const { sizes, users } = chainSizes(ctx.store)
  return diffIDs =>
    chainIDs(diffIDs)
      .filter(chain => (users.get(chain) ?? 0) > 1)
      .reduce((sum, chain) => sum + (sizes.get(chain) ?? 0), 0)
}

/** The filters that look at an image alone: labels, and how old it is. */
export function rowFilter(ctx: EngineContext, filters: Filters): (row: ImageIndexRow) => boolean {
  const createdOf = (reference: string): number => imageRow(ctx.store, resolveImage(ctx.store, reference))?.created ?? 0
  const until = parseTimeFilter(filters.until, ctx.clock.now())
  const before = [...(filters.before ?? []).map(createdOf), ...(until === undefined ? [] : [until])]
  const since = (filters.since ?? []).map(createdOf)
  const labels = filters.label ?? []
  const unwanted = filters['label!'] ?? []
  return row =>
    before.every(time => row.created < time) &&
    since.every(time => row.created > time) &&
    matchLabels(labels, row.labels ?? {}) &&
    !unwanted.some(label => matchLabels([label], row.labels ?? {}))
}

/** A filter that is yes or no; undefined when it is not given. Throws Docker's error for anything else. */
export function booleanFilter(filters: Filters, key: string): boolean | undefined {
  const values = filters[key]
  if (!values || values.length === 0) return undefined
  const [value = ''] = values
  const yes = ['1', 'true'].includes(value)
  if (new Set(values).size > 1 || (!yes && !['0', 'false'].includes(value)))
    throw invalid(`invalid filter '${key}=[${[...new Set(values)].sort().join(' ')}]'`)
  return yes
}
