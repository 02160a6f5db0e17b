/** Reads words: quotes, expansions, and the commands within them. */
import type { Parameter, Word, WordPart } from './ast.ts'
import type { Dialect } from './dialect.ts'
import { maxDepth, SyntaxFault, unterminated } from './syntax.ts'
import { makeText, makeWord, tildes } from './word.ts'

const escapes: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '?': '?',
}
const wordEnd = /[ \t\r\n;&|<>()]/
const namePattern = /[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]/y
const bracedName = /[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-]/y

/** Pieces of text that are one part. */
class Parts {
  readonly list: WordPart[]
  private text = ''
  private readonly quoted: boolean
  constructor(quoted: boolean, list: WordPart[] = []) {
    this.quoted = quoted
    this.list = list
  }
  char(text: string): void {
    this.text += text
  }
  part(part: WordPart): void {
    this.flush()
    this.list.push(part)
  }
  flush(): WordPart[] {
    if (this.text !== '') this.list.push({ t: 'text', text: this.text, quoted: this.quoted })
    this.text = ''
    return this.list
  }
}

export abstract class WordReader {
  protected source: string
  protected at: number
  protected line = 1
  protected depth = 0
  protected readonly dialect: Dialect
  protected readonly aliases: ReadonlyMap<string, string>

  constructor(source: string, offset: number, dialect: Dialect, aliases: ReadonlyMap<string, string>) {
    this.source = source
    this.at = offset
    this.dialect = dialect
    this.aliases = aliases
  }

  /** Another reader of the same text, for what stands within a word. */
  protected abstract inner(source: string, at: number): WordReader
  /** Reads commands up to a closing parenthesis, and goes behind it. Returns where it stood. */
  abstract commandsToParenthesis(): number

  protected deeper<T>(parse: () => T): T {
    if (++this.depth > maxDepth) throw new SyntaxFault('syntax error: nested too deeply', this.line)
    const result = parse()
    this.depth--
    return result
  }

  protected unterminated(quote: string): never {
    throw unterminated(this.dialect, this.line, quote)
  }

  /** Text in which only `$`, backquotes and backslashes count: here-documents, arithmetic. */
  textWord(text: string): Word {
    const inner = this.inner(text, 0)
    inner.depth = this.depth
    return makeText(inner.quotedParts([], undefined))
  }

  /** A text as one word: an array's subscript. */
  protected wholeWord(text: string): Word {
    const inner = this.inner(text, 0)
    inner.depth = this.depth
    const parts = inner.parts(char => char === undefined)
    return makeText(parts)
  }

  /** A word from here up to a blank or an operator. */
  protected word(): Word {
    return makeWord(
      tildes(
        this.parts(char => char === undefined || wordEnd.test(char)),
        false,
      ),
    )
  }

  /** A word up to the brace that closes `${`, or to one of `stops` before it. */
  private braceWord(stops = ''): Word {
    return makeText(
      this.parts(char => {
        if (char === undefined) this.unterminated('}')
        return char === '}' || stops.includes(char)
      }),
    )
  }

  /** Parts up to a character that ends the word; that one is left. */
  protected parts(ends: (char: string | undefined) => boolean): WordPart[] {
    const { source } = this
    const parts = new Parts(false)
    // How many `@(` and their like are open: blanks and operators within them belong to the pattern.
    let open = 0
    for (;;) {
      const char = source[this.at]
      if (char === undefined) {
        if (open > 0) this.unterminated(')')
        ends(char)
        break
      }
      if (open === 0 && this.opensProcess(char)) {
        parts.part(this.process())
        continue
      }
      if (open === 0 && ends(char)) break
      this.at++
      if (char === '\n') this.line++
      if (char === '\\') this.escaped(parts)
      else if (char === "'") parts.part(this.singleQuoted())
      else if (char === '"') this.doubleQuoted(parts)
      else if (char === '$') this.dollarIn(parts)
      else if (char === '`') parts.part({ t: 'command', source: this.backquoted(false), quoted: false })
      else {
        parts.char(char)
        if (open > 0 && char === '(') open++
        else if (open > 0 && char === ')') open--
        else if (this.dialect === 'bash' && '?*+@!'.includes(char) && source[this.at] === '(') {
          parts.char('(')
          this.at++
          open++
        }
      }
    }
    return parts.flush()
  }

