/** `.dockerignore` (moby/patternmatcher): which paths of a context are left out. */
import { posix } from 'node:path'

interface Pattern {
  negated: boolean
  /** Without a leading slash. */
  text: string
  regexp: RegExp
}

/** The patterns of a `.dockerignore`, cleaned as Docker cleans them. */
export function readIgnoreFile(text: string): string[] {
  return text
    .replace(/^\ufeff/, '')
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => {
      const negated = line.startsWith('!')
      const bare = (negated ? line.slice(1) : line).trim()
      const clean = bare === '' ? '' : posix.normalize(bare).replace(/(.)\/+$/, '$1')
      const relative = clean.length > 1 && clean.startsWith('/') ? clean.slice(1) : clean
      return negated ? `!${relative}` : relative
    })
}

export class IgnoreMatcher {
  readonly #patterns: Pattern[]
  readonly #negations: boolean

  /** Throws Error for a pattern that is none. */
  constructor(patterns: readonly string[]) {
    this.#patterns = patterns
      .filter(pattern => pattern !== '')
      .map(pattern => {
        const negated = pattern.startsWith('!')
        const text = negated ? pattern.slice(1) : pattern
        if (text === '') throw new Error('illegal exclusion pattern: "!"')
        return { negated, text, regexp: patternRegExp(text) }
      })
    this.#negations = this.#patterns.some(pattern => pattern.negated)
  }

  /** Whether a path (relative, forward slashes) is left out: the last pattern that matches it or a folder above decides. */
  ignores(path: string): boolean {
    const parts = path.split('/')
    const prefixes = parts.map((_, at) => parts.slice(0, at + 1).join('/'))
    let ignored = false
    for (const { negated, regexp } of this.#patterns) {
      if (negated !== ignored) continue
      if (prefixes.some(prefix => regexp.test(prefix))) ignored = !negated
    }
    return ignored
  }

  /** Whether something below an ignored folder could still be wanted. */
  mayHoldExceptions(folder: string): boolean {
    if (!this.#negations) return false
    return this.#patterns.some(
      ({ negated, text }) => negated && (`${text}/`.startsWith(`${folder}/`) || /[*?[\\]/.test(text)),
    )
  }
}

/** The regular expression of a pattern: `*` and `?` stay within a folder, `**` does not. Throws Error. */
function patternRegExp(pattern: string): RegExp {
  let out = '^'
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? ''
    if (char === '*' && pattern[at + 1] === '*') {
      at++
      if (pattern[at + 1] === '/') at++
      out += at + 1 >= pattern.length ? '.*' : '(?:.*/)?'
    } else if (char === '*') out += '[^/]*'
    else if (char === '?') out += '[^/]'
    else if (char === '\\') {
      const next = pattern[++at]
      if (next === undefined) throw new Error('syntax error in pattern')
      out += next.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
    } else if (char === '[') {
      const end = pattern.indexOf(']', at + 2)
      if (end < 0) throw new Error('syntax error in pattern')
      out += pattern.slice(at, end + 1).replaceAll('\\', '\\\\')
      at = end
    } else out += char.replace(/[.+(){}|^$]/, '\\$&')
  }
  try {
    return new RegExp(`${out}$`, 's')
  } catch {
    throw new Error('syntax error in pattern')
  }
}
