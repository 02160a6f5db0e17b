/** Layers that are kept for other reasons than an image or a container: the build cache. */
import { cachedStacks } from '../../build/cache.ts'
import type { StoreReader } from '../../store/types.ts'

/** Stacks of diffIDs, lowest first, that must stay in the store. */
export function keptLayers(reader: StoreReader): readonly (readonly string[])[] {
  return cachedStacks(reader)
}
