/** printf: formatted output. */
import { command } from './lib/command.ts'
import { expandEcho, readEscape } from './lib/escapes.ts'
import { UsageError } from './lib/failure.ts'
import { formatSpec, parseFormat, type Spec } from './lib/printf-format.ts'

export const options = {}

export const program = command(
  'printf',
  options,
  function* ({ out, args, gnu, error }) {
    const rest = args[0] === '--' ? args.slice(1) : args
    if (rest.length === 0) throw new UsageError(gnu ? 'missing operand' : '')
    const result = printfText(rest[0] ?? '', rest.slice(1), gnu)
    yield* out.write(result.text)
    for (const message of result.errors) yield* error(message)
    return result.errors.length === 0 ? 0 : 1
  },
  { raw: true },
)

/** What printf prints for its arguments (also the shell's builtin), and its complaints. */
export function printfText(format: string, args: readonly string[], gnu = false): { text: string; errors: string[] } {
  const errors: string[] = []
  const parts = parseFormat(escaped(format))
  let text = ''
  let next = 0
  do {
    const before = next
    for (const part of parts) {
      if (typeof part === 'string') {
        const stray = /^(.*?)%/s.exec(part)
        if (stray) {
          const whole = part.slice(stray[1]?.length ?? 0)
          errors.push(
            gnu
              ? `%${/^%([^a-zA-Z]*.?)/.exec(whole)?.[1] ?? ''}: invalid conversion specification`
              : `${whole}: invalid format`,
          )
          return { text: text + plain(stray[1] ?? ''), errors }
        }
        const stop = part.indexOf(stopMark)
        if (stop !== -1) return { text: text + plain(part.slice(0, stop)), errors }
        text += plain(part)
        continue
      }
      if (part.conversion === '%') {
        const adorned = part.flags !== '' || part.width !== undefined || part.precision !== undefined
        if (adorned && !gnu) {
          errors.push(`${/%[-+ #0'*.\d]+%.*$/s.exec(plain(escaped(format)))?.[0] ?? ''}: invalid format`)
          return { text, errors }
        }
        text += '%'
        continue
      }
      const spec: Spec = { ...part }
      if (spec.width === '*') {
        const width = toInteger(args[next++] ?? '0', errors, gnu)
        spec.width = Math.min(Math.abs(Number(width)), 1_000_000)
        if (width < 0n) spec.flags += '-'
      }
      if (spec.precision === '*') {
        const precision = Number(toInteger(args[next++] ?? '0', errors, gnu))
        spec.precision = precision < 0 ? undefined : Math.min(precision, 1_000_000)
      }
      const arg = args[next++]
      if (spec.conversion === 'b') {
        const expanded = expandEcho(arg ?? '')
        text += formatSpec({ ...spec, conversion: 's' }, expanded.text)
        if (expanded.stopped) return { text, errors }
      } else if (spec.conversion === 'q' && gnu) text += formatSpec({ ...spec, conversion: 's' }, quoted(arg ?? ''))
      else if (spec.conversion === 's') text += formatSpec(spec, arg ?? '')
      else if (spec.conversion === 'c')
        text += arg === undefined || arg === '' ? (gnu ? '' : '\0') : formatSpec(spec, arg)
      else if (/[diouxX]/.test(spec.conversion))
        text += formatSpec(spec, toInteger(arg ?? '', errors, gnu, arg === undefined, args.length > 0))
      else if (/[eEfFgGaA]/.test(spec.conversion))
        text += formatSpec(spec, toFloat(arg ?? '', errors, gnu, arg === undefined))
      else {
        errors.push(
          gnu
            ? `%${spec.conversion}: invalid conversion specification`
            : `%${/[hlz]/i.test(spec.conversion) ? '' : spec.conversion}${rawRest(format, spec.conversion)}: invalid format`,
        )
        return { text, errors }
      }
    }
    if (next === before) break
  } while (next < args.length)
  return { text, errors }
}

/** Busybox names the rest of the format as it was written. */
function rawRest(format: string, conversion: string): string {
  const at = format.indexOf(`%${conversion}`)
  return at === -1 ? '' : format.slice(at + 2)
}

/** Stand for a percent sign made by an escape, and for `\c`, while the format is taken apart. */
const percentMark = '\u0101'
const stopMark = '\u0102'

function plain(text: string): string {
  return text.replaceAll(percentMark, '%')
}

function escaped(format: string): string {
  let text = ''
  for (let at = 0; at < format.length; ) {
    if (format[at] === '\\' && format[at + 1] === 'c') return text + stopMark
    const found = format[at] === '\\' ? readEscape(format, at, { hex: true }) : undefined
    if (format[at] === '\\' && format[at + 1] === '"') {
      text += '"'
      at += 2
      continue
    }
    text += found ? (found.char === '%' ? percentMark : found.char) : format.charAt(at)
    at = found ? found.next : at + 1
  }
  return text
}

function toInteger(text: string, errors: string[], gnu: boolean, missing = false, strict = false): bigint {
  if (missing && (gnu || !strict)) return 0n
  if (/^["']/.test(text)) return BigInt(text.charCodeAt(1) || 0)
  const match = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)/.exec(text)
  const digits = match?.[2] ?? ''
  let value = 0n
  if (digits !== '') value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits)
  if (match?.[1] === '-') value = -value
  if (!match || match[0].length !== text.length) {
    if (gnu) errors.push(match ? `'${text}': value not completely converted` : `'${text}': expected a numeric value`)
    else errors.push(`invalid number '${text}'`)
    return gnu ? value : 0n
  }
  return value
}

function toFloat(text: string, errors: string[], gnu: boolean, missing: boolean): number {
  if (missing) return 0
  if (/^["']/.test(text)) return text.charCodeAt(1) || 0
  const match = /^\s*[-+]?(0[xX][0-9a-fA-F]+|(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|inf(inity)?|nan)/i.exec(text)
  const word = (match?.[0] ?? '').trim().toLowerCase()
  let value = word === '' ? 0 : Number(word)
  if (word.includes('inf')) value = word.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (match && match[0].length === text.length) return value
  if (gnu) errors.push(match ? `'${text}': value not completely converted` : `'${text}': expected a numeric value`)
  else errors.push(`invalid number '${text}'`)
  return gnu ? value : 0
}

function quoted(text: string): string {
  if (text === '') return "''"
  return /^[A-Za-z0-9_./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