  private opensProcess(char: string): boolean {
    return this.dialect === 'bash' && (char === '<' || char === '>') && this.source[this.at + 1] === '('
  }

  private process(): WordPart {
    const output = this.source[this.at] === '>'
    this.at++
    return { t: 'process', source: this.parenthesized(), output }
  }

  private escaped(parts: Parts): void {
    const next = this.source[this.at]
    if (next === undefined) parts.char('\\')
    else {
      this.at++
      if (next === '\n') this.line++
      else parts.part({ t: 'text', text: next, quoted: true })
    }
  }

  private singleQuoted(): WordPart {
    const end = this.source.indexOf("'", this.at)
    if (end < 0) this.unterminated("'")
    const text = this.source.slice(this.at, end)
    for (let newline = text.indexOf('\n'); newline >= 0; newline = text.indexOf('\n', newline + 1)) this.line++
    this.at = end + 1
    return { t: 'text', text, quoted: true }
  }

  private doubleQuoted(parts: Parts): void {
    const list = parts.flush()
    const before = list.length
    this.quotedParts(list, '"')
    if (list.length === before) list.push({ t: 'text', text: '', quoted: true })
  }

  private dollarIn(parts: Parts): void {
    const next = this.source[this.at]
    if (next === "'" && this.dialect !== 'dash') {
      this.at++
      parts.part({ t: 'text', text: this.ansiQuoted(), quoted: true })
    } else if (next === '"' && this.dialect === 'bash') {
      this.at++
      this.doubleQuoted(parts)
    } else {
      const part = this.dollar(false)
      if (part) parts.part(part)
      else parts.char('$')
    }
  }

  /** Text within double quotes up to `close`; here-documents go up to their end, operands to a brace that is left. */
  protected quotedParts(list: WordPart[], close: '"' | '}' | undefined): WordPart[] {
    const { source } = this
    const parts = new Parts(true, list)
    for (;;) {
      const char = source[this.at]
      if (char === undefined) {
        if (close) this.unterminated(close)
        break
      }
      if (char === close) {
        if (close === '"') this.at++
        break
      }
      this.at++
      if (char === '\n') this.line++
      if (char === '\\') this.escapedInQuotes(parts, close)
      else if (char === '$') {
        const part = this.dollar(true)
        if (part) parts.part(part)
        else parts.char('$')
      } else if (char === '`') parts.part({ t: 'command', source: this.backquoted(close === '"'), quoted: true })
      else if (char === '"' && close === '}') {
        parts.flush()
        this.quotedParts(list, '"')
      } else parts.char(char)
    }
    return parts.flush()
  }

  private escapedInQuotes(parts: Parts, close: '"' | '}' | undefined): void {
    const next = this.source[this.at]
    if (next === '\n') {
      this.at++
      this.line++
    } else if (
      next !== undefined &&
      ('$`\\'.includes(next) || (next === '"' && close) || (next === '}' && close === '}'))
    ) {
      parts.char(next)
      this.at++
    } else parts.char('\\')
  }

