/** Go's tokens, as far as the subset that minidock runs needs them. */

export type TokenKind = 'name' | 'int' | 'float' | 'string' | 'char' | 'op' | 'end'

export interface Token {
  kind: TokenKind
  text: string
  /** The value of a string. */
  value?: string
  line: number
  column: number
}

/** Source that is no Go: `main.go:3:5: words`. */
export class GoSyntaxError extends Error {
  readonly line: number
  readonly column: number
  constructor(message: string, line: number, column: number) {
    super(message)
    this.line = line
    this.column = column
  }
}

const operators = [
  '<<=',
  '>>=',
  '&^=',
  '...',
  '&&',
  '||',
  '<-',
  '++',
  '--',
  '==',
  '!=',
  '<=',
  '>=',
  ':=',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '&=',
  '|=',
  '^=',
  '<<',
  '>>',
  '&^',
]
const keywordsEnding = new Set(['break', 'continue', 'fallthrough', 'return'])
const escapes: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  '"': '"',
  "'": "'",
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
}

/** Splits source into tokens; a semicolon stands for each line end that ends a statement. */
export function tokens(source: string): Token[] {
  const list: Token[] = []
  let at = 0
  let line = 1
  let start = 0
  const add = (kind: TokenKind, text: string, value?: string): void => {
    list.push({ kind, text, line, column: at - start + 1, ...(value !== undefined && { value }) })
  }
  const ends = (): boolean => {
    const last = list.at(-1)
    if (!last) return false
    if (last.kind === 'name') return !isKeyword(last.text) || keywordsEnding.has(last.text)
    return last.kind !== 'op' || [')', ']', '}', '++', '--'].includes(last.text)
  }
  while (at < source.length) {
    const c = source.charAt(at)
    if (c === '\n') {
      if (ends()) add('op', ';')
      at++
      line++
      start = at
    } else if (/\s/.test(c)) at++
    else if (source.startsWith('//', at)) {
      while (at < source.length && source.charAt(at) !== '\n') at++
    } else if (source.startsWith('/*', at)) {
      const end = source.indexOf('*/', at + 2)
      if (end < 0) throw new GoSyntaxError('comment not terminated', line, at - start + 1)
      const lines = source.slice(at, end).split('\n').length - 1
      if (lines > 0 && ends()) add('op', ';')
      line += lines
      at = end + 2
    } else if (/[\p{L}_]/u.test(c)) {
      const text = /^[\p{L}_][\p{L}\d_]*/u.exec(source.slice(at, at + 200))?.[0] ?? c
      add('name', text)
      at += text.length
    } else if (/\d/.test(c) || (c === '.' && /\d/.test(source.charAt(at + 1)))) {
      const text = /^(0[xXbBoO][\da-fA-F_]+|[\d_]*\.?[\d_]*([eE][+-]?\d+)?)/.exec(source.slice(at, at + 80))?.[0] ?? c
      add(/^0[xXbBoO]/.test(text) || /^[\d_]+$/.test(text) ? 'int' : 'float', text.replaceAll('_', ''))
      at += text.length
    } else if (c === '"' || c === "'") {
      let end = at + 1
      let value = ''
      while (source.charAt(end) !== c) {
        if (end >= source.length || source.charAt(end) === '\n')
          throw new GoSyntaxError('string literal not terminated', line, at - start + 1)
        if (source.charAt(end) === '\\') {
          const hex = /^\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3}))/.exec(
            source.slice(end, end + 10),
          )
          if (hex) {
            value += String.fromCodePoint(
              hex[4] === undefined
                ? Number.parseInt(hex[1] ?? hex[2] ?? hex[3] ?? '0', 16) % 0x110000
                : Number.parseInt(hex[4], 8),
            )
            end += hex[0].length
            continue
          }
          value += escapes[source.charAt(end + 1)] ?? source.charAt(end + 1)
          end += 2
          continue
        }
        value += source.charAt(end++)
      }
      add(c === '"' ? 'string' : 'char', source.slice(at, end + 1), value)
      at = end + 1
    } else if (c === '`') {
      const end = source.indexOf('`', at + 1)
      if (end < 0) throw new GoSyntaxError('string literal not terminated', line, at - start + 1)
      const value = source.slice(at + 1, end)
      add('string', '`', value)
      const lines = value.split('\n').length - 1
      line += lines
      if (lines > 0) start = source.lastIndexOf('\n', end) + 1
      at = end + 1
    } else {
      const op = operators.find(one => source.startsWith(one, at)) ?? c
      if (!/^[-+*/%&|^<>=!:.,;()[\]{}~?]/.test(op))
        throw new GoSyntaxError(
          `invalid character U+${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')} '${c}'`,
          line,
          at - start + 1,
        )
      add('op', op)
      at += op.length
    }
  }
  if (ends()) add('op', ';')
  add('end', 'EOF')
  return list
}

const keywords = new Set(
  'break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var'.split(
    ' ',
  ),
)

export const isKeyword = (word: string): boolean => keywords.has(word)
