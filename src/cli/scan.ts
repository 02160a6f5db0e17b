/**
 * pflag's grammar: which words of a command line are flags, which are their values. Knows the flags' names and
 * whether they take a value; reads no value.
 */
import { quote } from '../util/strconv.ts'
import type { FlagSpec } from './spec.ts'

export interface Scanned {
  /** Flags in the order they were given, each with the text of its value. */
  given: { flag: FlagSpec; value: string; shorthand: boolean }[]
  /** The arguments: everything else. */
  args: string[]
  /** Number of arguments before `--`; -1 without one. */
  dash: number
  /** What was wrong, in pflag's words. Flags before it are in `given`. */
  error?: string
}

/**
 * Scans `argv`.
 * @param stopAtArgument  flags end at the first argument (Docker's `SetInterspersed(false)`)
 */
export function scan(flags: readonly FlagSpec[], argv: readonly string[], stopAtArgument = false): Scanned {
  const result: Scanned = { given: [], args: [], dash: -1 }
  const words = [...argv].reverse()
  for (let word = words.pop(); word !== undefined; word = words.pop()) {
    if (word === '--') {
      result.dash = result.args.length
      result.args.push(...words.reverse())
      break
    }
    if (word.length < 2 || !word.startsWith('-')) {
      result.args.push(word)
      if (!stopAtArgument) continue
      result.args.push(...words.reverse())
      break
    }
    const error = word.startsWith('--') ? long(flags, word, words, result) : short(flags, word, words, result)
    if (error !== undefined) return { ...result, error }
  }
  return result
}

const bareValue = (flag: FlagSpec): string | undefined => flag.bare ?? (flag.type === 'bool' ? 'true' : undefined)

/** `--name`, `--name=value`, `--name value`. */
function long(flags: readonly FlagSpec[], word: string, words: string[], result: Scanned): string | undefined {
  const body = word.slice(2)
  if (body.startsWith('-') || body.startsWith('=')) return `bad flag syntax: ${word}`
  const equals = body.indexOf('=')
  const name = equals < 0 ? body : body.slice(0, equals)
  const flag = flags.find(f => f.name === name)
  if (!flag) return `unknown flag: --${name}`
  const value = equals < 0 ? (bareValue(flag) ?? words.pop()) : body.slice(equals + 1)
  if (value === undefined) return `flag needs an argument: ${word}`
  result.given.push({ flag, value, shorthand: false })
  return undefined
}

/** `-x`, `-xyz`, `-xVALUE`, `-x=VALUE`, `-x VALUE`. */
function short(flags: readonly FlagSpec[], word: string, words: string[], result: Scanned): string | undefined {
  let letters = word.slice(1)
  while (letters !== '') {
    const letter = letters.charAt(0)
    const flag = flags.find(f => f.short === letter)
    if (!flag) return `unknown shorthand flag: ${quote(letter, "'")} in -${letters}`
    const rest = letters.slice(1)
    const bare = bareValue(flag)
    let value: string | undefined
    if (rest.length > 1 && rest.startsWith('=')) [value, letters] = [rest.slice(1), '']
    else if (bare !== undefined) [value, letters] = [bare, rest]
    else if (rest !== '') [value, letters] = [rest, '']
    else {
      value = words.pop()
      if (value === undefined) return `flag needs an argument: ${quote(letter, "'")} in -${letters}`
      letters = ''
    }
    result.given.push({ flag, value, shorthand: true })
  }
  return undefined
}