  /** What follows a `$`; undefined when it is just a dollar sign. */
  private dollar(quoted: boolean): WordPart | undefined {
    const { source } = this
    const char = source[this.at] ?? ''
    if (char === '(') {
      if (source[this.at + 1] === '(') {
        const start = this.at
        const expression = this.arithmetic()
        if (expression !== undefined) return { t: 'arith', expression, quoted }
        this.at = start
      }
      return { t: 'command', source: this.parenthesized(), quoted }
    }
    if (char === '{') {
      this.at++
      return this.deeper(() => this.braced(quoted))
    }
    if (char === '[' && this.dialect === 'bash') {
      const end = source.indexOf(']', this.at)
      if (end > 0) {
        const expression = this.textWord(source.slice(this.at + 1, end))
        this.at = end + 1
        return { t: 'arith', expression, quoted }
      }
    }
    namePattern.lastIndex = this.at
    const name = namePattern.exec(source)?.[0]
    if (name === undefined) return undefined
    this.at += name.length
    return { t: 'param', name, quoted }
  }

  /** `((`: the expression up to `))`, or undefined when there are two subshells, one in the other. */
  protected arithmetic(): Word | undefined {
    const { source } = this
    let depth = 0
    for (let at = this.at + 2; at < source.length; at++) {
      const char = source[at]
      if (char === '(') depth++
      else if (char === ')') {
        if (depth > 0) depth--
        else if (source[at + 1] === ')') {
          const text = source.slice(this.at + 2, at)
          this.at = at + 2
          return this.deeper(() => this.textWord(text))
        } else return undefined
      }
    }
    return undefined
  }

  /** The source between a parenthesis and its end; quotes, comments and case patterns within are respected. */
  private parenthesized(): string {
    const start = this.at + 1
    return this.deeper(() => {
      const inner = this.inner(this.source, start)
      inner.depth = this.depth
      inner.line = this.line
      const end = inner.commandsToParenthesis()
      this.at = inner.at
      this.line = inner.line
      return this.source.slice(start, end)
    })
  }

  private backquoted(inQuotes: boolean): string {
    let text = ''
    for (;;) {
      const char = this.source[this.at]
      if (char === undefined) this.unterminated('`')
      this.at++
      if (char === '`') return text
      if (char === '\n') this.line++
      const next = this.source[this.at]
      if (char === '\\' && next !== undefined && ('$`\\'.includes(next) || (inQuotes && next === '"'))) {
        text += next
        this.at++
      } else text += char
    }
  }

