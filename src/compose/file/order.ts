/** The orders in which Go prints the keys of a map. */

export type Order = (a: string, b: string) => number

/** encoding/json's: by bytes. */
export const byteOrder: Order = (a, b) => (a < b ? -1 : a > b ? 1 : 0)

const isDigit = (char: string | undefined): boolean => char !== undefined && /\p{Nd}/u.test(char)
const isLetter = (char: string): boolean => /\p{L}/u.test(char)

/** go-yaml's: numbers in names by their value, letters after other signs. */
export const naturalOrder: Order = (a, b) => {
  const as = [...a]
  const bs = [...b]
  let digits = false
  for (let i = 0; i < as.length && i < bs.length; i++) {
    const ac = as[i] ?? ''
    const bc = bs[i] ?? ''
    if (ac === bc) {
      digits = isDigit(ac)
      continue
    }
    const al = isLetter(ac)
    const bl = isLetter(bc)
    if (al && bl) return byteOrder(ac, bc)
    if (al || bl) return (digits ? al : bl) ? -1 : 1
    const an = numberAt(as, i)
    const bn = numberAt(bs, i)
    return an.value - bn.value || an.end - bn.end || byteOrder(ac, bc)
  }
  return as.length - bs.length
}

function numberAt(chars: readonly string[], from: number): { value: number; end: number } {
  let end = from
  while (isDigit(chars[end])) end++
  return { value: Number(chars.slice(from, end).join('') || '0'), end }
}
