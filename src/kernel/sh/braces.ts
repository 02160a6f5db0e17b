/** bash's brace lists: `a{b,c}d`, `{1..9..2}`, one within another. */
import type { Word, WordPart } from './ast.ts'
import { SyntaxFault } from './syntax.ts'
import { makeWord } from './word.ts'

const maxWords = 100_000
const maxItems = 5_000_000
const maxDepth = 500
const maxLists = 2000
/** The longest text of a range, three numbers and their dots. */
const maxRange = 100

/** A part, or one unquoted character. */
type Item = WordPart | string

/**
 * The words that a word with brace lists stands for; itself when it has none. More than a shell could hold are a fault at
 * the line, as bash's own memory would be.
 */
export function expandBraces(word: Word, line: number): Word[] {
  if (!word.parts.some(part => part.t === 'text' && !part.quoted && part.text.includes('{'))) return [word]
  const items = word.parts.flatMap((part): Item[] => (part.t === 'text' && !part.quoted ? [...part.text] : [part]))
  const found = expand({ items, ends: pairs(items, line), line }, 0, items.length)
  return found.length === 1 ? [word] : found.map(join)
}

/** The items of a word, and where the brace that opens at an item closes. */
interface Braces {
  items: readonly Item[]
  ends: ReadonlyMap<number, number>
  line: number
}

const tooMany = (line: number): SyntaxFault => new SyntaxFault('braces: cannot allocate memory for the words', line)

/** Where each brace that has a partner closes. */
function pairs(items: readonly Item[], line: number): ReadonlyMap<number, number> {
  const open: number[] = []
  const ends = new Map<number, number>()
  let depth = 0
  for (const [at, item] of items.entries()) {
    if (item === '{') open.push(at)
    if (item !== '}') continue
    const begin = open.pop()
    if (begin === undefined) continue
    ends.set(begin, at)
    depth = Math.max(depth, open.length)
  }
  if (depth > maxDepth || ends.size > maxLists) throw tooMany(line)
  return ends
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

function expand(braces: Braces, from: number, to: number): Item[][] {
  const { items, ends } = braces
  for (let open = from; open < to; open++) {
    const end = items[open] === '{' ? ends.get(open) : undefined
    const choices = end === undefined ? undefined : choicesOf(braces, open + 1, end)
    if (end === undefined || !choices) continue
    const before = items.slice(from, open)
    const after = expand(braces, end + 1, to)
    const out: Item[][] = []
    let count = 0
    for (const choice of choices)
      for (const tail of after) {
        const made = [...before, ...choice, ...tail]
        count += made.length
        if (out.length >= maxWords || count > maxItems) throw tooMany(braces.line)
        out.push(made)
      }
    return out
  }
  return [items.slice(from, to)]
}

/** The choices between two braces; undefined when it is no list. */
function choicesOf(braces: Braces, from: number, to: number): Item[][] | undefined {
  const { items, ends } = braces
  const choices: [from: number, to: number][] = []
  let begin = from
  for (let at = from; at < to; at++) {
    const item = items[at]
    if (item === '{') at = ends.get(at) ?? at
    if (item !== ',') continue
    choices.push([begin, at])
    begin = at + 1
  }
  if (choices.length > 0) return [...choices, [begin, to] as const].flatMap(([at, end]) => expand(braces, at, end))
  if (to - from > maxRange) return undefined
  return rangeOf(items.slice(from, to))?.map(text => [...text])
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
