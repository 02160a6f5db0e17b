/** Layers that are kept for other reasons than an image or a container: the build cache. */
import type { StoreReader } from '../../store/types.ts'

/** Where the build cache lists the stacks of layers that its records hold. */
export const cacheLayersPath = 'buildcache/layers.json'

/** Stacks of diffIDs, lowest first, that must stay in the store. */
export function keptLayers(reader: StoreReader): readonly (readonly string[])[] {
  return reader.read<{ stacks: string[][] }>(cacheLayersPath)?.stacks ?? []
}
