/** Numbers with a fixed number of decimals, as bc and dc count: a big integer and how many of its digits are decimals. */
import { Failure } from './failure.ts'

export interface Decimal {
  readonly digits: bigint
  readonly scale: number
}

/** More digits than this are refused: hostile powers would take all memory. */
const digitLimit = 100_000
/** Characters of an output line, the backslash counted. */
const lineLength = 69

export const zero: Decimal = { digits: 0n, scale: 0 }
export const one: Decimal = { digits: 1n, scale: 0 }

export function fromNumber(value: number): Decimal {
  return { digits: BigInt(value), scale: 0 }
}

function power10(count: number): bigint {
  return 10n ** BigInt(count)
}

/** The same number with another number of decimals, cut off. */
export function rescale(a: Decimal, scale: number): Decimal {
  if (scale === a.scale) return a
  const digits = scale > a.scale ? a.digits * power10(scale - a.scale) : a.digits / power10(a.scale - scale)
  return { digits, scale }
}

export function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale)
  return { digits: rescale(a, scale).digits + rescale(b, scale).digits, scale }
}

export function negate(a: Decimal): Decimal {
  return { digits: -a.digits, scale: a.scale }
}

export function multiply(a: Decimal, b: Decimal, scale: number): Decimal {
  const full = { digits: a.digits * b.digits, scale: a.scale + b.scale }
  return rescale(full, Math.min(full.scale, Math.max(scale, a.scale, b.scale)))
}

export function divide(a: Decimal, b: Decimal, scale: number): Decimal {
  if (b.digits === 0n) throw new Failure('divide by zero')
  return { digits: (a.digits * power10(scale + b.scale)) / (b.digits * power10(a.scale)), scale }
}

export function modulo(a: Decimal, b: Decimal, scale: number): Decimal {
  const quotient = divide(a, b, scale)
  const product = { digits: quotient.digits * b.digits, scale: quotient.scale + b.scale }
  return rescale(add(a, negate(product)), Math.max(scale + b.scale, a.scale))
}

export function power(a: Decimal, exponent: Decimal, scale: number): Decimal {
  if (exponent.scale > 0 && exponent.digits % power10(exponent.scale) !== 0n) throw new Failure('not an integer')
  const n = rescale(exponent, 0).digits
  const size = n < 0n ? -n : n
  if (size * BigInt(a.digits.toString().length) > BigInt(digitLimit)) throw new Failure('number too long')
  const full = { digits: a.digits ** size, scale: a.scale * Number(size) }
  if (n < 0n) return divide(one, full, scale)
  return rescale(full, Math.min(full.scale, Math.max(scale, a.scale)))
}

export function squareRoot(a: Decimal, scale: number): Decimal {
  if (a.digits < 0n) throw new Failure('negative number')
  const wanted = Math.max(scale, a.scale)
  const value = rescale(a, wanted * 2).digits
  if (value < 2n) return { digits: value, scale: wanted }
  let x = 1n << BigInt(Math.ceil(value.toString(2).length / 2) + 1)
  for (;;) {
    const next = (x + value / x) >> 1n
    if (next >= x) return { digits: x, scale: wanted }
    x = next
  }
}

export function compare(a: Decimal, b: Decimal): number {
  const { digits } = add(a, negate(b))
  return digits === 0n ? 0 : digits < 0n ? -1 : 1
}

/** A number as written in a base from 2 to 36; upper-case letters are digits. */
export function parseDecimal(text: string, base = 10): Decimal {
  const [whole = '', fraction = ''] = text.split('.')
  const digitOf = (char: string) => Math.min(Number.parseInt(char, 36), text.length === 1 ? 35 : base - 1)
  if (base === 10 && /^[0-9.]*$/.test(text)) return { digits: BigInt(whole + fraction || '0'), scale: fraction.length }
  let digits = 0n
  for (const char of whole) digits = digits * BigInt(base) + BigInt(digitOf(char))
  let result: Decimal = { digits, scale: 0 }
  let place = one
  for (const char of fraction) {
    place = { digits: place.digits * BigInt(base), scale: 0 }
    result = add(result, divide(fromNumber(digitOf(char)), place, fraction.length))
  }
  return result
}

/** The text in a base: no zero before the point, lines of 68 digits and a backslash. */
export function formatDecimal(a: Decimal, base = 10): string {
  const negative = a.digits < 0n
  const size = negative ? -a.digits : a.digits
  let text: string
  if (base === 10) {
    const plain = size.toString().padStart(a.scale + 1, '0')
    const whole = plain.slice(0, plain.length - a.scale)
    const fraction = plain.slice(plain.length - a.scale)
    text = a.scale === 0 ? whole : `${whole === '0' ? '' : whole}.${fraction}`
    if (size === 0n) text = '0'
  } else {
    const unit = power10(a.scale)
    text = inBase(size / unit, base)
    let rest = size % unit
    if (a.scale > 0) {
      text = text === '0' ? '.' : `${text}.`
      // As many digits as the decimals are worth.
      for (let worth = 1n; worth < unit; worth *= BigInt(base)) {
        rest *= BigInt(base)
        text += digit(Number(rest / unit), base)
        rest %= unit
      }
    }
  }
  text = (negative && size > 0n ? '-' : '') + text
  if (text.length <= lineLength) return text
  const lines: string[] = []
  for (let at = 0; at < text.length; at += lineLength - 1) lines.push(text.slice(at, at + lineLength - 1))
  return lines.join('\\\n')
}

function inBase(value: bigint, base: number): string {
  if (base <= 16) return value.toString(base).toUpperCase()
  const digits: string[] = []
  for (let rest = value; rest > 0n || digits.length === 0; rest /= BigInt(base))
    digits.unshift(digit(Number(rest % BigInt(base)), base))
  return digits.join('')
}

function digit(value: number, base: number): string {
  if (base <= 16) return value.toString(16).toUpperCase()
  return ` ${String(value).padStart(String(base - 1).length, '0')}`
}
