/** Go's strconv, as far as flags and templates need it: quoting, and parsing with Go's own error texts. */

const ESCAPES = new Map([
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
])

/** Go's `%q`: a double-quoted string with escapes (or, with `'`, a quoted character). */
export function quote(text: string, mark: '"' | "'" = '"'): string {
  let out: string = mark
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    if (char === mark) out += `\\${char}`
    else if (ESCAPES.has(char)) out += ESCAPES.get(char)
    else if (code < 0x20 || code === 0x7f) out += `\\x${code.toString(16).padStart(2, '0')}`
    else if (code > 0x7f && !/[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(char)) {
      out += code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
    } else out += char
  }
  return out + mark
}

const failed = (fn: string, text: string, why: string): Error =>
  new Error(`strconv.${fn}: parsing ${quote(text)}: ${why}`)

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

/** strconv.ParseBool. */
export function parseBool(text: string): boolean {
  if (TRUE.has(text)) return true
  if (FALSE.has(text)) return false
  throw failed('ParseBool', text, 'invalid syntax')
}

const DIGITS =
  /^(0[xX]_?[0-9a-fA-F]+(_[0-9a-fA-F]+)*|0[bB]_?[01]+(_[01]+)*|0[oO]_?[0-7]+(_[0-7]+)*|0(_?[0-7]+)*|[1-9][0-9]*(_[0-9]+)*)$/

/** The value of an unsigned literal with base 0 (`12`, `0x1f`, `017`, `1_000`); undefined for bad syntax. */
function literal(text: string): bigint | undefined {
  if (!DIGITS.test(text)) return undefined
  const plain = text.replaceAll('_', '')
  return BigInt(/^0[0-7]+$/.test(plain) ? `0o${plain.slice(1)}` : plain)
}

/** strconv.ParseInt(text, 0, 64). Values beyond 2^53 lose precision. */
export function parseInt64(text: string): number {
  const negative = text.startsWith('-')
  const value = literal(negative || text.startsWith('+') ? text.slice(1) : text)
  if (value === undefined) throw failed('ParseInt', text, 'invalid syntax')
  if (value > (negative ? 2n ** 63n : 2n ** 63n - 1n)) throw failed('ParseInt', text, 'value out of range')
  return negative ? -Number(value) : Number(value)
}

/** strconv.ParseUint(text, 0, bits). */
export function parseUint(text: string, bits: number): number {
  const value = literal(text)
  if (value === undefined) throw failed('ParseUint', text, 'invalid syntax')
  if (value >= 2n ** BigInt(bits)) throw failed('ParseUint', text, 'value out of range')
  return Number(value)
}

/** strconv.ParseFloat(text, 64). */
export function parseFloat64(text: string): number {
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return Number(text)
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text)
  if (!special) throw failed('ParseFloat', text, 'invalid syntax')
  if (special[2]?.toLowerCase() === 'nan') return Number.NaN
  return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}
