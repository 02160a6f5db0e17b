/** od's ways of showing bytes. */
import { Failure } from './failure.ts'

export interface OdFormat {
  letter: string
  /** Bytes of one item. */
  size: number
}

/** `x1`, `c`, `d4z`, several in one. Throws Failure. */
export function parseOdType(text: string, gnu: boolean): OdFormat[] {
  const formats: OdFormat[] = []
  const pattern = /([acdouxf])([1248CSILFD]?)z?/gy
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex
    const match = pattern.exec(text)
    if (!match)
      throw new Failure(
        gnu
          ? `invalid character '${text.charAt(at)}' in type string '${text}'`
          : `invalid character '${text.charAt(at)}' in type string '${text}'`,
      )
    const letter = match[1] ?? 'o'
    const named: Record<string, number> = { C: 1, S: 2, I: 4, L: 8, F: 4, D: 8 }
    const size = match[2] ? (named[match[2]] ?? Number(match[2])) : letter === 'f' ? 8 : 4
    formats.push({ letter, size: letter === 'a' || letter === 'c' ? 1 : size })
  }
  return formats
}

const widths: Readonly<Record<string, readonly number[]>> = {
  // Digits of items of 1, 2, 4 and 8 bytes.
  o: [3, 6, 11, 22],
  x: [2, 4, 8, 16],
  u: [3, 5, 10, 20],
  d: [4, 6, 11, 20],
  f: [15, 15, 15, 24],
}

function digitsOf({ letter, size }: OdFormat): number {
  return widths[letter]?.[Math.log2(size)] ?? 3
}

/** One line of items; those of narrower formats stand as wide as the widest needs. */
export function showBlock(bytes: readonly number[], format: OdFormat, all: readonly OdFormat[]): string {
  const perByte = Math.max(...all.map(one => (digitsOf(one) + 1) / one.size))
  const cell = Math.ceil(perByte * format.size)
  let text = ''
  for (let at = 0; at < bytes.length; at += format.size) {
    const item = Array.from({ length: format.size }, (_, n) => bytes[at + n] ?? 0)
    text += show(item, format).padStart(cell)
  }
  return text
}

function show(item: readonly number[], { letter, size }: OdFormat): string {
  const [first = 0] = item
  if (letter === 'c') return printable(first)
  if (letter === 'a') return namedChar(first)
  const view = new DataView(Uint8Array.from(item).buffer)
  if (letter === 'f')
    return size === 4 ? String(Number(view.getFloat32(0, true).toPrecision(8))) : String(view.getFloat64(0, true))
  let value = 0n
  for (let n = size - 1; n >= 0; n--) value = (value << 8n) | BigInt(item[n] ?? 0)
  if (letter === 'd') return BigInt.asIntN(size * 8, value).toString()
  if (letter === 'u') return value.toString()
  return value.toString(letter === 'x' ? 16 : 8).padStart(digitsOf({ letter, size }), '0')
}

function printable(code: number): string {
  const names: Record<number, string> = {
    0: '\\0',
    7: '\\a',
    8: '\\b',
    9: '\\t',
    10: '\\n',
    11: '\\v',
    12: '\\f',
    13: '\\r',
  }
  return names[code] ?? (code >= 32 && code < 127 ? String.fromCharCode(code) : code.toString(8).padStart(3, '0'))
}

const controls =
  'nul soh stx etx eot enq ack bel bs ht nl vt ff cr so si dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us sp'.split(
    ' ',
  )

function namedChar(code: number): string {
  const low = code & 127
  return controls[low] ?? (low === 127 ? 'del' : String.fromCharCode(low))
}
