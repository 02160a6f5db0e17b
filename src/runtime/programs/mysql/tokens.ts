/** SQL as MySQL writes it, in words. */
import { is, statementsOf } from '../sql-tokens.ts'

export interface Token {
  kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol' | 'variable'
  /** As it stands in the text; a quoted identifier and a string without their quotes and escapes. */
  text: string
  /** Where it begins and ends in the statement. */
  at: number
  end: number
}

/** An error as the server sends it: its number, SQLSTATE and words. */
export class SqlError extends Error {
  readonly code: number
  readonly state: string
  constructor(code: number, state: string, text: string) {
    super(text)
    this.code = code
    this.state = state
  }
}

/** A syntax error at a place of the text; the server knows by which name its manual goes. */
export class SyntaxProblem extends Error {
  readonly at: number
  constructor(at: number) {
    super('syntax error')
    this.at = at
  }
}

const symbols = ['<=>', '->>', '<=', '>=', '<>', '!=', '||', '&&', ':=', '->', '<<', '>>']
const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', '0': '\0', b: '\b', Z: '\x1a' }
const blank = /^(?:\s+|-- [^\n]*|--(?=\n|$)|#[^\n]*|\/\*!\d*|\/\*(?!!)[\s\S]*?\*\/|\*\/)/

/** The text of a quoted piece that begins at `at`, and where it ends; undefined when it does not end. */
function quotedAt(text: string, at: number): { text: string; end: number } | undefined {
  const mark = text[at] ?? ''
  let out = ''
  for (let next = at + 1; next < text.length; next++) {
    const char = text[next] ?? ''
    if (char === '\\' && mark !== '`') {
      const escaped = text[++next] ?? ''
      // In a pattern the two wildcards keep their backslash.
      out += escaped === '%' || escaped === '_' ? `\\${escaped}` : (escapes[escaped] ?? escaped)
    } else if (char !== mark) out += char
    else if (text[next + 1] === mark) {
      out += mark
      next++
    } else return { text: out, end: next + 1 }
  }
  return undefined
}

/** The tokens of a text, without comments. Throws SyntaxProblem for a quote that is left open. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const rest = text.slice(at, at + 4096)
    const space = blank.exec(text.startsWith('/*', at) ? text.slice(at) : rest)
    if (space) {
      at += space[0].length
      continue
    }
    const char = text[at] ?? ''
    if (char === "'" || char === '"' || char === '`') {
      const found = quotedAt(text, at)
      if (!found) throw new SyntaxProblem(at)
      const before = tokens.at(-1)
      // Strings that stand side by side are one.
      if (char !== '`' && before?.kind === 'string') {
        before.text += found.text
        before.end = found.end
      } else tokens.push({ kind: char === '`' ? 'quoted' : 'string', text: found.text, at, end: found.end })
      at = found.end
      continue
    }
    const variable = /^@@?(?:`[^`]*`|[\w.$]*)/.exec(rest)
    const number = /^(?:0x[0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)(?![\w$])/.exec(rest)
    const word = /^[\w$\u0080-\uffff]+/.exec(rest)
    const symbol = symbols.find(each => rest.startsWith(each)) ?? char
    // `user@host` is one account; its at sign is a symbol where a name stands before it.
    const before = tokens.at(-1)
    const account = variable && before?.end === at && before.kind !== 'symbol'
    const [kind, piece]: [Token['kind'], string] =
      variable && !account
        ? ['variable', variable[0]]
        : number
          ? ['number', number[0]]
          : word
            ? ['word', word[0]]
            : ['symbol', symbol]
    tokens.push({ kind, text: piece, at, end: at + piece.length })
    at += piece.length
  }
  return tokens
}

/** Statements of a text, each with its own tokens; a place counts from the start of the whole text. */
export const splitStatements = (text: string): { text: string; tokens: Token[] }[] => statementsOf(text, tokenize(text))

export type NameToken = Token & { kind: 'word' | 'quoted' }

export const isName = (token: Token | undefined): token is NameToken =>
  token !== undefined && (token.kind === 'word' || token.kind === 'quoted')

export const tick = (name: string): string => `\`${name.replaceAll('`', '``')}\``

/** Index after the group that begins with a bracket at `from`. Throws SyntaxProblem when it does not end. */
export function closeOf(tokens: readonly Token[], from: number): number {
  let depth = 0
  for (let at = from; at < tokens.length; at++) {
    if (is(tokens[at], '(')) depth++
    if (is(tokens[at], ')') && --depth === 0) return at + 1
  }
  throw new SyntaxProblem(Number.MAX_SAFE_INTEGER)
}

/** Where one of these words stands outside of all brackets, from `from` on; -1 when nowhere. */
export function topLevel(tokens: readonly Token[], words: readonly string[], from = 0): number {
  let depth = 0
  for (let at = from; at < tokens.length; at++) {
    if (is(tokens[at], '(')) depth++
    else if (is(tokens[at], ')')) depth--
    else if (depth === 0 && is(tokens[at], ...words)) return at
  }
  return -1
}
