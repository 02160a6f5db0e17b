/** bash's brace lists: `a{b,c}d`, `{1..9..2}`, one within another. */
import type { Word, WordPart } from './ast.ts'
import { makeWord } from './word.ts'

const maxWords = 100_000

/** A part, or one unquoted character. */
type Item = WordPart | string

/** The words that a word with brace lists stands for; itself when it has none. */
export function expandBraces(word: Word): Word[] {
  if (!word.parts.some(part => part.t === 'text' && !part.quoted && part.text.includes('{'))) return [word]
  const items = word.parts.flatMap((part): Item[] => (part.t === 'text' && !part.quoted ? [...part.text] : [part]))
  const found = expand(items)
  return found.length === 1 ? [word] : found.map(join)
}

function join(items: readonly Item[]): Word {
  const parts: WordPart[] = []
  for (const item of items) {
    const last = parts.at(-1)
    if (typeof item !== 'string') parts.push(item)
    else if (last?.t === 'text' && !last.quoted) parts[parts.length - 1] = { ...last, text: last.text + item }
    else parts.push({ t: 'text', text: item, quoted: false })
  }
  return makeWord(parts)
}

function expand(items: readonly Item[]): Item[][] {
  for (let open = items.indexOf('{'); open >= 0; open = items.indexOf('{', open + 1)) {
    const list = listAt(items, open)
    if (!list) continue
    const before = items.slice(0, open)
    const after = expand(items.slice(list.end))
    const out: Item[][] = []
    for (const choice of list.choices)
      for (const tail of after) {
        if (out.length >= maxWords) return out
        out.push([...before, ...choice, ...tail])
      }
    return out
  }
  return [[...items]]
}

/** The choices of the list that opens at an item; undefined when it is no list. */
function listAt(items: readonly Item[], open: number): { choices: Item[][]; end: number } | undefined {
  const parts: Item[][] = [[]]
  let depth = 0
  for (let at = open + 1; at < items.length; at++) {
    const item = items[at] ?? ''
    if (item === '{') depth++
    if (item === '}' && depth-- === 0) {
      const end = at + 1
      if (parts.length > 1) return { choices: parts.flatMap(part => expand(part)), end }
      const range = rangeOf(items.slice(open + 1, at))
      return range && { choices: range.map(text => [...text]), end }
    }
    if (item === ',' && depth === 0) parts.push([])
    else parts.at(-1)?.push(item)
  }
  return undefined
}

function rangeOf(items: readonly Item[]): string[] | undefined {
  if (items.some(item => typeof item !== 'string')) return undefined
  const match = /^(?:(-?\d+)\.\.(-?\d+)|([a-zA-Z])\.\.([a-zA-Z]))(?:\.\.(-?\d+))?$/.exec(items.join(''))
  if (!match) return undefined
  const [, from, to, first, last, given] = match
  const begin = from === undefined ? (first ?? '').charCodeAt(0) : Number(from)
  const end = to === undefined ? (last ?? '').charCodeAt(0) : Number(to)
  const step = Math.abs(Number(given ?? 1)) || 1
  const count = Math.min(maxWords, Math.floor(Math.abs(end - begin) / step) + 1)
  const padded = [from, to].some(text => text !== undefined && /^-?0\d/.test(text))
  const width = padded ? Math.max(from?.length ?? 0, to?.length ?? 0) : 0
  return Array.from({ length: count }, (_, at) => {
    const value = begin + (end < begin ? -at : at) * step
    if (from === undefined) return String.fromCharCode(value)
    return value < 0 ? `-${String(-value).padStart(width - 1, '0')}` : String(value).padStart(width, '0')
  })
}
