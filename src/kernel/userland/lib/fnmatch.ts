/** fnmatch(3): shell patterns over byte strings, without backtracking beyond the last star. */
import { classSet } from './regex/byte-set.ts'

export interface FnmatchOptions {
  /** `*`, `?` and brackets do not match a slash. */
  pathname?: boolean
  /** A leading period must be matched by a period. */
  period?: boolean
  ignoreCase?: boolean
}

/** Whether the whole of `text` matches `pattern`. */
export function fnmatch(pattern: string, text: string, options: FnmatchOptions = {}): boolean {
  const fold = (char: string) => (options.ignoreCase ? char.toLowerCase() : char)
  let [at, position] = [0, 0]
  let [starAt, starPosition] = [-1, -1]
  while (position <= text.length) {
    const step = at < pattern.length ? matchOne(pattern, at, text, position, options, fold) : undefined
    if (step === 'star') {
      starAt = ++at
      starPosition = position
      continue
    }
    if (at === pattern.length && position === text.length) return true
    if (typeof step === 'number' && position < text.length) {
      at = step
      position++
      continue
    }
    if (starAt === -1 || starPosition >= text.length) return false
    if (options.pathname && text[starPosition] === '/') return false
    at = starAt
    position = ++starPosition
  }
  return false
}

/** The index after the pattern's element when it matches the character, `star` for a star, undefined for no match. */
function matchOne(
  pattern: string,
  at: number,
  text: string,
  position: number,
  options: FnmatchOptions,
  fold: (char: string) => string,
): number | 'star' | undefined {
  const char = pattern[at] ?? ''
  const actual = text[position] ?? ''
  const hidden =
    options.period === true &&
    actual === '.' &&
    (position === 0 || (options.pathname === true && text[position - 1] === '/'))
  if (char === '*') return hidden && position < text.length ? undefined : 'star'
  if (char === '?') return actual === '' || hidden || (options.pathname && actual === '/') ? undefined : at + 1
  if (char === '[') {
    const bracket = readBracket(pattern, at, actual, fold)
    if (bracket) return bracket.matches && !hidden && !(options.pathname && actual === '/') ? bracket.next : undefined
  }
  if (char === '\\' && at + 1 < pattern.length) return fold(pattern[at + 1] ?? '') === fold(actual) ? at + 2 : undefined
  return fold(char) === fold(actual) ? at + 1 : undefined
}

/** A bracket expression; undefined when there is no closing bracket (then `[` is itself). */
function readBracket(
  pattern: string,
  start: number,
  actual: string,
  fold: (char: string) => string,
): { matches: boolean; next: number } | undefined {
  let at = start + 1
  const negated = pattern[at] === '!' || pattern[at] === '^'
  if (negated) at++
  let matches = false
  const wanted = fold(actual)
  for (let first = true; ; first = false) {
    let char = pattern[at]
    if (char === undefined) return undefined
    if (char === ']' && !first) break
    const named = /^\[:([a-z]+):\]/.exec(pattern.slice(at, at + 12))
    if (named) {
      if (actual !== '' && classSet(named[1] ?? '')[actual.charCodeAt(0)]) matches = true
      at += named[0].length
      continue
    }
    if (char === '\\' && pattern[at + 1] !== undefined) char = pattern[++at] ?? ''
    at++
    let to = char
    if (pattern[at] === '-' && pattern[at + 1] !== undefined && pattern[at + 1] !== ']') {
      at++
      if (pattern[at] === '\\' && pattern[at + 1] !== undefined) at++
      to = pattern[at++] ?? ''
    }
    if (wanted !== '' && wanted >= fold(char) && wanted <= fold(to)) matches = true
  }
  return { matches: matches !== negated, next: at + 1 }
}
