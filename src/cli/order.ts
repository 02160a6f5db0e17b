/** Names in the order that people count: `a2` before `a10` (fvbommel/sortorder, which docker/cli uses). */
export function natural(a: string, b: string): number {
  const left = a.match(/\d+|\D+/g) ?? []
  const right = b.match(/\d+|\D+/g) ?? []
  for (const [i, part] of left.entries()) {
    const other = right[i]
    if (other === undefined) return 1
    if (part === other) continue
    const numbers = /^\d/.test(part) && /^\d/.test(other)
    if (numbers && BigInt(part) !== BigInt(other)) return BigInt(part) < BigInt(other) ? -1 : 1
    return part < other ? -1 : 1
  }
  return left.length - right.length
}
