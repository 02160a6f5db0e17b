/** Which bytes of a file lie where in its stored sources; what no extent covers is zeros. */

/** `length` bytes at `offset` of the file are at `at` of the source: the file's own data file, or its origin. */
export interface Extent {
  offset: number
  length: number
  at: number
  from: 'data' | 'origin'
}

/** The extents without what is in `start` to `end`. Extents are sorted by offset and do not overlap. */
export function cut(extents: readonly Extent[], start: number, end: number): Extent[] {
  const kept: Extent[] = []
  for (const extent of extents) {
    const last = extent.offset + extent.length
    if (last <= start || extent.offset >= end) {
      kept.push(extent)
      continue
    }
    if (extent.offset < start) kept.push({ ...extent, length: start - extent.offset })
    if (last > end) kept.push({ ...extent, offset: end, length: last - end, at: extent.at + end - extent.offset })
  }
  return kept
}

/** Puts an extent in place of what its range held, joined with a neighbour that it continues. */
export function put(extents: readonly Extent[], extent: Extent): Extent[] {
  const last = extents.at(-1)
  if (!last || last.offset + last.length <= extent.offset) return join([...extents], extent)
  const kept = cut(extents, extent.offset, extent.offset + extent.length)
  const index = kept.findIndex(other => other.offset > extent.offset)
  const before = index < 0 ? kept : kept.slice(0, index)
  const after = index < 0 ? [] : kept.slice(index)
  return after.reduce(join, join(before, extent))
}

function join(extents: Extent[], next: Extent): Extent[] {
  const last = extents.at(-1)
  const continues =
    last !== undefined &&
    last.from === next.from &&
    last.offset + last.length === next.offset &&
    last.at + last.length === next.at
  if (continues) extents[extents.length - 1] = { ...last, length: last.length + next.length }
  else extents.push(next)
  return extents
}

/** The first extent that ends after `offset`, by bisection; `extents.length` if there is none. */
export function firstAfter(extents: readonly Extent[], offset: number): number {
  let low = 0
  let high = extents.length
  while (low < high) {
    const middle = (low + high) >> 1
    const extent = extents[middle]
    if (extent && extent.offset + extent.length <= offset) low = middle + 1
    else high = middle
  }
  return low
}
