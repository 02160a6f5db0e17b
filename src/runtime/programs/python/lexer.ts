/** Python's words: indentation, strings with their prefixes, numbers. */

export interface Tok {
  kind: 'name' | 'number' | 'string' | 'op' | 'newline' | 'indent' | 'dedent' | 'end'
  text: string
  line: number
  column: number
  /** Of a string: its prefix in small letters, and its text before escapes are read. */
  prefix?: string
  end: number
}

export class PySyntaxError extends Error {
  readonly line: number
  readonly column: number
  readonly kind: string
  constructor(message: string, line: number, column: number, kind = 'SyntaxError') {
    super(message)
    this.line = line
    this.column = column
    this.kind = kind
  }
}

const operators = [
  '**=',
  '//=',
  '>>=',
  '<<=',
  '...',
  '!=',
  '->',
  ':=',
  '==',
  '<=',
  '>=',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '&=',
  '|=',
  '^=',
  '@=',
  '**',
  '//',
  '<<',
  '>>',
]

export function tokenize(source: string): Tok[] {
  const tokens: Tok[] = []
  const indents = [0]
  let at = 0
  let line = 1
  let lineStart = 0
  let depth = 0
  let fresh = true
  const open: { text: string; line: number; column: number }[] = []
  const push = (kind: Tok['kind'], text: string, from = at, prefix?: string): void => {
    tokens.push({
      kind,
      text,
      line,
      column: from - lineStart,
      end: from - lineStart + text.length,
      ...(prefix !== undefined && { prefix }),
    })
  }
  const newline = (): void => {
    line++
    lineStart = at
  }
  while (at < source.length) {
    if (fresh && depth === 0) {
      let width = 0
      const start = at
      while (source[at] === ' ' || source[at] === '\t')
        width = source[at++] === '\t' ? (Math.floor(width / 8) + 1) * 8 : width + 1
      const char = source[at]
      if (char === '\n' || char === '#' || char === '\r' || char === undefined) {
        while (at < source.length && source[at] !== '\n') at++
        at++
        newline()
        continue
      }
      fresh = false
      const top = indents.at(-1) ?? 0
      if (width > top) {
        indents.push(width)
        push('indent', '', start)
      }
      while (width < (indents.at(-1) ?? 0)) {
        indents.pop()
        if (width > (indents.at(-1) ?? 0))
          throw new PySyntaxError(
            'unindent does not match any outer indentation level',
            line,
            width,
            'IndentationError',
          )
        push('dedent', '')
      }
    }
    const char = source[at] ?? ''
    if (char === ' ' || char === '\t' || char === '\r') {
      at++
      continue
    }
    if (char === '\\' && /^\\\r?\n/.test(source.slice(at, at + 3))) {
      at = source.indexOf('\n', at) + 1
      newline()
      continue
    }
    if (char === '#') {
      while (at < source.length && source[at] !== '\n') at++
      continue
    }
    if (char === '\n') {
      if (depth === 0) {
        push('newline', '')
        fresh = true
      }
      at++
      newline()
      continue
    }
    const string = /^([rRbBuUfF]{0,2})("""|'''|"|')/.exec(source.slice(at, at + 6))
    if (string) {
      const [, prefix = '', quote = ''] = string
      const startLine = line
      const startColumn = at - lineStart
      at += prefix.length + quote.length
      let text = ''
      const long = quote.length === 3
      for (;;) {
        if (at >= source.length || (!long && source[at] === '\n'))
          throw new PySyntaxError(
            long
              ? `unterminated triple-quoted string literal (detected at line ${line})`
              : `unterminated string literal (detected at line ${line})`,
            startLine,
            startColumn,
          )
        if (source.startsWith(quote, at)) break
        if (source[at] === '\\') text += source[at++]
        if (source[at] === '\n') {
          text += '\n'
          at++
          newline()
          continue
        }
        text += source[at++] ?? ''
      }
      at += quote.length
      tokens.push({
        kind: 'string',
        text,
        line: startLine,
        column: startColumn,
        end: startLine === line ? at - lineStart : startColumn + 1,
        prefix: prefix.toLowerCase(),
      })
      continue
    }
    const number =
      /^(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*)?\.?\d[\d_]*(?:\.(?!\w))?(?:[eE][+-]?\d+)?[jJ]?)/.exec(
        source.slice(at, at + 60),
      )
    if (number && number[0] !== '' && /\d/.test(char + (char === '.' ? (source[at + 1] ?? '') : ''))) {
      const dotted = /^\d[\d_]*\.(?!\.)/.exec(source.slice(at, at + 60))
      const text =
        dotted && !number[0].includes('.')
          ? (/^\d[\d_]*\.\d*(?:[eE][+-]?\d+)?/.exec(source.slice(at, at + 60))?.[0] ?? number[0])
          : number[0]
      push('number', text)
      at += text.length
      continue
    }
    const name = /^[\p{L}_][\p{L}\p{N}_]*/u.exec(source.slice(at, at + 200))
    if (name) {
      push('name', name[0])
      at += name[0].length
      continue
    }
    const operator = operators.find(each => source.startsWith(each, at)) ?? char
    if (!/[-+*/%@&|^~<>=!.,:;()[\]{}]/.test(operator[0] ?? ''))
      throw new PySyntaxError(
        char === '$' || char === '?' || char === '!'
          ? 'invalid syntax'
          : `invalid character '${char}' (U+${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')})`,
        line,
        at - lineStart,
      )
    if ('([{'.includes(operator)) open.push({ text: operator, line, column: at - lineStart })
    if (')]}'.includes(operator)) open.pop()
    depth = open.length
    push('op', operator)
    at += operator.length
  }
  const unclosed = open.at(-1)
  if (unclosed) throw new PySyntaxError(`'${unclosed.text}' was never closed`, unclosed.line, unclosed.column)
  if (!fresh) push('newline', '')
  while (indents.length > 1) {
    indents.pop()
    push('dedent', '')
  }
  push('end', '')
  return tokens
}

/** A string's escapes, read. */
export function unescape(text: string, bytes: boolean): string {
  return text.replace(/\\(\n|x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{1,3}|.)/gs, (whole, code: string) => {
    const simple: Record<string, string> = {
      n: '\n',
      t: '\t',
      r: '\r',
      '\\': '\\',
      "'": "'",
      '"': '"',
      a: '\x07',
      b: '\b',
      f: '\f',
      v: '\v',
      '\n': '',
    }
    if (simple[code] !== undefined) return simple[code]
    if (code[0] === 'x') return String.fromCharCode(Number.parseInt(code.slice(1), 16))
    if (!bytes && (code[0] === 'u' || code[0] === 'U') && code.length > 1)
      return String.fromCodePoint(Number.parseInt(code.slice(1), 16))
    if (/^[0-7]+$/.test(code)) return String.fromCharCode(Number.parseInt(code, 8))
    return whole
  })
}
