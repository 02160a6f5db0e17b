/** dd's operands. */
import { Failure, UsageError } from './failure.ts'

export interface DdSettings {
  input: string | undefined
  output: string | undefined
  blockIn: number
  blockOut: number
  /** bs= was given: blocks are written as they are read. */
  sameBlocks: boolean
  /** Blocks, or bytes with `countBytes`. */
  count: number
  countBytes: boolean
  /** Bytes. */
  skip: number
  seek: number
  append: boolean
  /** O_DIRECT, or data that must be on the disk before it goes on. */
  directIn: boolean
  directOut: boolean
  fullBlock: boolean
  conversions: Set<string>
  status: string
}

/** What a restart goes on from: descriptors, full and partial blocks, bytes. */
export interface DdState {
  input: number
  output: number
  read: [number, number]
  written: [number, number]
  bytes: number
  skipped: number
  started: number
}

const largestBlock = 2 ** 33

/** Throws Failure for operands that are none. */
export function parseDd(args: readonly string[], gnu: boolean): DdSettings {
  const values = new Map<string, string>()
  const flags = new Set<string>()
  const conversions = new Set<string>()
  for (const arg of args) {
    const at = arg.indexOf('=')
    const name = arg.slice(0, at)
    const value = arg.slice(at + 1)
    if (at === -1 || !known.has(name)) {
      throw new UsageError(gnu ? `unrecognized operand '${arg}'` : '')
    }
    if (name === 'conv')
      for (const one of value.split(','))
        conversions.add(check(one, gnu ? gnuConversions : busyboxConversions, 'conversion', gnu))
    else if (name === 'iflag' || name === 'oflag') for (const one of value.split(',')) flags.add(`${name}:${one}`)
    else values.set(name, value)
  }
  const size = (name: string, otherwise: number, least: number) => {
    const text = values.get(name)
    return text === undefined ? otherwise : parseBytes(text, least, gnu)
  }
  const block = size('bs', 0, 1)
  const blockIn = block || size('ibs', 512, 1)
  const blockOut = block || size('obs', 512, 1)
  if (Math.max(blockIn, blockOut) > largestBlock)
    throw new Failure('memory exhausted by input buffer of size '.concat(String(blockIn), ' bytes'))
  const bytesIn = flags.has('iflag:skip_bytes') || /B$/.test(values.get('skip') ?? '')
  return {
    input: values.get('if'),
    output: values.get('of'),
    blockIn,
    blockOut,
    sameBlocks: block > 0,
    count: size('count', Number.POSITIVE_INFINITY, 0),
    countBytes: flags.has('iflag:count_bytes'),
    skip: size('skip', 0, 0) * (bytesIn ? 1 : blockIn),
    seek: size('seek', 0, 0) * (flags.has('oflag:seek_bytes') ? 1 : blockOut),
    append: flags.has('oflag:append'),
    directIn: flags.has('iflag:direct'),
    // Who asks for the data to be on the disk at the end waits for as long in all.
    directOut:
      ['direct', 'dsync', 'sync'].some(flag => flags.has(`oflag:${flag}`)) ||
      conversions.has('fsync') ||
      conversions.has('fdatasync'),
    fullBlock: flags.has('iflag:fullblock'),
    conversions,
    status: values.get('status') ?? '',
  }
}

const known = new Set('if of ibs obs bs cbs count skip seek iseek oseek conv iflag oflag status'.split(' '))
const busyboxConversions = new Set('notrunc sync noerror fsync swab'.split(' '))
const gnuConversions = new Set([...busyboxConversions, ...'fdatasync ucase lcase excl nocreat sparse'.split(' ')])

function check(word: string, names: ReadonlySet<string>, what: string, gnu: boolean): string {
  if (names.has(word)) return word
  throw gnu ? new UsageError(`invalid ${what}: '${word}'`) : new Failure(`invalid argument '${word}' to 'conv'`)
}

const suffixes: Readonly<Record<string, number>> = {
  '': 1,
  c: 1,
  w: 2,
  b: 512,
  kB: 1000,
  K: 1024,
  k: 1024,
  KiB: 1024,
  MB: 1000 ** 2,
  M: 1024 ** 2,
  MiB: 1024 ** 2,
  GB: 1000 ** 3,
  G: 1024 ** 3,
  GiB: 1024 ** 3,
  T: 1024 ** 4,
}

/** `2k`, `1x512`. */
function parseBytes(text: string, least: number, gnu: boolean): number {
  let product = 1
  for (const part of gnu ? text.split('x') : [text]) {
    const match = /^(\d+)([a-zA-Z]*)$/.exec(part)
    const suffix = match?.[2] ?? ''
    const factor = Object.hasOwn(suffixes, suffix) ? suffixes[suffix] : undefined
    if (!match || factor === undefined)
      throw new Failure(gnu ? `invalid number: '${text}'` : `invalid number '${text}'`)
    product *= Number(match[1]) * factor
  }
  if (product < least)
    throw new Failure(gnu ? `invalid number: '${text}'` : `number ${text} is not in 1..9223372036854775807 range`)
  return product
}

/** Each pair of bytes swapped. */
export function swab(data: Uint8Array): Uint8Array {
  const swapped = Uint8Array.from(data)
  for (let at = 0; at + 1 < data.length; at += 2) {
    swapped[at] = data[at + 1] ?? 0
    swapped[at + 1] = data[at] ?? 0
  }
  return swapped
}
