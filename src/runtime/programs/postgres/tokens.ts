/** SQL as PostgreSQL writes it, in words. */
import { commaGroups, is, statementsOf } from '../sql-tokens.ts'

export interface Token {
  kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol' | 'param'
  /** As it stands in the text; a quoted identifier and a string without their quotes. */
  text: string
  /** Where it begins in the statement. */
  at: number
}

export class SqlError extends Error {
  readonly code: string
  readonly detail: string | undefined
  readonly hint: string | undefined
  /** Counted from 1. */
  readonly position: number | undefined
  constructor(
    code: string,
    text: string,
    more: { detail?: string | undefined; hint?: string; position?: number | undefined } = {},
  ) {
    super(text)
    this.code = code
    this.detail = more.detail
    this.hint = more.hint
    this.position = more.position
  }
}

const symbols = ['::', '<=', '>=', '<>', '!=', '||', '!~*', '!~', '~*', '->>', '->', '#>>', '=>']

/** The tokens of a text, without comments. Throws SqlError for a quote that is left open. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const rest = text.slice(at)
    const space = /^(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)/.exec(rest)
    if (space) {
      at += space[0].length
      continue
    }
    const dollar = /^\$([A-Za-z_]*)\$/.exec(rest)
    const string = /^([eE]?)'((?:[^'\\]|''|\\[\s\S])*)'/.exec(rest) ?? /^()'((?:[^']|'')*)'/.exec(rest)
    const quoted = /^"((?:[^"]|"")*)"/.exec(rest)
    const number = /^(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/.exec(rest)
    const word = /^[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/.exec(rest)
    const param = /^\$\d+/.exec(rest)
    if (dollar) {
      const end = text.indexOf(dollar[0], at + dollar[0].length)
      if (end < 0)
        throw new SqlError('42601', `unterminated dollar-quoted string at or near "${rest}"`, { position: at + 1 })
      tokens.push({ kind: 'string', text: text.slice(at + dollar[0].length, end), at })
      at = end + dollar[0].length
    } else if (string && (string[1] !== '' || rest.startsWith("'"))) {
      const raw = string[1] === '' ? /^'((?:[^']|'')*)'/.exec(rest) : string
      const body = (raw?.[string[1] === '' ? 1 : 2] ?? '').replaceAll("''", "'")
      tokens.push({
        kind: 'string',
        text:
          string[1] === '' ? body : body.replace(/\\(.)/g, (_, c: string) => ({ n: '\n', t: '\t', r: '\r' })[c] ?? c),
        at,
      })
      at += (raw ?? string)[0].length
    } else if (rest.startsWith("'"))
      throw new SqlError('42601', `unterminated quoted string at or near "${rest}"`, { position: at + 1 })
    else if (quoted) {
      tokens.push({ kind: 'quoted', text: (quoted[1] ?? '').replaceAll('""', '"'), at })
      at += quoted[0].length
    } else if (param) {
      tokens.push({ kind: 'param', text: param[0], at })
      at += param[0].length
    } else if (number) {
      tokens.push({ kind: 'number', text: number[0], at })
      at += number[0].length
    } else if (word) {
      tokens.push({ kind: 'word', text: word[0], at })
      at += word[0].length
    } else {
      const symbol = symbols.find(each => rest.startsWith(each)) ?? rest[0] ?? ''
      tokens.push({ kind: 'symbol', text: symbol, at })
      at += symbol.length
    }
  }
  return tokens
}

/** Statements of a text; a place counts from where its statement begins. */
export const splitStatements = (text: string): { text: string; tokens: Token[] }[] =>
  statementsOf(text, tokenize(text)).map(({ text: statement, tokens }) => {
    const from = tokens[0]?.at ?? 0
    return { text: statement, tokens: tokens.map(each => ({ ...each, at: each.at - from })) }
  })

/** The name that an identifier means: unquoted ones in small letters. */
export const nameOf = (token: Token): string => (token.kind === 'quoted' ? token.text : token.text.toLowerCase())

/** Groups between commas at the outermost level. */
export const splitCommas = (tokens: readonly Token[]): Token[][] => commaGroups(tokens, ['(', '['], [')', ']'])

/** Index after the group that begins with a bracket at `from`. */
export function closeOf(tokens: readonly Token[], from: number): number {
  let depth = 0
  for (let at = from; at < tokens.length; at++) {
    if (is(tokens[at], '(')) depth++
    if (is(tokens[at], ')') && --depth === 0) return at + 1
  }
  throw new SqlError('42601', 'syntax error at end of input')
}
