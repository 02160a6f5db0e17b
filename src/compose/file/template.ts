/** Variables in a text: `$NAME`, `${NAME}` with `:-` `-` `:?` `?` `:+` `+`, and `$$` (compose-go template). */
import { ComposeError } from './tree.ts'

/** The value of a variable; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined

/** A text whose `$` means nothing. */
export class InvalidTemplate extends Error {
  override readonly name = 'InvalidTemplate'
}

export interface SubstituteOptions {
  /** Told of a variable that is not set and has no default. */
  unset?: (name: string) => void
}

/** A variable that a text names. */
export interface Variable {
  name: string
  required: boolean
  defaultValue: string
  presenceValue: string
}

/** How deep defaults may hold variables. */
const MAX_DEPTH = 100
const NAME = /^[_a-z][_a-z0-9]*/i
const OPERATOR = /^:?[-?+]/

interface Reference {
  name: string
  operator: string
  /** What follows the operator. */
  word: string
  /** Where the text goes on. */
  end: number
}

/** Reads a `$` at `at`; a string is text that stands for itself. @throws InvalidTemplate */
function readReference(text: string, at: number): Reference | { literal: string; end: number } {
  const next = text[at + 1]
  if (next === '$') return { literal: '$', end: at + 2 }
  if (next !== '{') {
    const name = NAME.exec(text.slice(at + 1))?.[0]
    return name === undefined
      ? { literal: '$', end: at + 1 }
      : { name, operator: '', word: '', end: at + 1 + name.length }
  }
  const end = closing(text, at + 1)
  const inner = text.slice(at + 2, end < 0 ? undefined : end)
  const name = NAME.exec(inner)?.[0]
  if (end < 0 || name === undefined) throw new InvalidTemplate(text)
  const rest = inner.slice(name.length)
  const operator = OPERATOR.exec(rest)?.[0] ?? ''
  if (rest !== '' && operator === '') throw new InvalidTemplate(text)
  return { name, operator, word: rest.slice(operator.length), end: end + 1 }
}

/** The brace that closes the one at `open`; -1 when none does. */
function closing(text: string, open: number): number {
  let depth = 0
  for (let i = open; i < text.length; i++) {
    if (text[i] === '{') depth++
    else if (text[i] === '}' && --depth === 0) return i
  }
  return -1
}

/**
 * Replaces the variables of a text.
 * @throws InvalidTemplate for bad syntax; ComposeError for a required variable that has no value
 */
export function substitute(text: string, lookup: Lookup, options: SubstituteOptions = {}, depth = 0): string {
  if (depth > MAX_DEPTH) throw new InvalidTemplate(text)
  let out = ''
  let from = 0
  for (let at = text.indexOf('$'); at >= 0; at = text.indexOf('$', from)) {
    out += text.slice(from, at)
    const found = readReference(text, at)
    from = found.end
    out += 'literal' in found ? found.literal : valueOf(found, lookup, options, depth)
  }
  return out + text.slice(from)
}

function valueOf(
  { name, operator, word }: Reference,
  lookup: Lookup,
  options: SubstituteOptions,
  depth: number,
): string {
  const value = lookup(name)
  if (operator === '') {
    if (value === undefined) options.unset?.(name)
    return value ?? ''
  }
  // The word is worked out whether it is needed or not: its errors count.
  const other = substitute(word, lookup, options, depth + 1)
  const present = value !== undefined && (!operator.startsWith(':') || value !== '')
  if (operator.endsWith('-')) return present ? (value ?? '') : other
  if (operator.endsWith('+')) return present ? other : (value ?? '')
  if (present) return value ?? ''
  throw new ComposeError(`required variable ${name} is missing a value${other === '' ? '' : `: ${other}`}`)
}

/** Every variable that a text names, those in defaults too. Texts that are wrong name none. */
export function variablesOf(text: string, depth = 0): Variable[] {
  if (depth > MAX_DEPTH) return []
  const found: Variable[] = []
  let from = 0
  for (let at = text.indexOf('$'); at >= 0; at = text.indexOf('$', from)) {
    let read: ReturnType<typeof readReference>
    try {
      read = readReference(text, at)
    } catch {
      return found
    }
    from = read.end
    if ('literal' in read) continue
    const { name, operator, word } = read
    found.push({
      name,
      required: operator.endsWith('?'),
      defaultValue: operator.endsWith('-') ? word : '',
      presenceValue: operator.endsWith('+') ? word : '',
    })
    if (!operator.endsWith('?')) found.push(...variablesOf(word, depth + 1))
  }
  return found
}
