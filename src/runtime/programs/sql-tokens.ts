/** What the dialects of SQL have in common once their texts are tokens. */

export interface SqlToken {
  kind: string
  text: string
  /** Where it stands in the text. */
  at: number
}

/** Whether a token is one of these words or symbols, whatever its case. */
export const is = (token: SqlToken | undefined, ...words: string[]): boolean =>
  token !== undefined && (token.kind === 'word' || token.kind === 'symbol') && words.includes(token.text.toLowerCase())

export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** Statements of a text, each with its own tokens; a place counts from the start of the whole text. */
export function statementsOf<T extends SqlToken>(text: string, tokens: readonly T[]): { text: string; tokens: T[] }[] {
  const found: { text: string; tokens: T[] }[] = []
  let current: T[] = []
  const flush = (end: number): void => {
    const first = current[0]
    if (first) found.push({ text: text.slice(first.at, end), tokens: current })
    current = []
  }
  for (const token of tokens) {
    if (token.kind === 'symbol' && token.text === ';') flush(token.at)
    else current.push(token)
  }
  flush(text.length)
  return found
}

/** Groups between commas at the outermost level of these brackets. */
export function commaGroups<T extends SqlToken>(
  tokens: readonly T[],
  open: readonly string[] = ['('],
  close: readonly string[] = [')'],
): T[][] {
  const parts: T[][] = [[]]
  let depth = 0
  for (const token of tokens) {
    if (is(token, ...open)) depth++
    if (is(token, ...close)) depth--
    if (depth === 0 && is(token, ',')) parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts.filter(part => part.length > 0)
}
