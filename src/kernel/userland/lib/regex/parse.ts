/** POSIX regular expressions (basic and extended, with glibc's extensions) to a tree. Patterns are byte strings. */
import { type ByteSet, classSet, foldCase, invert, setOf } from './byte-set.ts'

export type Node =
  | { kind: 'empty' }
  | { kind: 'set'; set: ByteSet }
  | { kind: 'cat'; parts: Node[] }
  | { kind: 'alt'; parts: Node[] }
  | { kind: 'repeat'; node: Node; min: number; max: number }
  | { kind: 'group'; index: number; node: Node }
  | { kind: 'backref'; index: number }
  | { kind: 'assert'; what: Assertion }

/** `begin`/`end`: ^ and $; `wordStart`… : \< \> \b \B; `first`/`last`: \` and \'. */
export type Assertion = 'begin' | 'end' | 'wordStart' | 'wordEnd' | 'wordEdge' | 'notWordEdge' | 'first' | 'last'

export interface Syntax {
  extended?: boolean
  ignoreCase?: boolean
}

/** A pattern that is none; the message is glibc's. */
export class RegexError extends Error {
  override readonly name = 'RegexError'
  /** The pattern, where the caller had several. */
  pattern: string | undefined
}

/** Largest repetition count, and deepest nesting of groups. */
const maxRepeat = 32_767
const maxDepth = 250

/** Parses a pattern. Throws RegexError with regerror's text. */
export function parseRegex(pattern: string, syntax: Syntax): { node: Node; groups: number; backrefs: boolean } {
  const parser = new Parser(pattern, syntax)
  return parser.parse()
}

class Parser {
  private at = 0
  private groups = 0
  private closed = new Set<number>()
  private backrefs = false
  private depth = 0
  private readonly text: string
  private readonly extended: boolean
  private readonly ignoreCase: boolean

  constructor(text: string, syntax: Syntax) {
    this.text = text
    this.extended = syntax.extended ?? false
    this.ignoreCase = syntax.ignoreCase ?? false
  }

  parse(): { node: Node; groups: number; backrefs: boolean } {
    const node = this.alternatives()
    if (this.at < this.text.length) throw new RegexError('Unmatched ) or \\)')
    return { node, groups: this.groups, backrefs: this.backrefs }
  }

  /** Whether the text goes on with an operator: `name` in ERE, `\name` in BRE. */
  private sees(name: string): boolean {
    return this.extended ? this.text[this.at] === name : this.text.startsWith(`\\${name}`, this.at)
  }

  private skipOperator(): void {
    this.at += this.extended ? 1 : 2
  }

  private alternatives(): Node {
    const parts = [this.sequence()]
    while (this.sees('|')) {
      this.skipOperator()
      parts.push(this.sequence())
    }
    return parts.length === 1 && parts[0] ? parts[0] : { kind: 'alt', parts }
  }

  /** Whether a sequence ends here. An unmatched `)` is an ordinary character in ERE, as in glibc. */
  private ended(): boolean {
    return this.at >= this.text.length || this.sees('|') || (this.sees(')') && (this.depth > 0 || !this.extended))
  }

  private sequence(): Node {
    const parts: Node[] = []
    const start = this.at
    while (!this.ended()) {
      const atStart = this.at === start || (!this.extended && this.at === start + 1 && this.text[start] === '^')
      const atom = this.atom(atStart)
      if (atom) parts.push(this.repeats(atom))
    }
    if (parts.length === 1 && parts[0]) return parts[0]
    return parts.length === 0 ? { kind: 'empty' } : { kind: 'cat', parts }
  }

