/** printf(3) conversions, for printf, awk, seq and others. */

export interface Spec {
  flags: string
  width: number | '*' | undefined
  precision: number | '*' | undefined
  conversion: string
}

/** Widths beyond this would only eat memory. */
const widest = 1_000_000

/** A format taken apart: texts and conversions in turn. `%%` is a conversion. */
export function parseFormat(format: string): (string | Spec)[] {
  const parts: (string | Spec)[] = []
  const pattern = /%([-+ #0']*)(\*|\d*)(?:\.(\*|\d*))?(?:hh|h|ll|l|L|q|j|z|t)?([%a-zA-Z])/g
  let at = 0
  for (const match of format.matchAll(pattern)) {
    if (match.index > at) parts.push(format.slice(at, match.index))
    const size = (text: string | undefined) =>
      text === '*' ? '*' : text === undefined ? undefined : Math.min(Number(text || 0), widest)
    parts.push({
      flags: match[1] ?? '',
      width: match[2] === '' ? undefined : size(match[2]),
      precision: size(match[3]),
      conversion: match[4] ?? '',
    })
    at = match.index + match[0].length
  }
  if (at < format.length) parts.push(format.slice(at))
  return parts
}

/** One conversion of a number or text; `*` must be filled in already. */
export function formatSpec(spec: Spec, value: number | bigint | string): string {
  const precision = typeof spec.precision === 'number' ? spec.precision : undefined
  let text: string
  switch (spec.conversion) {
    case 's':
      text = String(value)
      if (precision !== undefined) text = text.slice(0, precision)
      return fill(text, { ...spec, flags: spec.flags.replace('0', '') })
    case 'c':
      text = typeof value === 'string' ? value.slice(0, 1) : String.fromCharCode(Number(value) & 255)
      return fill(text, { ...spec, flags: spec.flags.replace('0', '') })
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
      return formatInteger(spec, toBigInt(value), precision)
    default:
      return formatFloat(spec, Number(value), precision)
  }
}

/** A format with one conversion (seq -f, OFMT). */
export function formatOne(format: string, value: number): string {
  return parseFormat(format)
    .map(part => (typeof part === 'string' ? part : part.conversion === '%' ? '%' : formatSpec(part, value)))
    .join('')
}

function toBigInt(value: number | bigint | string): bigint {
  if (typeof value === 'bigint') return value
  const number = Number(value)
  if (Number.isNaN(number)) return -(2n ** 63n)
  if (number >= 2 ** 63) return 2n ** 63n - 1n
  if (number <= -(2 ** 63)) return -(2n ** 63n)
  return BigInt(Math.trunc(number))
}

function formatInteger(spec: Spec, value: bigint, precision: number | undefined): string {
  const signed = spec.conversion === 'd' || spec.conversion === 'i'
  const size = signed ? (value < 0n ? -value : value) : BigInt.asUintN(64, value)
  const base = spec.conversion === 'o' ? 8 : spec.conversion === 'x' || spec.conversion === 'X' ? 16 : 10
  let digits = precision === 0 && size === 0n ? '' : size.toString(base)
  if (precision !== undefined) digits = digits.padStart(precision, '0')
  let prefix = signed ? signOf(value < 0n, spec.flags) : ''
  if (spec.flags.includes('#') && size !== 0n) {
    if (base === 16) prefix = '0x'
    else if (base === 8 && !digits.startsWith('0')) digits = `0${digits}`
  }
  let text = fill(digits, spec, prefix, precision === undefined)
  if (spec.conversion === 'X') text = text.toUpperCase()
  return text
}

function formatFloat(spec: Spec, value: number, given: number | undefined): string {
  const precision = given ?? 6
  const sign = signOf(value < 0 || Object.is(value, -0), spec.flags)
  const size = Math.abs(value)
  const lower = spec.conversion.toLowerCase()
  let text: string
  if (!Number.isFinite(size)) {
    text = Number.isNaN(size) ? 'nan' : 'inf'
    text = fill(text, { ...spec, flags: spec.flags.replace('0', '') }, Number.isNaN(size) ? '' : sign)
    return spec.conversion === lower ? text : text.toUpperCase()
  }
  if (lower === 'e') text = exponential(size, precision)
  else if (lower === 'g') text = general(size, precision, spec.flags.includes('#'))
  else if (lower === 'a') text = hexadecimal(size, given)
  else text = fixed(size, precision)
  if (spec.flags.includes('#') && precision === 0 && !text.includes('.')) text += '.'
  text = fill(text, spec, sign, true)
  return spec.conversion === lower ? text : text.toUpperCase()
}

/** toFixed for any size: JavaScript's own switches to exponents at 1e21, and allows 100 digits. */
function fixed(value: number, precision: number): string {
  const digits = Math.min(precision, 100)
  if (value < 1e21) return value.toFixed(digits) + '0'.repeat(Math.min(precision - digits, 10_000))
  return BigInt(value).toString() + (precision > 0 ? `.${'0'.repeat(Math.min(precision, 10_000))}` : '')
}

function exponential(value: number, precision: number): string {
  return value.toExponential(Math.min(precision, 100)).replace(/e([+-])(\d)$/, 'e$10$2')
}

function general(value: number, given: number, keepZeros: boolean): string {
  const precision = Math.min(given === 0 ? 1 : given, 100)
  if (value === 0) return keepZeros ? fixed(0, precision - 1) : '0'
  const exponent = Number(value.toExponential(precision - 1).split('e')[1])
  const text =
    exponent < -4 || exponent >= precision ? exponential(value, precision - 1) : fixed(value, precision - 1 - exponent)
  if (keepZeros || !text.includes('.')) return text
  return text.replace(/\.?0+(?=$|e)/, '')
}

function hexadecimal(value: number, precision: number | undefined): string {
  if (value === 0) return precision ? `0x0.${'0'.repeat(precision)}p+0` : '0x0p+0'
  let exponent = Math.floor(Math.log2(value))
  let mantissa = value / 2 ** exponent
  if (mantissa >= 2) {
    mantissa /= 2
    exponent++
  }
  let digits = ''
  let rest = mantissa - 1
  for (let n = 0; n < (precision ?? 13) && (precision !== undefined || rest > 0); n++) {
    rest *= 16
    digits += Math.floor(rest).toString(16)
    rest -= Math.floor(rest)
  }
  return `0x1${digits === '' ? '' : `.${digits}`}p${exponent < 0 ? '' : '+'}${exponent}`
}

function signOf(negative: boolean, flags: string): string {
  return negative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
}

function fill(text: string, spec: Spec, prefix = '', zeros = false): string {
  const width = typeof spec.width === 'number' ? spec.width : 0
  const size = width - prefix.length
  if (spec.flags.includes('-')) return (prefix + text).padEnd(width)
  if (zeros && spec.flags.includes('0')) return prefix + text.padStart(size, '0')
  return (prefix + text).padStart(width)
}
