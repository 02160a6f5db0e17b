/** What Go's encoding/json says of text that is no JSON (its scanner's errors). */
import { quote } from './strconv.ts'

class Fault extends Error {}

/** The error of Go's scanner for a text, or undefined when it is one JSON value. */
export function jsonFault(text: string): string | undefined {
  const scanner = new Scanner(text)
  try {
    scanner.document()
    return undefined
  } catch (error) {
    if (error instanceof Fault) return error.message
    throw error
  }
}

const MAX_DEPTH = 10_000

class Scanner {
  #at = 0
  #depth = 0
  readonly #chars: string[]

  constructor(text: string) {
    this.#chars = [...text]
  }

  document(): void {
    this.#value('looking for beginning of value')
    this.#space()
    if (this.#peek() !== undefined) this.#bad('after top-level value')
  }

  #peek(): string | undefined {
    return this.#chars[this.#at]
  }

  #bad(context: string): never {
    const char = this.#peek()
    if (char === undefined) throw new Fault('unexpected end of JSON input')
    const shown = char === "'" ? String.raw`'\''` : char === '"' ? `'"'` : `'${quote(char).slice(1, -1)}'`
    throw new Fault(`invalid character ${shown} ${context}`)
  }

  #space(): void {
    while (/^[ \t\r\n]$/.test(this.#peek() ?? '')) this.#at++
  }

  #take(pattern: RegExp, context: string): string {
    const char = this.#peek()
    if (char === undefined || !pattern.test(char)) this.#bad(context)
    this.#at++
    return char
  }

  #value(context: string): void {
    this.#space()
    const char = this.#peek() ?? ''
    if (char === '{') this.#members('}', 'after object key:value pair', () => this.#member())
    else if (char === '[')
      this.#members(']', 'after array element', () => this.#value('looking for beginning of value'))
    else if (char === '"') this.#string()
    else if (/^[-0-9]$/.test(char)) this.#number()
    else if (char === 't' || char === 'f' || char === 'n') this.#literal({ t: 'true', f: 'false', n: 'null' }[char])
    else this.#bad(context)
  }

  /** `{...}` or `[...]`: `one` reads an element. */
  #members(close: string, after: string, one: () => void): void {
    if (++this.#depth > MAX_DEPTH) throw new Fault('exceeded max depth')
    this.#at++
    this.#space()
    if (this.#peek() === close) this.#at++
    else
      for (;;) {
        one()
        this.#space()
        if (this.#take(close === '}' ? /[,}]/ : /[,\]]/, after) === close) break
      }
    this.#depth--
  }

  #member(): void {
    this.#space()
    if (this.#peek() !== '"') this.#bad('looking for beginning of object key string')
    this.#string()
    this.#space()
    this.#take(/:/, 'after object key')
    this.#value('looking for beginning of value')
  }

  #string(): void {
    this.#at++
    for (;;) {
      const char = this.#take(/[^\0-\x1f]/, 'in string literal')
      if (char === '"') return
      if (char === '\\' && this.#take(/["\\/bfnrtu]/, 'in string escape code') === 'u')
        for (let digits = 0; digits < 4; digits++)
          this.#take(/[0-9a-fA-F]/, String.raw`in \u hexadecimal character escape`)
    }
  }

  #digits(): void {
    while (/^[0-9]$/.test(this.#peek() ?? '')) this.#at++
  }

  #number(): void {
    if (this.#peek() === '-') this.#at++
    if (this.#take(/[0-9]/, 'in numeric literal') !== '0') this.#digits()
    if (this.#peek() === '.') {
      this.#at++
      this.#take(/[0-9]/, 'after decimal point in numeric literal')
      this.#digits()
    }
    if (/^[eE]$/.test(this.#peek() ?? '')) {
      this.#at++
      if (/^[-+]$/.test(this.#peek() ?? '')) this.#at++
      this.#take(/[0-9]/, 'in exponent of numeric literal')
      this.#digits()
    }
  }

  #literal(word: string): void {
    this.#at++
    for (const letter of word.slice(1)) {
      if (this.#peek() !== letter) this.#bad(`in literal ${word} (expecting '${letter}')`)
      this.#at++
    }
  }
}
