/** The build cache as `system df`, `buildx du` and `builder prune` know it (buildkit cache/manager.go DiskUsage, Prune). */
import type { BuildCacheRecord } from '../../api/system.ts'
import { cacheMountFolder, cachePath, readCache, type StoredRecord } from '../../build/cache.ts'
import { imageRows } from '../../image/images.ts'
import { chainIDs } from '../../layer/chain-id.ts'
import type { StoreReader } from '../../store/types.ts'
import { parseDuration } from '../../util/go-duration.ts'
import { rfc3339Nano } from '../../util/time.ts'
import type { EngineContext } from '../context.ts'
import type { CachePruneOptions } from '../engine.ts'
import { dropLayers } from '../image/remove.ts'

/** The records, the last used first. */
export function cacheUsage(reader: StoreReader): BuildCacheRecord[] {
  const { records } = readCache(reader)
  const images = new Set(imageRows(reader).flatMap(row => chainIDs(row.diffIDs)))
  const byChain = new Map<string, string>()
  for (const record of Object.values(records)) {
    const chain = chainIDs(record.diffIDs).at(-1)
    if (chain !== undefined && record.type === 'regular') byChain.set(chain, record.id)
  }
  return Object.values(records)
    .sort((a, b) => b.lastUsed - a.lastUsed || b.created - a.created)
    .map(record => apiRecord(record, images, byChain))
}

/** A step by its name, a process by its command, an image that was there by nothing (buildkit names them so). */
function descriptionOf({ type, name, parts }: StoredRecord): string {
  if (type !== 'regular') return name
  if (parts['kind'] === 'run') return `mount / from exec ${parts['instruction']}`
  return parts['kind'] === 'image' ? 'from local ' : name
}

function apiRecord(
  record: StoredRecord,
  images: ReadonlySet<string>,
  byChain: ReadonlyMap<string, string>,
): BuildCacheRecord {
  const chains = chainIDs(record.diffIDs)
  const own = chains.at(-1)
  const parent = byChain.get(chains.at(-2) ?? '')
  return {
    ID: record.id,
    ...(parent !== undefined && record.type === 'regular' && { Parents: [parent] }),
    Type: record.type,
    Description: descriptionOf(record),
    InUse: false,
    Shared: own !== undefined && images.has(own),
    Size: record.size,
    CreatedAt: rfc3339Nano(record.created),
    LastUsedAt: rfc3339Nano(record.lastUsed),
    UsageCount: record.used,
  }
}

/** Removes records that no image shares, or all of them; returns what was removed. */
export async function pruneCache(ctx: EngineContext, options: CachePruneOptions): Promise<BuildCacheRecord[]> {
  const passes = pruneFilter(options.filters, ctx.clock.now())
  return ctx.machine.change(({ tx }) => {
    const usage = cacheUsage(tx)
    let kept = usage.filter(record => !record.Shared).reduce((sum, record) => sum + record.Size, 0)
    const removed = [...usage].reverse().filter(record => {
      if ((!options.all && record.Shared) || !passes(record)) return false
      if (options.keepBytes > 0 && kept <= options.keepBytes) return false
      kept -= record.Size
      return true
    })
    const ids = new Set(removed.map(record => record.ID))
    const cache = readCache(tx)
    const gone = Object.values(cache.records).filter(record => ids.has(record.id))
    for (const record of gone) {
      delete cache.records[record.key]
      if (record.type === 'exec.cachemount') tx.remove(cacheMountFolder(record.key.slice('mount '.length)))
    }
    if (gone.length > 0) tx.put(cachePath, cache)
    dropLayers(
      tx,
      gone.flatMap(record => record.diffIDs),
    )
    return removed.reverse()
  })
}

/** `until=24h`, `type=`, `id=`, `description=`, `inuse`, `shared`, `private`. Throws Error for a bad time. */
function pruneFilter(filters: CachePruneOptions['filters'], now: number): (record: BuildCacheRecord) => boolean {
  const tests: ((record: BuildCacheRecord) => boolean)[] = []
  for (const [name, values] of Object.entries(filters ?? {})) {
    const any = (value: (record: BuildCacheRecord) => string): void =>
      void tests.push(record => (values ?? []).some(wanted => value(record) === wanted))
    if (name === 'until' || name === 'unused-for') {
      for (const value of values ?? []) {
        const limit = now - parseDuration(value) / 1e6
        tests.push(record => Date.parse(record.LastUsedAt ?? '') < limit)
      }
    } else if (name === 'type') any(record => record.Type)
    else if (name === 'id') tests.push(record => (values ?? []).some(value => record.ID.startsWith(value)))
    else if (name === 'description')
      tests.push(record => (values ?? []).some(value => record.Description.includes(value)))
    else if (name === 'shared') any(record => String(record.Shared))
    else if (name === 'private') any(record => String(!record.Shared))
    else if (name === 'inuse') any(record => String(record.InUse))
    // BuildKit asks no one what it does not know: nothing has such a property.
    else tests.push(() => false)
  }
  return record => tests.every(test => test(record))
}
