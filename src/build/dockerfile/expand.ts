/**
 * Variables, quotes and escapes in a Dockerfile's words (buildkit frontend/dockerfile/shell/lex.go). No command runs and
 * no file is looked at.
 */

export interface ExpandOptions {
  escape: string
  /** The value of a variable; undefined when it is not set. */
  get(name: string): string | undefined
  /** Is told of variables that are not set. */
  missing?(name: string): void
  /** Quotes are characters as others: the body of a here-document. */
  raw?: boolean
}

/** A word with its variables in place, quotes taken off. Throws Error with BuildKit's words. */
export function expandWord(word: string, options: ExpandOptions): string {
  return new Lexer(word, options).whole().text
}

/** The same, split into words at blanks that are not quoted. */
export function expandWords(word: string, options: ExpandOptions): string[] {
  return new Lexer(word, options).whole().words
}

/** Substitutions within one another; far beyond any real word. */
const deepest = 500

class Lexer {
  readonly #text: string
  readonly #options: ExpandOptions
  #at = 0
  #words: string[] = []
  #word = ''
  #inWord = false
  #depth = 0

  constructor(text: string, options: ExpandOptions) {
    this.#text = text
    this.#options = options
  }

  whole(): { text: string; words: string[] } {
    const text = this.#until('')
    if (this.#inWord) this.#words.push(this.#word)
    return { text, words: this.#words }
  }

  #add(text: string): string {
    this.#word += text
    this.#inWord = true
    return text
  }

  /** Blanks within the value of a variable split words too. */
  #addUnquoted(text: string): string {
    for (const char of text) {
      if (/\s/.test(char)) this.#endWord()
      else this.#add(char)
    }
    return text
  }

  #endWord(): void {
    if (this.#inWord) this.#words.push(this.#word)
    this.#word = ''
    this.#inWord = false
  }

  #until(stop: string, missing = `unexpected end of statement while looking for matching ${stop}`): string {
    const { escape, raw } = this.#options
    let out = ''
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at] ?? ''
      if (stop !== '' && char === stop) return out
      if (char === "'" && !raw) out += this.#single()
      else if (char === '"' && !raw) out += this.#double()
      else if (char === '$') out += this.#addUnquoted(this.#dollar())
      else if (char === escape) {
        this.#at++
        const next = this.#text[this.#at]
        if (next !== undefined) {
          out += this.#add(next)
          this.#at++
        }
      } else {
        this.#at++
        if (/\s/.test(char)) {
          this.#endWord()
          out += char
        } else out += this.#add(char)
      }
    }
    if (stop !== '') throw new Error(missing)
    return out
  }

  #single(): string {
    const end = this.#text.indexOf("'", this.#at + 1)
    if (end < 0) throw new Error('unexpected end of statement while looking for matching single-quote')
    const body = this.#text.slice(this.#at + 1, end)
    this.#at = end + 1
    return this.#add(body)
  }

  #double(): string {
    const { escape } = this.#options
    let out = ''
    this.#at++
    this.#inWord = true
    for (;;) {
      const char = this.#text[this.#at]
      if (char === undefined) throw new Error('unexpected end of statement while looking for matching double-quote')
      if (char === '"') {
        this.#at++
        return out
      }
      if (char === '$') out += this.#add(this.#dollar())
      else if (char === escape) {
        const next = this.#text[this.#at + 1]
        if (next === undefined) throw new Error('unexpected end of statement while looking for matching double-quote')
        // Within double quotes only these are escaped; elsewhere the escape stays.
        out += this.#add(next === '"' || next === '$' || next === escape ? next : escape + next)
        this.#at += 2
      } else {
        out += this.#add(char)
        this.#at++
      }
    }
  }

  /** The value behind a `$`. */
  #dollar(): string {
    this.#at++
    const next = this.#text[this.#at]
    if (next === undefined) return '$'
    if (next === '{') return this.#braces()
    const name = /^(?:[a-zA-Z_][a-zA-Z0-9_]*|[0-9]|[@*#?$!-])/.exec(this.#text.slice(this.#at))?.[0]
    if (name === undefined) return '$'
    this.#at += name.length
    return this.#value(name) ?? ''
  }

  #value(name: string): string | undefined {
    const value = this.#options.get(name)
    if (value === undefined) this.#options.missing?.(name)
    return value
  }

  #braces(): string {
    this.#at++
    const name = /^(?:[a-zA-Z_][a-zA-Z0-9_]*|[0-9]+|[@*#?$!-])/.exec(this.#text.slice(this.#at))?.[0]
    if (name === undefined) throw new Error('syntax error: bad substitution')
    this.#at += name.length
    const char = this.#text[this.#at]
    // Go's lexer names the end of the text by the rune that it has no character for.
    if (char === undefined) throw new Error('unsupported modifier (\ufffd) in substitution')
    if (char === '}') {
      this.#at++
      return this.#value(name) ?? ''
    }
    if (char === ':') {
      const operator = this.#text[this.#at + 1] ?? ''
      this.#at += 2
      return this.#conditional(name, operator, true)
    }
    if ('-+?'.includes(char)) {
      this.#at++
      return this.#conditional(name, char, false)
    }
    if (char === '#' || char === '%') return this.#trim(name, char)
    if (char === '/') return this.#replace(name)
    throw new Error(`unsupported modifier (${char}) in substitution`)
  }

  /** The word after an operator, up to the closing brace; nothing of it goes into the list of words by itself. */
  #operand(stop: string, missing?: string): string {
    const [words, word, inWord] = [this.#words, this.#word, this.#inWord]
    this.#words = []
    if (++this.#depth > deepest) throw new Error('substitutions are nested too deeply')
    const text = this.#until(stop, missing)
    this.#depth--
    this.#at++
    ;[this.#words, this.#word, this.#inWord] = [words, word, inWord]
    return text
  }

  #conditional(name: string, operator: string, emptyIsUnset: boolean): string {
    const word = this.#operand('}')
    const value = this.#value(name)
    const set = value !== undefined && !(emptyIsUnset && value === '')
    if (operator === '+') return set ? word : ''
    if (operator === '-') return set ? value : word
    if (operator === '?') {
      if (set) return value
      throw new Error(
        `${name}: ${word === '' ? `is not allowed to be ${value === undefined ? 'unset' : 'empty'}` : word}`,
      )
    }
    throw new Error(`unsupported modifier (:${operator}) in substitution`)
  }

  #trim(name: string, side: '#' | '%'): string {
    const greedy = this.#text[this.#at + 1] === side
    this.#at += greedy ? 2 : 1
    const pattern = this.#operand('}')
    const value = this.#value(name) ?? ''
    const match = globMatcher(pattern)
    const chars = [...value]
    const lengths = [...chars.keys(), chars.length]
    if (greedy) lengths.reverse()
    for (const length of lengths) {
      const part = side === '#' ? chars.slice(0, length) : chars.slice(chars.length - length)
      if (match(part.join('')))
        return (side === '#' ? chars.slice(length) : chars.slice(0, chars.length - length)).join('')
    }
    return value
  }

  #replace(name: string): string {
    const all = this.#text[this.#at + 1] === '/'
    this.#at += all ? 2 : 1
    const pattern = this.#operand('/', `syntax error: missing '/' in \${}`)
    const replacement = this.#operand('}')
    const value = this.#value(name) ?? ''
    return replaceGlob(value, pattern, replacement, all)
  }
}

