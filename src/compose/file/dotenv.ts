/** Files of variables: `.env`, `--env-file`, `env_file` and `label_file` (compose-go dotenv). */
import { quote } from '../../util/strconv.ts'
import { type Lookup, substitute } from './template.ts'
import { ComposeError } from './tree.ts'

/** Blanks that do not end a line. */
const BLANK = /[\t\v\f\r \u0085\u00a0]/

/**
 * Adds a file's variables to `into`. Values see `lookup` first, then what the file has set before them; `unset` is told
 * of a variable that neither knows.
 * @throws ComposeError `line N: ...`
 */
export function parseDotenv(
  source: string,
  into: Map<string, string>,
  lookup: Lookup,
  unset: (name: string) => void = () => {},
): void {
  new Parser(source.replace(/^\uFEFF/, ''), into, lookup, unset).run()
}

class Parser {
  readonly #text: string
  readonly #into: Map<string, string>
  readonly #lookup: Lookup
  readonly #unset: (name: string) => void
  #at = 0

  constructor(text: string, into: Map<string, string>, lookup: Lookup, unset: (name: string) => void) {
    this.#text = text
    this.#into = into
    this.#lookup = lookup
    this.#unset = unset
  }

  run(): void {
    while (this.#skip()) this.#statement()
  }

  get #line(): number {
    let line = 1
    for (let i = 0; i < this.#at && i < this.#text.length; i++) if (this.#text[i] === '\n') line++
    return line
  }

  #fail(message: string): ComposeError {
    return new ComposeError(`line ${this.#line}: ${message}`)
  }

  /** Goes on to the next statement; false at the end. */
  #skip(): boolean {
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at] ?? ''
      if (char === '#') {
        const end = this.#text.indexOf('\n', this.#at)
        this.#at = end < 0 ? this.#text.length : end
      } else if (!/\s/.test(char)) return true
    }
    return false
  }

  #statement(): void {
    const word = /^export[\t\v\f\r ]+/.exec(this.#text.slice(this.#at))
    if (word) this.#at += word[0].length
    const { key, inherited } = this.#key()
    if (key.includes(' ')) throw this.#fail('key cannot contain a space')
    if (inherited) {
      const value = this.#lookup(key)
      if (value !== undefined) this.#into.set(key, value)
      return
    }
    this.#into.set(key, this.#value())
  }

  #key(): { key: string; inherited: boolean } {
    const start = this.#at
    for (const char of this.#text.slice(start)) {
      if (char === '=' || char === ':' || char === '\n') {
        const key = this.#text.slice(start, this.#at).trimEnd()
        const inherited = char === '\n'
        if (!inherited || key.includes(' ')) {
          if (key.includes(' ')) throw this.#fail('key cannot contain a space')
          this.#at++
          this.#blanks()
        }
        return { key, inherited }
      }
      if (!BLANK.test(char) && !/[\p{L}\p{N}_.[\]-]/u.test(char)) {
        const line = this.#text.slice(start).split('\n', 1)[0] ?? ''
        throw this.#fail(`unexpected character ${quote(char)} in variable name ${quote(line)}`)
      }
      this.#at += char.length
    }
    // The library takes a last name without a line end for no name at all.
    return { key: this.#text.slice(start).trimEnd(), inherited: true }
  }

  #blanks(): void {
    while (this.#at < this.#text.length && BLANK.test(this.#text[this.#at] ?? '')) this.#at++
  }

  #value(): string {
    const mark = this.#text[this.#at]
    if (mark === '"' || mark === "'") return this.#quoted(mark)
    const end = this.#text.indexOf('\n', this.#at)
    const line = this.#text.slice(this.#at, end < 0 ? undefined : end)
    this.#at = end < 0 ? this.#text.length : end + 1
    return this.#expand((line.split(' #', 1)[0] ?? '').trimEnd())
  }

  #quoted(mark: string): string {
    let value = ''
    for (let i = this.#at + 1; i < this.#text.length; i++) {
      const char = this.#text[i] ?? ''
      if (char === '\\') {
        const next = this.#text[++i] ?? ''
        value += next === mark ? mark : `\\${next}`
      } else if (char === mark) {
        this.#at = i + 1
        return mark === '"' ? this.#expand(unescape(value)) : value
      } else value += char
    }
    const line = this.#text.slice(this.#at).split('\n', 1)[0] ?? ''
    const lines = this.#text.slice(this.#at).split('\n').length - 1
    throw new ComposeError(`line ${this.#line + lines}: unterminated quoted value ${line}`)
  }

  #expand(value: string): string {
    return substitute(value, name => this.#lookup(name) ?? this.#into.get(name), { unset: this.#unset })
  }
}

const ESCAPES = new Map([...'abfnrtv'].map((char, i) => [char, '\x07\b\f\n\r\t\v'[i] ?? '']))

/** The escapes of a double-quoted value. `\$` stays one `$` through the expansion that follows. */
function unescape(value: string): string {
  return value.replace(/\\([abcfnrtv$"\\]|0\d{0,3})/g, (whole, code: string) => {
    if (code === '$') return '$$'
    if (code === '"' || code === '\\') return code
    if (code.startsWith('0')) return /^0[0-7]{3}$/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : whole
    return ESCAPES.get(code) ?? whole
  })
}