  private atom(atStart: boolean): Node | undefined {
    const char = this.text[this.at] ?? ''
    if (char === '\\') return this.escape()
    if (char === '[') return this.bracket()
    this.at++
    if (char === '.') return { kind: 'set', set: setOf(code => code >= 0) }
    if (this.extended) {
      if (char === '(') return this.group()
      if (char === '^') return { kind: 'assert', what: 'begin' }
      if (char === '$') return { kind: 'assert', what: 'end' }
      // A repetition of nothing is passed over.
      if (atStart && (char === '*' || char === '+' || char === '?')) return undefined
      if (atStart && char === '{') throw new RegexError('Invalid preceding regular expression')
    } else {
      if (char === '^' && this.at === 1) return { kind: 'assert', what: 'begin' }
      if (char === '^' && atStart && /\\[(|]$/.test(this.text.slice(0, this.at - 1))) {
        return { kind: 'assert', what: 'begin' }
      }
      const after = this.text.slice(this.at, this.at + 2)
      if (char === '$' && (after === '' || after === '\\)' || after === '\\|')) return { kind: 'assert', what: 'end' }
      if (char === '*' && atStart) return this.literal('*')
    }
    return this.literal(char)
  }

  private literal(char: string): Node {
    const code = char.charCodeAt(0)
    const set = setOf(one => one === code)
    return { kind: 'set', set: this.ignoreCase ? foldCase(set) : set }
  }

  private group(): Node {
    const index = ++this.groups
    if (++this.depth > maxDepth) throw new RegexError('Regular expression too big')
    const node = this.alternatives()
    this.depth--
    if (!this.sees(')')) throw new RegexError('Unmatched ( or \\(')
    this.skipOperator()
    this.closed.add(index)
    return { kind: 'group', index, node }
  }

  private escape(): Node {
    const char = this.text[this.at + 1]
    if (char === undefined) throw new RegexError('Trailing backslash')
    this.at += 2
    if (!this.extended && char === '(') return this.group()
    if (!this.extended && char === '{') throw new RegexError('Invalid preceding regular expression')
    if (char >= '1' && char <= '9') {
      const index = Number(char)
      if (!this.closed.has(index)) throw new RegexError('Invalid back reference')
      this.backrefs = true
      return { kind: 'backref', index }
    }
    switch (char) {
      case '<':
        return { kind: 'assert', what: 'wordStart' }
      case '>':
        return { kind: 'assert', what: 'wordEnd' }
      case 'b':
        return { kind: 'assert', what: 'wordEdge' }
      case 'B':
        return { kind: 'assert', what: 'notWordEdge' }
      case '`':
        return { kind: 'assert', what: 'first' }
      case "'":
        return { kind: 'assert', what: 'last' }
      case 'w':
        return { kind: 'set', set: classSet('word') }
      case 'W':
        return { kind: 'set', set: invert(classSet('word')) }
      case 's':
        return { kind: 'set', set: classSet('space') }
      case 'S':
        return { kind: 'set', set: invert(classSet('space')) }
    }
    return this.literal(char)
  }

  private repeats(atom: Node): Node {
    let node = atom
    // In BRE a star after an anchor stands for itself.
    if (!this.extended && node.kind === 'assert' && node.what === 'begin') return node
    for (;;) {
      const range = this.repetition()
      if (!range) return node
      node = { kind: 'repeat', node, min: range[0], max: range[1] }
    }
  }

  private repetition(): readonly [number, number] | undefined {
    if (this.text[this.at] === '*') {
      this.at++
      return [0, Number.POSITIVE_INFINITY]
    }
    if (this.sees('+')) {
      this.skipOperator()
      return [1, Number.POSITIVE_INFINITY]
    }
    if (this.sees('?')) {
      this.skipOperator()
      return [0, 1]
    }
    if (!this.sees('{')) return undefined
    return this.interval()
  }

  private interval(): readonly [number, number] | undefined {
    const match = (this.extended ? /\{(\d*)(,?)(\d*)\}/y : /\\\{(\d*)(,?)(\d*)\\\}/y) as RegExp
    match.lastIndex = this.at
    const found = match.exec(this.text)
    if (!found || (found[1] === '' && found[2] === '')) {
      // In ERE text that is no interval stands for itself.
      if (this.extended) return undefined
      throw new RegexError(this.text.includes('\\}', this.at) ? 'Invalid content of \\{\\}' : 'Unmatched \\{')
    }
    this.at += found[0].length
    const min = found[1] === '' ? 0 : Number(found[1])
    const max = found[2] === '' ? min : found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3])
    if (max < min) throw new RegexError('Invalid content of \\{\\}')
    if (min > maxRepeat || (max !== Number.POSITIVE_INFINITY && max > maxRepeat)) {
      throw new RegexError('Regular expression too big')
    }
    return [min, max]
  }

  private bracket(): Node {
    this.at++
    const negated = this.text[this.at] === '^'
    if (negated) this.at++
    const set = setOf(() => false)
    let first = true
    for (;;) {
      const char = this.text[this.at]
      if (char === undefined) throw new RegexError('Unmatched [, [^, [:, [., or [=')
      if (char === ']' && !first) break
      first = false
      if (this.text.startsWith('[:', this.at)) {
        const name = this.named(':')
        const members = classSet(this.ignoreCase && (name === 'upper' || name === 'lower') ? 'alpha' : name)
        for (let code = 0; code < 256; code++) if (members[code]) set[code] = 1
        continue
      }
      const from = this.element()
      let to = from
      if (this.text[this.at] === '-' && this.text[this.at + 1] !== undefined && this.text[this.at + 1] !== ']') {
        this.at++
        to = this.element()
        if (to < from) throw new RegexError('Invalid range end')
      }
      for (let code = from; code <= to; code++) set[code] = 1
    }
    this.at++
    const folded = this.ignoreCase ? foldCase(set) : set
    return { kind: 'set', set: negated ? invert(folded) : folded }
  }

  /** A character of a bracket: itself, `[.x.]` or `[=x=]`. */
  private element(): number {
    for (const mark of ['.', '=']) {
      if (!this.text.startsWith(`[${mark}`, this.at)) continue
      const name = this.named(mark)
      if (name.length !== 1) throw new RegexError('Invalid collation character')
      return name.charCodeAt(0)
    }
    const char = this.text[this.at]
    if (char === undefined) throw new RegexError('Unmatched [, [^, [:, [., or [=')
    this.at++
    return char.charCodeAt(0)
  }

  private named(mark: string): string {
    const end = this.text.indexOf(`${mark}]`, this.at + 2)
    if (end === -1) throw new RegexError('Unmatched [, [^, [:, [., or [=')
    const name = this.text.slice(this.at + 2, end)
    if (mark === ':' && !classNames.has(name)) throw new RegexError('Invalid character class name')
    this.at = end + 2
    return name
  }
}

const classNames: ReadonlySet<string> = new Set(
  'alpha digit alnum upper lower space blank punct print graph cntrl xdigit'.split(' '),
)
