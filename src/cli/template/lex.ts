/** The words of a Go template (text/template/parse/lex.go): text, and the tokens of `{{ actions }}`. */
import { quote } from '../../util/strconv.ts'

export type TokenKind =
  | 'text'
  | 'left'
  | 'right'
  | 'space'
  | 'identifier'
  | 'keyword'
  | 'field'
  | 'variable'
  | 'dot'
  | 'nil'
  | 'bool'
  | 'number'
  | 'char'
  | 'string'
  | 'raw'
  | 'leftParen'
  | 'rightParen'
  | 'pipe'
  | 'assign'
  | 'declare'
  | 'other'
  | 'eof'
  | 'error'

export interface Token {
  kind: TokenKind
  text: string
  /** Offset in the template. */
  at: number
  line: number
}

const KEYWORDS = new Set('block break continue define else end if range template with'.split(' '))
const ALNUM = /[\p{L}\p{Nd}_]/u
const SPACES = /[ \t\r\n]/

/** How a token is named in a parse error. */
export function describe(token: Token): string {
  if (token.kind === 'eof') return 'EOF'
  if (token.kind === 'error') return token.text
  if (token.kind === 'keyword' || token.kind === 'dot' || token.kind === 'nil') return `<${token.text}>`
  return token.text.length > 10 ? `${quote(token.text.slice(0, 10))}...` : quote(token.text)
}

/** Splits a template into its tokens; the last one is `eof` or `error`. */
export function lex(input: string): Token[] {
  const tokens: Token[] = []
  let line = 1
  let at = 0
  const emit = (kind: TokenKind, text: string, from: number): void => {
    tokens.push({ kind, text, at: from, line })
    for (const char of text) if (char === '\n') line++
  }
  const fail = (message: string): Token[] => {
    emit('error', message, at)
    return tokens
  }
  let trimNext = false
  for (;;) {
    const open = input.indexOf('{{', at)
    let text = open < 0 ? input.slice(at) : input.slice(at, open)
    const from = at
    const skipped = trimNext ? text.length - text.replace(/^[ \t\r\n]+/, '').length : 0
    line += count(text.slice(0, skipped))
    text = text.slice(skipped)
    if (open < 0) {
      if (text !== '') emit('text', text, from + skipped)
      emit('eof', '', input.length)
      return tokens
    }
    at = open + 2
    const trims = input[at] === '-' && SPACES.test(input[at + 1] ?? '')
    const kept = trims ? text.replace(/[ \t\r\n]+$/, '') : text
    if (kept !== '') emit('text', kept, from + skipped)
    line += count(text.slice(kept.length))
    trimNext = false
    if (trims) at += 2
    if (input.startsWith('/*', at)) {
      const end = input.indexOf('*/', at)
      if (end < 0) return fail('unclosed comment')
      const close = /^([ \t\r\n]-)?}}/.exec(input.slice(end + 2))
      if (!close) return fail('comment ends before closing delimiter')
      line += count(input.slice(at, end))
      trimNext = close[1] !== undefined
      at = end + 2 + close[0].length
      continue
    }
    emit('left', '{{', open)
    const result = action(input, at, emit)
    if (typeof result === 'string') return fail(result)
    at = result.at
    trimNext = result.trims
  }
}

const count = (text: string): number => text.split('\n').length - 1

type Emit = (kind: TokenKind, text: string, from: number) => void

/** The tokens of one action, up to its end; or what is wrong with it. */
function action(input: string, start: number, emit: Emit): { at: number; trims: boolean } | string {
  let at = start
  let depth = 0
  const closes = (from: number): RegExpExecArray | null => /^([ \t\r\n]-)?}}/.exec(input.slice(from, from + 4))
  const terminates = (from: number): boolean => {
    const char = input[from]
    return char === undefined || SPACES.test(char) || '.,|:()'.includes(char) || input.startsWith('}}', from)
  }
  for (;;) {
    const close = closes(at)
    if (close) {
      if (depth > 0) return 'unclosed left paren'
      const trims = close[1] !== undefined
      emit('right', '}}', trims ? at + 2 : at)
      return { at: at + close[0].length, trims }
    }
    const char = input[at]
    if (char === undefined) return 'unclosed action'
    const from = at
    if (SPACES.test(char)) {
      while (SPACES.test(input[at] ?? '') && !closes(at)) at++
      if (at === from) at++
      emit('space', input.slice(from, at), from)
    } else if (char === '=') {
      emit('assign', '=', from)
      at++
    } else if (char === ':') {
      if (input[at + 1] !== '=') return 'expected :='
      emit('declare', ':=', from)
      at += 2
    } else if (char === '|') {
      emit('pipe', '|', from)
      at++
    } else if (char === '"' || char === "'") {
      const end = quoted(input, at, char)
      if (end === undefined) return char === '"' ? 'unterminated quoted string' : 'unterminated character constant'
      emit(char === '"' ? 'string' : 'char', input.slice(at, end), from)
      at = end
    } else if (char === '`') {
      const end = input.indexOf('`', at + 1)
      if (end < 0) return 'unterminated raw quoted string'
      emit('raw', input.slice(at, end + 1), from)
      at = end + 1
    } else if (char === '(') {
      depth++
      emit('leftParen', '(', from)
      at++
    } else if (char === ')') {
      depth--
      if (depth < 0) return 'unexpected right paren'
      emit('rightParen', ')', from)
      at++
    } else if (char === '$' || (char === '.' && !/\d/.test(input[at + 1] ?? ''))) {
      at++
      while (ALNUM.test(input[at] ?? '')) at++
      if (!terminates(at)) return `bad character ${codePoint(input, at)}`
      const text = input.slice(from, at)
      emit(char === '$' ? 'variable' : text === '.' ? 'dot' : 'field', text, from)
    } else if (/[+\-.\d]/.test(char)) {
      const text = /^[+-]?(0[xX][\da-fA-F_]*|0[bB][01_]*|0[oO][0-7_]*|[\d_]*)(\.[\d_]*)?([eEpP][+-]?[\d_]*)?i?/.exec(
        input.slice(at),
      )?.[0]
      at += text?.length ?? 0
      if (ALNUM.test(input[at] ?? '')) return `bad number syntax: ${quote(input.slice(from, at + 1))}`
      emit('number', input.slice(from, at), from)
    } else if (ALNUM.test(char)) {
      while (ALNUM.test(input[at] ?? '')) at++
      if (!terminates(at)) return `bad character ${codePoint(input, at)}`
      const word = input.slice(from, at)
      const bool = word === 'true' || word === 'false'
      emit(KEYWORDS.has(word) ? 'keyword' : bool ? 'bool' : word === 'nil' ? 'nil' : 'identifier', word, from)
    } else if (char >= ' ' && char < '\x7f') {
      emit('other', char, from)
      at++
    } else return `unrecognized character in action: ${codePoint(input, at)}`
  }
}

/** The end of a quoted text, after its closing mark; undefined when it has none on its line. */
function quoted(input: string, start: number, mark: string): number | undefined {
  for (let at = start + 1; at < input.length; at++) {
    const char = input[at]
    if (char === '\n') return undefined
    if (char === '\\') at++
    else if (char === mark) return at + 1
  }
  return undefined
}

function codePoint(input: string, at: number): string {
  const code = input.codePointAt(at) ?? 0
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')} '${String.fromCodePoint(code)}'`
}
