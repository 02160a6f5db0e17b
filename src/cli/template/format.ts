/** Go's fmt: how values print (%v), and printf. */
import { quote } from '../../util/strconv.ts'
import { Float, fieldsOf, isMap, JsonNumber, Struct, sortedEntries, Text, typeName } from './value.ts'

/** A value as `{{.X}}` prints it: `[a b]`, `map[k:v]`, `{f g}`, `<nil>`. */
export function printed(value: unknown): string {
  if (value === undefined) return '<no value>'
  if (value === null) return '<nil>'
  if (typeof value === 'string') return value
  if (value instanceof Float) return floatText(value.value, 'g', -1)
  if (value instanceof Text || value instanceof JsonNumber) return value.text
  if (Array.isArray(value)) return `[${value.map(inner).join(' ')}]`
  if (isMap(value)) {
    return `map[${sortedEntries(value)
      .map(([key, item]) => `${key}:${inner(item)}`)
      .join(' ')}]`
  }
  const fields = fieldsOf(value)
  if (fields) {
    // Nil pointers that JSON leaves out are properties that are not enumerable.
    const shown = Object.getOwnPropertyNames(fields)
      .map(name => fields[name])
      .filter(field => typeof field !== 'function')
    return `{${shown.map(inner).join(' ')}}`
  }
  return String(value)
}

const inner = (value: unknown): string => (value === undefined ? '<nil>' : printed(value))

/** fmt.Sprint: blanks only between two operands neither of which is a string. */
export function sprint(values: readonly unknown[]): string {
  return values
    .map((value, i) => {
      const blank = i > 0 && typeof value !== 'string' && typeof values[i - 1] !== 'string'
      return (blank ? ' ' : '') + inner(value)
    })
    .join('')
}

export const sprintln = (values: readonly unknown[]): string => `${values.map(inner).join(' ')}\n`

interface Verb {
  flags: string
  width: number | undefined
  precision: number | undefined
  letter: string
}

const WIDEST = 100_000

/** fmt.Sprintf. */
export function sprintf(format: string, values: readonly unknown[]): string {
  let next = 0
  const star = (text: string | undefined): number | undefined => {
    if (text === undefined) return undefined
    if (text !== '*') return Math.min(Number(text || 0), WIDEST)
    const value = values[next++]
    return typeof value === 'number' ? Math.min(value, WIDEST) : undefined
  }
  const out = format.replace(
    /%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d*))?(.)?/gsu,
    (_, flags: string, width: string | undefined, precision: string | undefined, letter: string | undefined) => {
      const verb = { flags, width: star(width), precision: star(precision), letter: letter ?? '' }
      if (letter === undefined) return '%!(NOVERB)'
      if (letter === '%') return '%'
      if (next >= values.length) return `%!${letter}(MISSING)`
      const value = values[next++]
      return pad(verbText(verb, value), verb)
    },
  )
  if (next >= values.length) return out
  const extra = values.slice(next).map(value => (value === null ? '<nil>' : `${typeName(value)}=${inner(value)}`))
  return `${out}%!(EXTRA ${extra.join(', ')})`
}

function pad(text: string, verb: Verb): string {
  const width = Math.abs(verb.width ?? 0)
  const length = [...text].length
  if (length >= width) return text
  if (verb.flags.includes('-') || (verb.width ?? 0) < 0) return text + ' '.repeat(width - length)
  const zeros = verb.flags.includes('0') && /[dxXobeEfFgGsvq]/.test(verb.letter)
  if (!zeros) return ' '.repeat(width - length) + text
  const sign = /^[+-]/.exec(text)?.[0] ?? ''
  return sign + '0'.repeat(width - length) + text.slice(sign.length)
}

