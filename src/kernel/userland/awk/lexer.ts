/** Tokens of an awk program. */
import { Failure } from '../lib/failure.ts'

export type Token =
  | { kind: 'number'; value: number }
  | { kind: 'string'; value: string }
  | { kind: 'regex'; value: string }
  /** A name; `call` when a parenthesis follows at once (a user function's call). */
  | { kind: 'name'; value: string; call: boolean }
  | { kind: 'builtin'; value: string }
  | { kind: 'keyword'; value: string }
  | { kind: 'op'; value: string }
  | { kind: 'newline' }
  | { kind: 'end' }

const keywords = new Set(
  'BEGIN END function func if else while for do break continue next nextfile exit return delete in getline print printf switch case default'.split(
    ' ',
  ),
)
export const builtins: ReadonlySet<string> = new Set(
  'length substr index split sub gsub gensub match sprintf sin cos atan2 exp log sqrt int rand srand tolower toupper system close fflush systime strftime mktime and or xor lshift rshift compl'.split(
    ' ',
  ),
)
const operators = [
  '**=',
  '&&',
  '||',
  '++',
  '--',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '^=',
  '**',
  '==',
  '<=',
  '>=',
  '!=',
  '!~',
  '>>',
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  ';',
  ',',
  '+',
  '-',
  '*',
  '/',
  '%',
  '^',
  '!',
  '>',
  '<',
  '|',
  '?',
  ':',
  '~',
  '$',
  '=',
]

export class SyntaxFailure extends Failure {}

/** Reads tokens one by one; whether a slash begins a regular expression depends on the token before. */
export class Lexer {
  line = 1
  private at = 0
  private last: Token = { kind: 'newline' }
  private readonly text: string

  constructor(text: string) {
    this.text = text
  }

  next(): Token {
    this.last = this.read()
    return this.last
  }

  /** Whether the text after the current token goes on with this word. */
  followedBy(word: string): boolean {
    return new RegExp(`^[ \\t]*${word}\\b`).test(this.text.slice(this.at, this.at + 200))
  }

  private read(): Token {
    this.blanks()
    const char = this.text[this.at]
    if (char === undefined) return { kind: 'end' }
    if (char === '\n') {
      this.at++
      this.line++
      return { kind: 'newline' }
    }
    if (char === '"') return this.string()
    if (/\d/.test(char) || (char === '.' && /\d/.test(this.text[this.at + 1] ?? ''))) return this.number()
    if (/[A-Za-z_]/.test(char)) return this.word()
    if (char === '/' && this.regexCanStart()) return this.regex()
    const operator = operators.find(one => this.text.startsWith(one, this.at))
    if (operator === undefined) throw new SyntaxFailure(`cmd. line:${this.line}: Unexpected token`)
    this.at += operator.length
    return { kind: 'op', value: operator === '**' ? '^' : operator === '**=' ? '^=' : operator }
  }

  private blanks(): void {
    for (;;) {
      const rest = this.text.slice(this.at, this.at + 3)
      const joined = /^\\\r?\n/.exec(rest)
      if (joined) {
        this.at += joined[0].length
        this.line++
      } else if (/^[ \t\r]/.test(rest)) this.at++
      else if (rest.startsWith('#')) {
        const end = this.text.indexOf('\n', this.at)
        this.at = end === -1 ? this.text.length : end
      } else return
    }
  }

  private regexCanStart(): boolean {
    const { last } = this
    if (last.kind === 'number' || last.kind === 'string' || last.kind === 'name' || last.kind === 'builtin')
      return false
    return !(last.kind === 'op' && [')', ']', '$', '++', '--'].includes(last.value))
  }

  private string(): Token {
    let value = ''
    this.at++
    for (;;) {
      const char = this.text[this.at++]
      if (char === undefined || char === '\n')
        throw new SyntaxFailure(`cmd. line:${this.line}: Unexpected end of string`)
      if (char === '"') return { kind: 'string', value }
      if (char !== '\\') {
        value += char
        continue
      }
      const next = this.text[this.at++] ?? ''
      const octal = /[0-7]/.test(next) ? (/^[0-7]{1,3}/.exec(this.text.slice(this.at - 1, this.at + 2))?.[0] ?? '') : ''
      if (octal !== '') {
        this.at += octal.length - 1
        value += String.fromCharCode(Number.parseInt(octal, 8) & 255)
      } else if (next === '\n') this.line++
      else value += escapes.get(next) ?? (next === '"' || next === '/' ? next : `\\${next}`)
    }
  }

  private number(): Token {
    const match = /^(0[xX][0-9a-fA-F]+|(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?)/.exec(this.text.slice(this.at, this.at + 400))
    const digits = match?.[0] ?? '0'
    this.at += digits.length
    return { kind: 'number', value: Number(digits) }
  }

  private word(): Token {
    const value = /^[A-Za-z0-9_]+/.exec(this.text.slice(this.at))?.[0] ?? ''
    this.at += value.length
    if (keywords.has(value)) return { kind: 'keyword', value: value === 'func' ? 'function' : value }
    if (builtins.has(value)) return { kind: 'builtin', value }
    return { kind: 'name', value, call: this.text[this.at] === '(' }
  }

  private regex(): Token {
    let value = ''
    let inBracket = false
    for (this.at++; ; this.at++) {
      const char = this.text[this.at]
      if (char === undefined || char === '\n') throw new SyntaxFailure(`cmd. line:${this.line}: Unterminated regex`)
      if (char === '/' && !inBracket) break
      if (char === '\\') {
        value += char + (this.text[this.at + 1] ?? '')
        this.at++
        continue
      }
      if (char === '[' && !inBracket) {
        inBracket = true
        // A closing bracket right at the start is a member.
        const start = /^\[\^?\]?/.exec(this.text.slice(this.at, this.at + 3))?.[0] ?? '['
        value += start
        this.at += start.length - 1
        continue
      }
      if (char === '[' && this.text[this.at + 1] === ':') {
        const end = this.text.indexOf(':]', this.at)
        if (end !== -1) {
          value += this.text.slice(this.at, end + 2)
          this.at = end + 1
          continue
        }
      }
      if (char === ']') inBracket = false
      value += char
    }
    this.at++
    return { kind: 'regex', value }
  }
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
])
