/** grep's question about a line: does any of several patterns match, and where? */
import { Regex, RegexError } from './regex/regex.ts'

export interface MatcherOptions {
  syntax: 'fixed' | 'basic' | 'extended'
  /** Translate \d and lazy or non-capturing forms that POSIX does not know. */
  perl: boolean
  ignoreCase: boolean
  whole: 'line' | 'word' | undefined
}

export class Matcher {
  private readonly regexes: Regex[]
  private readonly whole: 'line' | 'word' | undefined
  /** An empty pattern is there: every line matches. */
  private readonly all: boolean

  /** Throws RegexError. */
  constructor(patterns: readonly string[], options: MatcherOptions) {
    this.whole = options.whole
    this.all = patterns.includes('') && options.whole === undefined
    this.regexes = patterns.map(pattern => compilePattern(pattern, options))
  }

  test(line: string): boolean {
    if (this.all) return true
    return this.regexes.some(regex => this.findIn(regex, line, 0) !== undefined)
  }

  /** The non-empty matches from left to right. */
  *spans(line: string): Generator<readonly [number, number]> {
    for (let at = 0; at <= line.length; ) {
      let best: readonly [number, number] | undefined
      for (const regex of this.regexes) {
        const found = this.findIn(regex, line, at)
        if (found && (!best || found[0] < best[0] || (found[0] === best[0] && found[1] > best[1]))) best = found
      }
      if (!best) return
      if (best[1] > best[0]) yield best
      at = best[1] > best[0] ? best[1] : best[1] + 1
    }
  }

  private findIn(regex: Regex, line: string, from: number): readonly [number, number] | undefined {
    if (this.whole !== 'word') return regex.find(line, from, from > 0)
    for (let at = from; at <= line.length; ) {
      const found = regex.find(line, at, at > 0)
      if (!found) return undefined
      if (isEdge(line, found[0] - 1) && isEdge(line, found[1])) return found
      at = found[0] + 1
    }
    return undefined
  }
}

function compilePattern(pattern: string, options: MatcherOptions): Regex {
  let text = pattern
  let extended = options.syntax === 'extended'
  if (options.syntax === 'fixed') {
    text = pattern.replace(/[\\.[*^$]/g, '\\$&')
    extended = false
  } else if (options.perl)
    text = pattern.replace(/\\d/g, '[0-9]').replace(/\\D/g, '[^0-9]').replaceAll('(?:', '(').replaceAll('\\t', '\t')
  if (options.whole === 'line') text = extended ? `^(${text})$` : `^\\(${text}\\)$`
  try {
    return new Regex(text, { extended, ignoreCase: options.ignoreCase })
  } catch (error) {
    if (error instanceof RegexError) error.pattern = pattern
    throw error
  }
}

/** Whether no word character is at this place. */
function isEdge(line: string, at: number): boolean {
  return !/[A-Za-z0-9_]/.test(line[at] ?? '')
}