function verbText(verb: Verb, value: unknown): string {
  const { letter } = verb
  if (letter === 'T') return typeName(value)
  if (letter === 'v') return verb.flags.includes('#') ? goSyntax(value) : inner(value)
  if (value instanceof JsonNumber && /[sqxX]/.test(letter)) return verbText(verb, value.text)
  if (Array.isArray(value) && letter !== 'T') return `[${value.map(item => verbText(verb, item)).join(' ')}]`
  if (typeof value === 'string') {
    const cut = verb.precision === undefined ? value : [...value].slice(0, verb.precision).join('')
    if (letter === 's') return cut
    if (letter === 'q') return quote(cut)
    if (letter === 'x' || letter === 'X') {
      const hex = Buffer.from(cut).toString('hex')
      return letter === 'x' ? hex : hex.toUpperCase()
    }
  } else if (typeof value === 'boolean') {
    if (letter === 't') return String(value)
  } else if (typeof value === 'number') {
    const text = integerText(verb, value)
    if (text !== undefined) return text
  } else if (value instanceof Float) {
    if (/[eEfFgG]/.test(letter)) {
      const text = floatText(value.value, letter.toLowerCase(), verb.precision ?? (/[gG]/.test(letter) ? -1 : 6))
      const signed = plus(text, verb)
      return /[EG]/.test(letter) ? signed.toUpperCase() : signed
    }
  } else if (isMap(value) || fieldsOf(value)) {
    if (letter === 's' || letter === 'd') return printed(value)
  }
  if (value === null || value === undefined) return `%!${letter}(<nil>)`
  return `%!${letter}(${typeName(value)}=${inner(value)})`
}

const plus = (text: string, verb: Verb): string => {
  if (text.startsWith('-')) return text
  return verb.flags.includes('+') ? `+${text}` : verb.flags.includes(' ') ? ` ${text}` : text
}

function integerText(verb: Verb, value: number): string | undefined {
  const prefix = verb.flags.includes('#')
  switch (verb.letter) {
    case 'd':
      return plus(String(value), verb)
    case 'x':
      return plus((prefix ? '0x' : '') + value.toString(16), verb)
    case 'X':
      return plus((prefix ? '0X' : '') + value.toString(16).toUpperCase(), verb)
    case 'o':
      return plus((prefix ? '0' : '') + value.toString(8), verb)
    case 'b':
      return plus(value.toString(2), verb)
    case 'c':
      return value >= 0 && value <= 0x10ffff ? String.fromCodePoint(value) : '\ufffd'
    case 'q':
      return value >= 0 && value <= 0x10ffff ? quote(String.fromCodePoint(value), "'") : undefined
    case 'U':
      return `U+${value.toString(16).toUpperCase().padStart(4, '0')}`
    default:
      return undefined
  }
}

/** A float by `%e`, `%f` or `%g`; precision -1: as many digits as it takes. */
export function floatText(value: number, letter: string, precision: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const exponential = (digits: number | undefined): string =>
    value.toExponential(digits).replace(/e([+-])(\d)$/, 'e$10$2')
  if (letter === 'f') return precision < 0 ? String(value) : value.toFixed(Math.min(precision, 100))
  if (letter === 'e') return exponential(precision < 0 ? undefined : Math.min(precision, 100))
  if (precision >= 0) {
    const rounded = value.toPrecision(Math.min(Math.max(precision, 1), 100))
    return /e/.test(rounded)
      ? rounded.replace(/\.?0*e/, 'e').replace(/e([+-])(\d)$/, 'e$10$2')
      : rounded.includes('.')
        ? rounded.replace(/\.?0+$/, '')
        : rounded
  }
  const exponent = value === 0 ? 0 : Number(value.toExponential().split('e')[1])
  return exponent < -4 || exponent >= 6 ? exponential(undefined) : String(value)
}

/** `%#v`, as far as templates have use for it. */
function goSyntax(value: unknown): string {
  if (typeof value === 'string') return quote(value)
  if (Array.isArray(value)) return `${typeName(value)}{${value.map(goSyntax).join(', ')}}`
  if (isMap(value)) {
    return `${typeName(value)}{${sortedEntries(value)
      .map(([key, item]) => `${quote(key)}:${goSyntax(item)}`)
      .join(', ')}}`
  }
  if (value instanceof Struct) return `${value.type}{}`
  return inner(value)
}