/** Whether a text is what a pattern of `*`, `?` and escapes means. Linear in the text for each `*`. */
function globMatcher(pattern: string): (text: string) => boolean {
  const tokens = globTokens(pattern)
  return text => matches(tokens, [...text])
}

type Token = { any: 'one' | 'many' } | { char: string }

function globTokens(pattern: string): Token[] {
  const tokens: Token[] = []
  const chars = [...pattern]
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? ''
    if (char === '*') tokens.push({ any: 'many' })
    else if (char === '?') tokens.push({ any: 'one' })
    else if (char === '\\' && at + 1 < chars.length) tokens.push({ char: chars[++at] ?? '' })
    else tokens.push({ char })
  }
  return tokens
}

/** The greedy two-pointer match: goes back only to the last `*`. */
function matches(tokens: readonly Token[], text: readonly string[]): boolean {
  let [token, at, star, mark] = [0, 0, -1, 0]
  while (at < text.length) {
    const wanted = tokens[token]
    if (wanted && 'char' in wanted ? wanted.char === text[at] : wanted?.any === 'one') {
      token++
      at++
    } else if (wanted && 'any' in wanted) {
      star = token++
      mark = at
    } else if (star >= 0) {
      token = star + 1
      at = ++mark
    } else return false
  }
  while (token < tokens.length && (tokens[token] as { any?: string }).any === 'many') token++
  return token === tokens.length
}

/** Replaces the longest match from the left, once or everywhere. */
function replaceGlob(value: string, pattern: string, replacement: string, all: boolean): string {
  const match = globMatcher(pattern)
  const chars = [...value]
  let out = ''
  for (let at = 0; at < chars.length; ) {
    let end = chars.length
    while (end > at && !match(chars.slice(at, end).join(''))) end--
    if (end === at) out += chars[at++] ?? ''
    else {
      out += replacement
      at = end
      if (!all) return out + chars.slice(at).join('')
    }
  }
  return out
}