  private ansiQuoted(): string {
    let text = ''
    for (;;) {
      const char = this.source[this.at]
      if (char === undefined) this.unterminated("'")
      this.at++
      if (char === "'") return text
      if (char !== '\\') {
        text += char
        continue
      }
      const rest = this.source.slice(this.at, this.at + 10)
      const number = /^x([0-9a-fA-F]{1,2})/.exec(rest) ?? /^([0-7]{1,3})/.exec(rest)
      const unicode = /^(?:u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8}))/.exec(rest)
      if (number) {
        text += String.fromCharCode(Number.parseInt(number[1] ?? '', number[0].startsWith('x') ? 16 : 8) & 255)
        this.at += number[0].length
      } else if (unicode) {
        const code = Number.parseInt(unicode[1] ?? unicode[2] ?? '0', 16)
        // In the C locale, which containers have, only ASCII can be written.
        text +=
          code < 128
            ? String.fromCharCode(code)
            : `\\${code > 0xffff ? 'U' : 'u'}${code
                .toString(16)
                .toUpperCase()
                .padStart(code > 0xffff ? 8 : 4, '0')}`
        this.at += unicode[0].length
      } else {
        const next = this.source[this.at] ?? ''
        this.at++
        text += Object.hasOwn(escapes, next) ? escapes[next] : `\\${next}`
      }
    }
  }

  /** `${…}` after the brace. */
  private braced(quoted: boolean): WordPart {
    const { source, dialect } = this
    const start = this.at
    const bash = dialect === 'bash'
    const form =
      bash && source[this.at] === '!' && /^!(?:[A-Za-z_0-9@*#]|\?\})/.test(source.slice(this.at, this.at + 3))
    if (form) this.at++
    const length = source[this.at] === '#' && !/^#(?:[}:%=+/]|[#?-](?!\}))/.test(source.slice(this.at, this.at + 3))
    if (length) this.at++
    bracedName.lastIndex = this.at
    const name = bracedName.exec(source)?.[0]
    if (name === undefined) return this.badBrace(start, quoted)
    this.at += name.length
    const part: Parameter = { t: 'param', name, quoted }
    if (bash && source[this.at] === '[' && /^[A-Za-z_]/.test(name)) {
      const text = this.subscript()
      if (text === undefined) return this.badBrace(start, quoted)
      part.index = this.wholeWord(text)
    }
    if (form) part.form = this.formOf(part)
    if (length) part.length = true
    if (source[this.at] === undefined) this.unterminated('}')
    if (source[this.at] === '}') {
      this.at++
      return part
    }
    const pattern = bash
      ? /^(?::[-=?+]|[-=?+]|##?|%%?|\/\/?|\^\^?|,,?|@|:)/
      : dialect === 'dash'
        ? /^(?::[-=?+]|[-=?+]|##?|%%?)/
        : /^(?::[-=?+]|[-=?+]|##?|%%?|\/\/?|:)/
    const op = pattern.exec(source.slice(this.at, this.at + 2))?.[0]
    if (!op || length) return this.badBrace(start, quoted)
    this.at += op.length
    part.op = op
    if (op === ':' || op.startsWith('/')) {
      const separator = op === ':' ? ':' : '/'
      // What stands first in a pattern is not its end.
      part.arg = op === ':' ? this.sliceWord() : this.braceWord(separator)
      if (source[this.at] === separator) {
        this.at++
        part.arg2 = this.braceWord()
      }
    } else if (/[#%^,@]/.test(op)) part.arg = this.braceWord()
    else part.arg = quoted ? this.quotedArgument() : makeText(tildes(this.braceWord().parts, false))
    if (source[this.at] === undefined) this.unterminated('}')
    this.at++
    return part
  }

  /** The offset of a slice: a colon within `?:` or parentheses belongs to it. */
  private sliceWord(): Word {
    let open = 0
    return makeText(
      this.parts(char => {
        if (char === undefined) this.unterminated('}')
        if (char === '(' || char === '?') open++
        if (open > 0 && (char === ')' || char === ':')) {
          open--
          return false
        }
        return char === '}' || char === ':'
      }),
    )
  }

  /** An operand within double quotes: quoted itself, up to the closing brace. */
  private quotedArgument(): Word {
    const parts = this.quotedParts([], '}')
    return makeText(parts.length === 0 ? [{ t: 'text', text: '', quoted: true }] : parts)
  }

  private formOf(part: Parameter): NonNullable<Parameter['form']> {
    if (part.index?.fixed === '@' || part.index?.fixed === '*') return 'keys'
    const char = this.source[this.at]
    if ((char === '*' || char === '@') && this.source[this.at + 1] === '}' && /^[A-Za-z_]/.test(part.name)) {
      this.at++
      part.index = { parts: [], fixed: char }
      return 'names'
    }
    return 'indirect'
  }

  /** The text between brackets, which may hold brackets; undefined where it does not end. */
  protected subscript(): string | undefined {
    let open = 0
    for (let end = this.at; end < this.source.length; end++) {
      const char = this.source[end]
      if (char === '[') open++
      else if (char === ']' && --open === 0) {
        const text = this.source.slice(this.at + 1, end)
        this.at = end + 1
        return text
      }
    }
    return undefined
  }

  /** A substitution that is none: ash and dash refuse the text, bash the command that it stands in. */
  private badBrace(start: number, quoted: boolean): WordPart {
    if (this.dialect === 'busybox') throw new SyntaxFault('syntax error: bad substitution', this.line)
    const end = this.source.indexOf('}', start)
    if (end < 0) this.unterminated('}')
    this.at = end + 1
    return { t: 'param', name: '?', quoted, bad: this.source.slice(start, end) }
  }
}
