/** IPv4 and IPv6 addresses and prefixes as numbers. */

export interface Prefix {
  /** Network address as a number; the family tells its width. */
  base: bigint
  bits: number
  family: 4 | 6
}

/** undefined when the text is no address. */
export function parseAddress(text: string): { value: bigint; family: 4 | 6 } | undefined {
  const v4 = parseV4(text)
  if (v4 !== undefined) return { value: v4, family: 4 }
  const v6 = parseV6(text)
  return v6 === undefined ? undefined : { value: v6, family: 6 }
}

/** `10.0.0.0/24`; host bits are cleared. undefined when it is no prefix. */
export function parsePrefix(text: string): Prefix | undefined {
  const [address = '', length, extra] = text.split('/')
  if (length === undefined || extra !== undefined || !/^\d{1,3}$/.test(length)) return undefined
  const parsed = parseAddress(address)
  const bits = Number(length)
  if (!parsed || bits > width(parsed.family)) return undefined
  const host = BigInt(width(parsed.family) - bits)
  return { base: (parsed.value >> host) << host, bits, family: parsed.family }
}

export function formatAddress(value: bigint, family: 4 | 6): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map(shift => (value >> shift) & 255n).join('.')
  const groups = Array.from({ length: 8 }, (_, at) => ((value >> BigInt(112 - at * 16)) & 0xffffn).toString(16))
  // RFC 5952: the longest run of two or more zero groups becomes "::".
  const runs = [...groups.join(':').matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].sort((a, b) => b[0].length - a[0].length)
  const longest = runs[0]
  if (!longest) return groups.join(':')
  const text = groups.join(':')
  return `${text.slice(0, longest.index)}::${text.slice(longest.index + longest[0].length + 1)}`
}

export const formatPrefix = (prefix: Prefix): string => `${formatAddress(prefix.base, prefix.family)}/${prefix.bits}`

export function contains(prefix: Prefix, value: bigint): boolean {
  const host = BigInt(width(prefix.family) - prefix.bits)
  return value >> host === prefix.base >> host
}

export function overlaps(a: Prefix, b: Prefix): boolean {
  if (a.family !== b.family) return false
  return a.bits <= b.bits ? contains(a, b.base) : contains(b, a.base)
}

/** First and last address of a prefix, network and broadcast included. */
export function range(prefix: Prefix): [first: bigint, last: bigint] {
  return [prefix.base, prefix.base + (1n << BigInt(width(prefix.family) - prefix.bits)) - 1n]
}

const width = (family: 4 | 6): number => (family === 4 ? 32 : 128)

function parseV4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || parts.some(part => !/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255)) return undefined
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n)
}

function parseV6(text: string): bigint | undefined {
  if (!text.includes(':')) return undefined
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const groups = halves.map(half => (half === '' ? [] : half.split(':')))
  const count = groups.reduce((sum, half) => sum + half.length, 0)
  if (halves.length === 1 ? count !== 8 : count > 7) return undefined
  const [head = [], tail = []] = groups
  const all = [...head, ...Array<string>(halves.length === 2 ? 8 - count : 0).fill('0'), ...tail]
  if (all.some(group => !/^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return all.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n)
}
