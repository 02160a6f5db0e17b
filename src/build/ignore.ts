/**
 * `.dockerignore`: which paths of a context are left out, as moby/patternmatcher decides it, with its own rules: patterns
 * with `**` at an end are compared as texts, all others a character at a time.
 */
import { posix } from 'node:path'
import { type GlobToken, globMatches, globTokens, readSet } from '../util/glob.ts'

interface Pattern {
  negated: boolean
  /** Cleaned, without its `!`. */
  text: string
  matches: (path: string) => boolean
}

/** Go's filepath.Clean. */
function clean(path: string): string {
  const normal = posix.normalize(path)
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal
}

/** The patterns of a `.dockerignore`, cleaned as Docker cleans them (patternmatcher/ignorefile). */
export function readIgnoreFile(text: string): string[] {
  const patterns: string[] = []
  for (const line of text.replace(/^\ufeff/, '').split('\n')) {
    // A comment's mark is the first character of its line: " #x" is a pattern.
    const given = line.startsWith('#') ? '' : trimSpace(line)
    if (given === '') continue
    const negated = given.startsWith('!')
    const bare = negated ? trimSpace(given.slice(1)) : given
    const path = bare === '' ? '' : clean(bare)
    const relative = path.length > 1 && path.startsWith('/') ? path.slice(1) : path
    patterns.push(negated ? `!${relative}` : relative)
  }
  return patterns
}

/** Go's strings.TrimSpace, which keeps a byte order mark. */
const trimSpace = (text: string): string =>
  text.replace(
    /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g,
    '',
  )

/** Which patterns match a folder, for what lies in it. */
export type FolderMatch = readonly boolean[]

export class IgnoreMatcher {
  readonly #patterns: readonly Pattern[]
  readonly #negations: boolean

  /** Throws Error for a pattern that is none. */
  constructor(patterns: readonly string[]) {
    this.#patterns = patterns
      .map(trimSpace)
      .filter(pattern => pattern !== '')
      .map(given => {
        const path = clean(given)
        const negated = path.startsWith('!')
        const text = negated ? path.slice(1) : path
        if (text === '') throw new Error('illegal exclusion pattern: "!"')
        return { negated, text, matches: patternTest(text) }
      })
    this.#negations = this.#patterns.some(pattern => pattern.negated)
  }

  /** Whether a path (relative, forward slashes) is left out: the last pattern that matches it or a folder above decides. */
  ignores(path: string): boolean {
    let above: FolderMatch = []
    let ignored = false
    for (let end = path.indexOf('/'); ; end = path.indexOf('/', end + 1)) {
      const found = this.match(end < 0 ? path : path.slice(0, end), above)
      above = found.below
      ignored = found.ignored
      if (end < 0) return ignored
    }
  }

  /** The same for a path whose folder is known: a whole tree is decided in time that grows with its entries. */
  match(path: string, above: FolderMatch): { ignored: boolean; below: FolderMatch } {
    let ignored = false
    const below = this.#patterns.map(({ negated, matches }, at) => {
      // A pattern that cannot change the answer is not asked, unless it matched a folder above.
      const matched = above[at] === true || (negated === ignored && matches(path))
      if (matched) ignored = !negated
      return matched
    })
    return { ignored, below }
  }

  /** Whether something below an ignored folder could still be wanted. */
  mayHoldExceptions(folder: string): boolean {
    if (!this.#negations) return false
    return this.#patterns.some(
      ({ negated, text }) => negated && (`${text}/`.startsWith(`${folder}/`) || /[*?[\\]/.test(text)),
    )
  }
}

/** How a pattern is compared. Throws Error "syntax error in pattern". */
function patternTest(pattern: string): (path: string) => boolean {
  // Only its syntax: brackets and escapes.
  globTokens(pattern)
  const chars = [...pattern]
  const tokens: GlobToken[] = []
  let kind: 'exact' | 'prefix' | 'suffix' | 'tokens' = 'exact'
  let first = true
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? ''
    if (char === '*' && chars[at + 1] === '*') {
      at += chars[at + 2] === '/' ? 2 : 1
      if (at + 1 < chars.length) {
        tokens.push({ kind: 'folders' })
        kind = 'tokens'
      } else if (kind === 'exact') kind = 'prefix'
      else {
        tokens.push({ kind: 'all' })
        kind = 'tokens'
      }
      if (first) kind = 'suffix'
    } else if (char === '*' || char === '?') {
      tokens.push({ kind: char === '*' ? 'star' : 'one' })
      kind = 'tokens'
    } else if (char === '\\') {
      tokens.push({ kind: 'char', char: chars[++at] ?? '' })
      kind = 'tokens'
    } else if (char === '[') {
      const { token, end } = readSet(chars, at)
      tokens.push(token)
      kind = 'tokens'
      at = end
    } else {
      tokens.push({ kind: 'char', char })
      if (char === ']') kind = 'tokens'
    }
    first = false
  }
  if (kind === 'exact') return path => path === pattern
  if (kind === 'prefix') return path => path.startsWith(pattern.slice(0, -2))
  if (kind === 'tokens') return path => globMatches(tokens, path)
  const suffix = pattern.slice(2)
  return path => path.endsWith(suffix) || (suffix.startsWith('/') && path === suffix.slice(1))
}
