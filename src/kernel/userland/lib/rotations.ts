/** Sorting the rotations of a block (Burrows and Wheeler), by doubling what is known of their order. */

/** Where each rotation starts, in their order. In a block that repeats itself, equal ones come in the order of their starts. */
export function sortRotations(block: Uint8Array): Int32Array {
  const { length } = block
  const order: Int32Array = new Int32Array(length)
  let rank: Int32Array = new Int32Array(length)
  const starts = new Int32Array(Math.max(256, length) + 1)
  // By the first byte.
  for (const byte of block) starts[byte + 1] = (starts[byte + 1] ?? 0) + 1
  for (let byte = 0; byte < 256; byte++) starts[byte + 1] = (starts[byte + 1] ?? 0) + (starts[byte] ?? 0)
  let classes = 0
  const firsts = new Int32Array(256)
  for (let byte = 0; byte < 256; byte++) {
    firsts[byte] = classes
    if ((starts[byte + 1] ?? 0) > (starts[byte] ?? 0)) classes++
  }
  for (let at = 0; at < length; at++) {
    const byte = block[at] as number
    order[starts[byte] as number] = at
    starts[byte] = (starts[byte] as number) + 1
    rank[at] = firsts[byte] as number
  }
  const shifted: Int32Array = new Int32Array(length)
  let next: Int32Array = new Int32Array(length)
  for (let known = 1; known < length && classes < length; known *= 2) {
    // In the order of their second halves, then stably by their first.
    for (let i = 0; i < length; i++) {
      const start = (order[i] as number) - known
      shifted[i] = start < 0 ? start + length : start
    }
    starts.fill(0, 0, classes + 1)
    for (let at = 0; at < length; at++) {
      const own = (rank[at] as number) + 1
      starts[own] = (starts[own] as number) + 1
    }
    for (let i = 0; i < classes; i++) starts[i + 1] = (starts[i + 1] as number) + (starts[i] as number)
    for (let i = 0; i < length; i++) {
      const start = shifted[i] as number
      const own = rank[start] as number
      order[starts[own] as number] = start
      starts[own] = (starts[own] as number) + 1
    }
    classes = 0
    let [before, beforeHalf] = [-1, -1]
    for (let i = 0; i < length; i++) {
      const start = order[i] as number
      const own = rank[start] as number
      const half = rank[start + known < length ? start + known : start + known - length] as number
      if (own !== before || half !== beforeHalf) classes++
      before = own
      beforeHalf = half
      next[start] = classes - 1
    }
    ;[rank, next] = [next, rank]
  }
  return order
}
