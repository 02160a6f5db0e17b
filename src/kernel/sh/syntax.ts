/** What the grammar is made of, and how each shell complains of what is not in it. */
import type { Dialect } from './dialect.ts'

export class SyntaxFault extends Error {
  override readonly name = 'SyntaxFault'
  /** More input could complete the command. */
  readonly incomplete: boolean
  readonly line: number
  /** bash shows the line that the fault is in. */
  readonly shown: string | undefined
  constructor(message: string, line: number, incomplete = false, shown?: string) {
    super(message)
    this.line = line
    this.incomplete = incomplete
    this.shown = shown
  }
}

export interface Token {
  type: 'word' | 'op' | 'newline' | 'end'
  text: string
  word?: import('./ast.ts').Word
  start: number
  end: number
}

/** Deepest nesting of what stands in something else. */
export const maxDepth = 400

const common = [
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'for',
  'while',
  'until',
  'do',
  'done',
  'case',
  'esac',
  '{',
  '}',
  '!',
  'in',
]
const reserved: Record<Dialect, ReadonlySet<string>> = {
  busybox: new Set([...common, 'function']),
  dash: new Set(common),
  bash: new Set([...common, 'function', 'select', 'time', 'coproc', '[[', ']]']),
}
export const isReserved = (word: string, dialect: Dialect): boolean => reserved[dialect].has(word)

/** Words that end a list of commands. */
export const closers: ReadonlySet<string> = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}'])
export const caseEnds: readonly string[] = [';;', ';&', ';;&']

export const redirections: readonly string[] = ['>', '>>', '<', '<>', '>|', '>&', '<&', '<<', '<<-', '<<<', '&>', '&>>']
/** Operators, longer ones first. */
const bashOperators = [
  '&&',
  '||',
  ';;&',
  ';;',
  ';&',
  '<<<',
  '<<-',
  '<<',
  '>>',
  '<&',
  '>&',
  '<>',
  '>|',
  '&>>',
  '&>',
  '|&',
  '|',
  '&',
  ';',
  '<',
  '>',
  '(',
  ')',
]
export const operators: Record<Dialect, readonly string[]> = {
  bash: bashOperators,
  busybox: bashOperators.filter(operator => !['&>>', '|&', '<<<', ';;&', ';&'].includes(operator)),
  dash: bashOperators.filter(operator => !['&>>', '&>', '|&', '<<<', ';;&', ';&'].includes(operator)),
}

/** A token that cannot stand where it does; `wanted` is the one that could. */
export function unexpected(token: Token, dialect: Dialect, line: number, source: string, wanted?: string): SyntaxFault {
  const incomplete = token.type === 'end'
  if (dialect === 'bash') {
    if (incomplete)
      return new SyntaxFault('syntax error: unexpected end of file', line + (source.endsWith('\n') ? 0 : 1), true)
    const text = token.type === 'newline' ? 'newline' : token.text
    return new SyntaxFault(`syntax error near unexpected token \`${text}'`, line, false, lineAt(source, token.start))
  }
  const what =
    token.type === 'newline'
      ? 'newline'
      : incomplete
        ? 'end of file'
        : token.type === 'word' && !isReserved(token.text, dialect)
          ? 'word'
          : token.type === 'op' && redirections.includes(token.text)
            ? 'redirection'
            : `"${token.text}"`
  const hint = wanted === undefined ? '' : ` (expecting "${wanted}")`
  return new SyntaxFault(
    dialect === 'dash' ? `Syntax error: ${what} unexpected${hint}` : `syntax error: unexpected ${what}${hint}`,
    line,
    incomplete,
  )
}

function lineAt(source: string, at: number): string {
  const end = source.indexOf('\n', at)
  return source.slice(source.lastIndexOf('\n', at - 1) + 1, end < 0 ? source.length : end)
}

/** A quote without its end. */
export function unterminated(dialect: Dialect, line: number, quote: string): SyntaxFault {
  if (dialect === 'bash') return new SyntaxFault(`unexpected EOF while looking for matching \`${quote}'`, line, true)
  const text =
    quote === '}' ? "missing '}'" : quote === '`' ? 'EOF in backquote substitution' : 'unterminated quoted string'
  return new SyntaxFault(
    dialect === 'dash'
      ? `Syntax error: ${text.replace(/^[um]/, letter => letter.toUpperCase())}`
      : `syntax error: ${text}`,
    line,
    true,
  )
}
