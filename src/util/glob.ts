/**
 * Patterns of paths, matched in time that grows with pattern times path whatever they say: Go's filepath.Match, and the
 * parts of it that `.dockerignore` shares.
 */

/** What one place of a pattern takes: a character, some of a set, any run within a folder, any run, any folders. */
export type GlobToken =
  | { kind: 'char'; char: string }
  | { kind: 'set'; negated: boolean; ranges: readonly (readonly [low: string, high: string])[] }
  /** One character but a slash. */
  | { kind: 'one' }
  /** Any characters but slashes. */
  | { kind: 'star' }
  /** Any characters. */
  | { kind: 'all' }
  /** Nothing, or anything that ends with a slash. */
  | { kind: 'folders' }

/**
 * The tokens of a pattern in the syntax of Go's filepath.Match. Throws Error "syntax error in pattern".
 */
export function globTokens(pattern: string): GlobToken[] {
  const chars = [...pattern]
  const tokens: GlobToken[] = []
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? ''
    if (char === '*') tokens.push({ kind: 'star' })
    else if (char === '?') tokens.push({ kind: 'one' })
    else if (char === '[') {
      const { token, end } = readSet(chars, at)
      tokens.push(token)
      at = end
    } else if (char === '\\') tokens.push({ kind: 'char', char: demanded(chars[++at]) })
    else tokens.push({ kind: 'char', char })
  }
  return tokens
}

/** A `[...]` that starts at a place, and where its bracket is closed. Throws as `globTokens`. */
export function readSet(chars: readonly string[], start: number): { token: GlobToken; end: number } {
  let at = start + 1
  const negated = chars[at] === '^'
  if (negated) at++
  const ranges: [string, string][] = []
  const next = (): string => {
    const char = demanded(chars[at++])
    if (char === '-' || char === ']') throw malformed()
    return char === '\\' ? demanded(chars[at++]) : char
  }
  while (ranges.length === 0 || chars[at] !== ']') {
    const low = next()
    let high = low
    if (chars[at] === '-') {
      at++
      high = next()
    }
    ranges.push([low, high])
  }
  return { token: { kind: 'set', negated, ranges }, end: at }
}

function demanded(char: string | undefined): string {
  if (char === undefined) throw malformed()
  return char
}

const malformed = (): Error => new Error('syntax error in pattern')

/** Whether tokens take the whole of a text. All ways are followed at once, so that no pattern is slow. */
export function globMatches(tokens: readonly GlobToken[], text: string): boolean {
  // State 2n: the first n tokens are done; 2n + 1: within the folders of token n.
  let states = new Set<number>()
  reach(tokens, states, 0)
  for (const char of text) {
    const next = new Set<number>()
    for (const state of states) step(tokens, state, char, next)
    if (next.size === 0) return false
    states = next
  }
  return states.has(2 * tokens.length)
}

function reach(tokens: readonly GlobToken[], states: Set<number>, done: number): void {
  for (let at = done; !states.has(2 * at); at++) {
    states.add(2 * at)
    const kind = tokens[at]?.kind
    if (kind !== 'star' && kind !== 'all' && kind !== 'folders') return
  }
}

function step(tokens: readonly GlobToken[], state: number, char: string, next: Set<number>): void {
  const at = state >> 1
  const token = tokens[at]
  switch (token?.kind) {
    case 'char':
      if (token.char === char) reach(tokens, next, at + 1)
      return
    case 'one':
      if (char !== '/') reach(tokens, next, at + 1)
      return
    case 'set':
      if (char !== '/' && token.ranges.some(([low, high]) => low <= char && char <= high) !== token.negated)
        reach(tokens, next, at + 1)
      return
    case 'star':
      if (char !== '/') reach(tokens, next, at)
      return
    case 'all':
      return reach(tokens, next, at)
    case 'folders':
      next.add(2 * at + 1)
      if (char === '/') reach(tokens, next, at + 1)
  }
}

/** A pattern of Go's filepath.Match as a test of whole texts. Throws as `globTokens`. */
export function pathPattern(pattern: string): (text: string) => boolean {
  const tokens = globTokens(pattern)
  return text => globMatches(tokens, text)
}
