/**
 * The inline cache: the keys of an image's steps in its config, so that whoever has the image need not do them again
 * (buildkit cache/remotecache/inline, cache/remotecache/v1).
 */
import { diffIDs as diffIDsOf, type ImageConfig } from '../image/config.ts'

/** Where a config has it. */
export const inlineCacheKey = 'moby.buildkit.cache.v0'

/** A step by its key. */
export interface InlineRecord {
  key: string
  /** The layer that it made, counted from 0. */
  layer: number
  /** ms since the epoch. */
  created: number
}

/** The steps whose layers are the image's own (`diffIDs`, lowest first), in base64. */
export function encodeInlineCache(
  records: readonly { key: string; result: { diffIDs: readonly string[]; created: number } }[],
  diffIDs: readonly string[],
): string {
  const kept = records.filter(
    ({ result }) => result.diffIDs.length > 0 && result.diffIDs.every((diffID, at) => diffID === diffIDs[at]),
  )
  const document = {
    layers: diffIDs.map((blob, at) => ({ blob, parent: at - 1 })),
    records: kept.map(({ key, result }) => ({
      digest: `sha256:${key}`,
      layers: [{ layer: result.diffIDs.length - 1, createdAt: new Date(result.created).toISOString() }],
    })),
  }
  return Buffer.from(JSON.stringify(document)).toString('base64')
}

/** What an image carries; nothing when it carries none, or what is no cache of its layers: it may come from anyone. */
export function decodeInlineCache(config: ImageConfig): InlineRecord[] {
  const layers = diffIDsOf(config).length
  try {
    const { records }: { records?: unknown } = JSON.parse(
      Buffer.from(config[inlineCacheKey] ?? '', 'base64').toString() || '{}',
    )
    return (Array.isArray(records) ? records : []).flatMap((record): InlineRecord[] => {
      const [, key] = /^sha256:([0-9a-f]{64})$/.exec(String(record?.digest)) ?? []
      const layer: unknown = record?.layers?.[0]?.layer
      const created = Date.parse(String(record?.layers?.[0]?.createdAt))
      const isLayer = typeof layer === 'number' && Number.isInteger(layer) && layer >= 0 && layer < layers
      return key !== undefined && isLayer && Number.isFinite(created) ? [{ key, layer, created }] : []
    })
  } catch {
    return []
  }
}
