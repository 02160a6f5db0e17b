/** What a plain scalar means in go-yaml v3: YAML 1.2 with some of 1.1's forms. */

const CONSTANTS = new Map<string, null | boolean | number>([
  ['', null],
  ['~', null],
  ['null', null],
  ['Null', null],
  ['NULL', null],
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['false', false],
  ['False', false],
  ['FALSE', false],
  ['.inf', Number.POSITIVE_INFINITY],
  ['.Inf', Number.POSITIVE_INFINITY],
  ['.INF', Number.POSITIVE_INFINITY],
  ['+.inf', Number.POSITIVE_INFINITY],
  ['+.Inf', Number.POSITIVE_INFINITY],
  ['+.INF', Number.POSITIVE_INFINITY],
  ['-.inf', Number.NEGATIVE_INFINITY],
  ['-.Inf', Number.NEGATIVE_INFINITY],
  ['-.INF', Number.NEGATIVE_INFINITY],
  ['.nan', Number.NaN],
  ['.NaN', Number.NaN],
  ['.NAN', Number.NaN],
])

const INTEGER = /^[-+]?(0x[0-9a-f]+|0b[01]+|0o[0-7]+|0[0-7]*|[1-9][0-9]*)$/i
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/

/** The value of a plain scalar without a tag. */
export function resolveScalar(text: string): null | boolean | number | string {
  const constant = CONSTANTS.get(text)
  if (constant !== undefined) return constant
  if (!/^[-+.0-9]/.test(text)) return text
  const digits = text.replaceAll('_', '')
  if (INTEGER.test(digits)) return integer(digits)
  return FLOAT.test(digits) ? Number(digits) : text
}

function integer(text: string): number {
  const negative = text.startsWith('-')
  const plain = text.replace(/^[-+]/, '')
  // A leading zero is octal, as in YAML 1.1.
  const value = /^0[0-7]+$/.test(plain) ? Number.parseInt(plain, 8) : Number(plain.toLowerCase())
  return negative ? -value : value
}

const OLD_BOOLEANS = new Set('y Y yes Yes YES on On ON n N no No NO off Off OFF'.split(' '))

/** Whether go-yaml reads a plain scalar as a point in time. */
export const isTime = (text: string): boolean =>
  /^\d{4}-\d\d?-\d\d?($|([Tt]|[ \t]+)\d\d?:\d\d:\d\d(\.\d*)?[ \t]*(Z|[-+]\d\d?(:?\d\d)?)?$)/.test(text)

/** Whether a text that is written plain is read as the same text again (YAML 1.1's booleans and base 60 too). */
export function readsAsText(text: string): boolean {
  if (resolveScalar(text) !== text || OLD_BOOLEANS.has(text)) return false
  if (/^\d{4}-\d\d?-\d\d?($|[Tt ])/.test(text)) return false
  return !/^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/.test(text)
}
