/** Reads the text of a flag's value by its type, with Go's error texts. */

import { parseDuration } from '../util/go-duration.ts'
import { parseBytes } from '../util/ram-bytes.ts'
import { parseBool, parseFloat64, parseInt64, parseUint } from '../util/strconv.ts'
import { csvFields } from './go/csv.ts'
import type { FlagSpec } from './spec.ts'

export type FlagValue = boolean | number | string | readonly string[]

/**
 * The value of a flag after one more `text` was given for it.
 * @param previous  its value so far, when it was given before (lists grow)
 * @throws Error with the words that follow `invalid argument "..." for "..." flag: `
 */
export function readValue(flag: FlagSpec, text: string, previous: FlagValue | undefined): FlagValue {
  const value = flag.check ? flag.check(text) : text
  switch (flag.type) {
    case 'bool':
      return parseBool(value)
    case 'string':
      return value
    case 'int':
      return parseInt64(value)
    case 'uint':
      return parseUint(value, 64)
    case 'uint16':
      return parseUint(value, 16)
    case 'float':
      return parseFloat64(value)
    case 'decimal':
      return parseCpus(value)
    case 'duration':
      return parseDuration(value)
    case 'bytes':
      return flag.name === 'memory-swap' && value === '-1' ? -1 : parseBytes(value)
    case 'filter':
      return append(previous, value === '' ? [] : [parseFilter(value)])
    case 'strings':
      return append(previous, csvFields(value))
    default:
      return append(previous, [value])
  }
}

const append = (previous: FlagValue | undefined, more: readonly string[]): readonly string[] =>
  Array.isArray(previous) ? [...previous, ...more] : more

function parseFilter(text: string): string {
  const equals = text.indexOf('=')
  if (equals < 0) throw new Error('bad format of filter (expected name=value)')
  return `${text.slice(0, equals).trim().toLowerCase()}=${text.slice(equals + 1).trim()}`
}

/** A number of CPUs in billionths: `1.5`, `1e-3`, `3/2` (docker/cli opts.ParseCPUs). */
export function parseCpus(given: string): number {
  const text = given.replace(/(?<=\d)_(?=\d)/g, '')
  if (/^[+-]?0[xX][0-9a-fA-F]+$/.test(text)) return Number(text) * 1e9
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?(?:\/(\d+))?$/.exec(text)
  const [, sign = '', whole = '', decimals = '', exponent = '0', divisor = '1'] = match ?? []
  if (!match || whole + decimals === '' || BigInt(divisor) === 0n) {
    throw new Error(`failed to parse ${given} as a rational number`)
  }
  const power = Number(exponent) - decimals.length + 9
  let above = BigInt(whole + decimals)
  let below = BigInt(divisor)
  if (power >= 0) above *= 10n ** BigInt(power)
  else below *= 10n ** BigInt(-power)
  if (above % below !== 0n) throw new Error('value is too precise')
  return Number(above / below) * (sign === '-' ? -1 : 1)
}
