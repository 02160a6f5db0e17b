/**
 * The shell's patterns, with bash's `@(…)`, `?(…)`, `*(…)`, `+(…)` and `!(…)`. All the places that a pattern can
 * reach are followed at once, so that no pattern takes longer than its length times that of the text.
 */
import { type ByteSet, classSet, foldCase, invert, setOf } from '../userland/lib/regex/byte-set.ts'

type Element = ByteSet | 'star' | { op: string; choices: Element[][] }

export interface PatternOptions {
  extglob?: boolean
  ignoreCase?: boolean
}

/** Places in a text, from `low` to `high`. */
interface Places {
  at: Uint8Array
  low: number
  high: number
}

const cache = new Map<string, Pattern>()
const cacheSize = 500

/** A pattern in which a backslash takes away what a character means. */
export function compilePattern(text: string, options: PatternOptions = {}): Pattern {
  const key = `${options.extglob ? 'e' : ''}${options.ignoreCase ? 'i' : ''}:${text}`
  let pattern = cache.get(key)
  if (!pattern) {
    if (cache.size >= cacheSize) cache.clear()
    cache.set(key, (pattern = new Pattern(text, options)))
  }
  return pattern
}

/** Whether the whole of a text matches. */
export const matches = (pattern: string, text: string, options?: PatternOptions): boolean =>
  compilePattern(pattern, options).matches(text)

export class Pattern {
  /** The one text that matches, for a pattern without anything special. */
  readonly literal: string | undefined
  private readonly elements: Element[]
  private backwards: Element[] | undefined

