/** The forms of arguments that instructions take (buildkit frontend/dockerfile/parser/line_parsers.go). */

export interface Pair {
  key: string
  value: string
}

/** Words at blanks; quotes and escapes hold a word together and stay in it. */
export function splitWords(text: string, escape: string): string[] {
  const words: string[] = []
  let word = ''
  let quote = ''
  let inWord = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if (quote === '' && /\s/.test(char)) {
      if (inWord) words.push(word)
      word = ''
      inWord = false
      continue
    }
    inWord = true
    if (char === escape && quote !== "'" && at + 1 < text.length) {
      word += char + (text[++at] ?? '')
      continue
    }
    if (quote === '' && (char === '"' || char === "'")) quote = char
    else if (char === quote) quote = ''
    word += char
  }
  if (inWord) words.push(word)
  return words
}

/** `KEY=VALUE ...`, or the old `KEY VALUE`. Throws Error. `legacy`: the old form was used. */
export function parsePairs(name: string, text: string, escape: string): { pairs: Pair[]; legacy: boolean } {
  const words = splitWords(text, escape)
  const [first] = words
  if (first === undefined) return { pairs: [], legacy: false }
  if (!first.includes('=')) {
    const match = /^(\S+)\s+([\s\S]*)$/.exec(text)
    if (!match) throw new Error(`${name} must have two arguments`)
    return { pairs: [{ key: match[1] ?? '', value: match[2] ?? '' }], legacy: true }
  }
  const pairs = words.map(word => {
    const equals = word.indexOf('=')
    if (equals < 0)
      throw new Error(`Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`)
    return { key: word.slice(0, equals), value: word.slice(equals + 1) }
  })
  return { pairs, legacy: false }
}

/** A JSON list of strings; undefined when the text is none. Throws Error for a list of anything else. */
export function parseJsonList(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!Array.isArray(value)) return undefined
  if (value.every(item => typeof item === 'string')) return value
  throw new Error('when using JSON array syntax, arrays must be comprised of strings only')
}

/** A JSON list, or the words at blanks. */
export const listOrWords = (text: string): string[] =>
  parseJsonList(text) ?? text.split(/\s+/).filter(word => word !== '')
