/** Values of awk: numbers, strings, and texts from outside that may look like numbers. */
import { formatOne } from '../lib/printf-format.ts'

/** A text that came from input: it compares as a number when it looks like one. Uninitialized is `''` that also is 0. */
export class InputText {
  readonly text: string
  private number: number | undefined
  private looked = false

  constructor(text: string) {
    this.text = text
  }

  /** Its number, if it looks like one. */
  get numeric(): number | undefined {
    if (!this.looked) {
      this.looked = true
      if (looksNumeric(this.text)) this.number = toNumber(this.text)
    }
    return this.number
  }
}

class Uninitialized extends InputText {
  override get numeric(): number {
    return 0
  }
}

export const uninitialized: InputText = new Uninitialized('')

export type Value = number | string | InputText

/** An awk array: names to values, walked in the order of busybox's hash table. */
export class AwkArray {
  readonly items = new Map<string, Value>()

  get(name: string): Value {
    let value = this.items.get(name)
    if (value === undefined) {
      value = uninitialized
      this.items.set(name, value)
    }
    return value
  }

  /** Names as `for (k in a)` meets them: busybox's buckets, or sorted as mawk does. */
  names(sorted: boolean): string[] {
    const names = [...this.items.keys()]
    return sorted ? names.sort() : bucketOrder(names)
  }
}

const sizes = [61, 251, 1021, 4093, 16381, 65521]

/** The order of busybox's hash: new names go to the front of their bucket; it grows when 8 a bucket are in it. */
function bucketOrder(names: readonly string[]): string[] {
  let size = 0
  let buckets: string[][] = Array.from({ length: sizes[0] ?? 61 }, () => [])
  let count = 0
  for (const name of names) {
    if (++count > buckets.length * 8 && size < sizes.length - 1) {
      const grown: string[][] = Array.from({ length: sizes[++size] ?? 65_521 }, () => [])
      for (const bucket of buckets) for (const old of bucket) grown[hash(old) % grown.length]?.unshift(old)
      buckets = grown
    }
    buckets[hash(name) % buckets.length]?.unshift(name)
  }
  return buckets.flat()
}

function hash(name: string): number {
  let index = 0
  for (let at = 0; at < name.length; at++) {
    const code = (name.charCodeAt(at) << 24) >> 24
    index = (code + (index << 6) - index) >>> 0
  }
  return index
}

function looksNumeric(text: string): boolean {
  return /^[ \t\n\v\f\r]*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?[ \t\n\v\f\r]*$/.test(text)
}

/** The number at the start of a text, 0 without one. */
export function toNumber(text: string): number {
  const match = /^[ \t\n\v\f\r]*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/.exec(text)
  if (match) return Number(match[1])
  const special = /^[ \t]*([-+])(inf|nan)/i.exec(text)
  if (!special) return 0
  return special[2]?.toLowerCase() === 'nan'
    ? Number.NaN
    : special[1] === '-'
      ? Number.NEGATIVE_INFINITY
      : Number.POSITIVE_INFINITY
}

export function numberOf(value: Value): number {
  if (typeof value === 'number') return value
  if (typeof value === 'string') return toNumber(value)
  return value.numeric ?? toNumber(value.text)
}

/** The text of a value; numbers that are whole print as integers, others by `format` (CONVFMT or OFMT). */
export function textOf(value: Value, format: string): string {
  if (typeof value === 'string') return value
  if (typeof value !== 'number') return value.text
  if (Number.isInteger(value)) {
    if (Math.abs(value) < 1e16) return value === 0 ? '0' : String(value)
    return Math.abs(value) < 2 ** 63 ? BigInt(value).toString() : formatOne(format, value)
  }
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
  return formatOne(format, value)
}

export function truthOf(value: Value): boolean {
  if (typeof value === 'number') return value !== 0
  if (typeof value === 'string') return value !== ''
  const { numeric } = value
  return numeric === undefined ? value.text !== '' : numeric !== 0
}

/** Order of two values: as numbers when both are or look like numbers, otherwise as texts. */
export function compareValues(left: Value, right: Value, format: string): number {
  const a = typeof left === 'number' ? left : typeof left === 'string' ? undefined : left.numeric
  const b = typeof right === 'number' ? right : typeof right === 'string' ? undefined : right.numeric
  if (a !== undefined && b !== undefined) return a < b ? -1 : a > b ? 1 : a === b ? 0 : Number.NaN
  const [x, y] = [textOf(left, format), textOf(right, format)]
  return x < y ? -1 : x > y ? 1 : 0
}

/** glibc's random(3), which awk's rand() calls: the same numbers for the same seed. */
export class GlibcRandom {
  private readonly state: number[] = []

  constructor(seed: number) {
    let word = seed === 0 ? 1 : seed | 0
    const initial = [word]
    for (let n = 1; n < 31; n++) {
      const high = Math.trunc(word / 127_773)
      word = 16_807 * (word - high * 127_773) - 2836 * high
      if (word < 0) word += 2_147_483_647
      initial.push(word)
    }
    for (let n = 31; n < 34; n++) initial.push(initial[n - 31] ?? 0)
    for (let n = 34; n < 344; n++) initial.push(((initial[n - 31] ?? 0) + (initial[n - 3] ?? 0)) | 0)
    this.state = initial.slice(-31)
  }

  /** The next number from 0 to 2^31 - 1. */
  next(): number {
    const sum = ((this.state[0] ?? 0) + (this.state[28] ?? 0)) | 0
    this.state.shift()
    this.state.push(sum)
    return sum >>> 1
  }
}