  constructor(text: string, options: PatternOptions) {
    this.literal =
      !options.ignoreCase && !/[*?[]/.test(text) && !(options.extglob && /[@+!]\(/.test(text))
        ? text.replace(/\\([\s\S])/g, '$1')
        : undefined
    this.elements = this.literal === undefined ? new Reader(text, options).all() : []
  }

  matches(text: string): boolean {
    if (this.literal !== undefined) return text === this.literal
    return reach(this.elements, text, from(0, text.length)).at[text.length] === 1
  }

  /** Whether a file name matches; one that begins with a period only where the pattern does. */
  matchesName(name: string): boolean {
    const [first] = this.elements
    if (name.startsWith('.') && this.literal === undefined && !(first instanceof Uint8Array && isPeriod(first)))
      return false
    return this.matches(name)
  }

  /** The length of the shortest or longest beginning that matches; undefined for none. */
  prefix(text: string, longest: boolean, start = 0): number | undefined {
    if (this.literal !== undefined) return text.startsWith(this.literal, start) ? this.literal.length : undefined
    const end = pick(reach(this.elements, text, from(start, text.length)), longest)
    return end === undefined ? undefined : end - start
  }

  /** The length of the shortest or longest end that matches; undefined for none. */
  suffix(text: string, longest: boolean): number | undefined {
    if (this.literal !== undefined) return text.endsWith(this.literal) ? this.literal.length : undefined
    return pick(reach(this.reversed(), reverse(text), from(0, text.length)), longest)
  }

  /** The places where a match may begin, in order. */
  *starts(text: string): Generator<number> {
    if (this.literal !== undefined) {
      for (let at = text.indexOf(this.literal); at >= 0; at = text.indexOf(this.literal, at + 1)) yield at
      return
    }
    const size = text.length
    const ends = { at: new Uint8Array(size + 1).fill(1), low: 0, high: size }
    const { at } = reach(this.reversed(), reverse(text), ends)
    for (let place = 0; place <= size; place++) if (at[size - place] === 1) yield place
  }

  private reversed(): Element[] {
    return (this.backwards ??= turn(this.elements))
  }
}

const reverse = (text: string): string => {
  let out = ''
  for (let at = text.length - 1; at >= 0; at--) out += text[at]
  return out
}

const turn = (elements: readonly Element[]): Element[] =>
  elements
    .map(element =>
      typeof element === 'object' && 'op' in element ? { ...element, choices: element.choices.map(turn) } : element,
    )
    .reverse()

const isPeriod = (set: ByteSet): boolean => set[46] === 1 && set.reduce((sum, bit) => sum + bit, 0) === 1

function from(place: number, size: number): Places {
  const at = new Uint8Array(size + 1)
  at[place] = 1
  return { at, low: place, high: place }
}

function pick({ at, low, high }: Places, longest: boolean): number | undefined {
  if (longest) {
    for (let place = high; place >= low; place--) if (at[place] === 1) return place
  } else for (let place = low; place <= high; place++) if (at[place] === 1) return place
  return undefined
}

/** Where a text can be left after the elements, entered at the given places. */
function reach(elements: readonly Element[], text: string, begin: Places): Places {
  let places = begin
  for (const element of elements) {
    if (places.low > places.high) return places
    if (element === 'star') {
      const first = pick(places, false)
      const at = new Uint8Array(text.length + 1)
      if (first === undefined) return { at, low: 1, high: 0 }
      at.fill(1, first)
      places = { at, low: first, high: text.length }
    } else if (element instanceof Uint8Array) places = step(element, text, places)
    else places = group(element, text, places)
  }
  return places
}

function step(set: ByteSet, text: string, { at, low, high }: Places): Places {
  const next = new Uint8Array(text.length + 1)
  const last = Math.min(high, text.length - 1)
  for (let place = low; place <= last; place++)
    if (at[place] === 1 && set[text.charCodeAt(place) & 255] === 1) next[place + 1] = 1
  return { at: next, low: low + 1, high: last + 1 }
}

function group({ op, choices }: { op: string; choices: Element[][] }, text: string, places: Places): Places {
  const once = (begin: Places): Places =>
    join(
      choices.map(choice => reach(choice, text, begin)),
      text.length,
    )
  switch (op) {
    case '@':
      return once(places)
    case '?':
      return join([places, once(places)], text.length)
    case '!': {
      // From each place on, everything but what a choice reaches from there.
      const out = { at: new Uint8Array(text.length + 1), low: places.low, high: text.length }
      for (let place = places.low; place <= places.high; place++) {
        if (places.at[place] !== 1) continue
        const taken = once(from(place, text.length))
        for (let end = place; end <= text.length; end++) if (taken.at[end] !== 1) out.at[end] = 1
      }
      return out
    }
    default: {
      let all = op === '*' ? places : once(places)
      for (;;) {
        const more = join([all, once(all)], text.length)
        if (more.at.every((bit, place) => bit === all.at[place])) return all
        all = more
      }
    }
  }
}

function join(parts: readonly Places[], size: number): Places {
  const out = { at: new Uint8Array(size + 1), low: size + 1, high: -1 }
  for (const { at, low, high } of parts) {
    for (let place = low; place <= high; place++) if (at[place] === 1) out.at[place] = 1
    out.low = Math.min(out.low, low)
    out.high = Math.max(out.high, high)
  }
  return out
}

const any = setOf(() => true)
const maxDepth = 50

class Reader {
  private at = 0
  private depth = 0
  private readonly text: string
  private readonly options: PatternOptions

  constructor(text: string, options: PatternOptions) {
    this.text = text
    this.options = options
  }

  all(): Element[] {
    return this.sequence('')
  }

  /** Elements up to one of `closers`. */
  private sequence(closers: string): Element[] {
    const elements: Element[] = []
    for (;;) {
      const char = this.text[this.at]
      if (char === undefined || closers.includes(char)) return elements
      const group = this.group()
      if (group) elements.push(group)
      else elements.push(this.element(char))
    }
  }

  private group(): Element | undefined {
    const op = this.text[this.at] ?? ''
    if (!this.options.extglob || !'@?*+!'.includes(op) || this.text[this.at + 1] !== '(' || this.depth >= maxDepth)
      return undefined
    const start = this.at
    this.at += 2
    this.depth++
    const choices: Element[][] = []
    for (;;) {
      choices.push(this.sequence('|)'))
      const end = this.text[this.at++]
      if (end === '|') continue
      this.depth--
      if (end === ')') return { op, choices }
      this.at = start
      return undefined
    }
  }

  private element(char: string): Element {
    this.at++
    if (char === '*') return 'star'
    if (char === '?') return any
    if (char === '[') return this.bracket() ?? this.one('[')
    if (char === '\\' && this.at < this.text.length) return this.one(this.text[this.at++] ?? '')
    return this.one(char)
  }

  private one(char: string): ByteSet {
    const set = new Uint8Array(256)
    set[char.charCodeAt(0) & 255] = 1
    return this.options.ignoreCase ? foldCase(set) : set
  }

  /** A bracket expression after its bracket; undefined when there is no closing one (then `[` is itself). */
  private bracket(): ByteSet | undefined {
    const { text } = this
    const set = new Uint8Array(256)
    let at = this.at
    const negated = text[at] === '!' || text[at] === '^'
    if (negated) at++
    for (let first = true; ; first = false) {
      let char = text[at]
      if (char === undefined) return undefined
      if (char === ']' && !first) break
      const named = char === '[' ? /^\[:([a-z]+):\]/.exec(text.slice(at, at + 12)) : null
      if (named) {
        classSet(named[1] ?? '').forEach((bit, code) => {
          if (bit) set[code] = 1
        })
        at += named[0].length
        continue
      }
      if (char === '\\' && text[at + 1] !== undefined) char = text[++at] ?? ''
      at++
      let to = char
      if (text[at] === '-' && text[at + 1] !== undefined && text[at + 1] !== ']') {
        at++
        if (text[at] === '\\' && text[at + 1] !== undefined) at++
        to = text[at++] ?? ''
      }
      for (let code = char.charCodeAt(0); code <= (to.charCodeAt(0) & 255); code++) set[code & 255] = 1
    }
    this.at = at + 1
    const folded = this.options.ignoreCase ? foldCase(set) : set
    return negated ? invert(folded) : folded
  }
}
