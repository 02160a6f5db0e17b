/**
 * POSIX regular expressions over byte strings: leftmost-longest, in linear time whatever the pattern (but for
 * back references, which have a budget of steps). Patterns and texts are hostile.
 */
import { searchBacktracking } from './backtrack.ts'
import { type Code, compile } from './compile.ts'
import { Dfa } from './dfa.ts'
import { type Node, parseRegex, type Syntax } from './parse.ts'
import { type Context, matchExactly, searchThreads } from './threads.ts'

export { RegexError } from './parse.ts'

export interface RegexOptions extends Syntax {
  /** `^` and `$` also match beside newlines. */
  multiline?: boolean
}

export class Regex {
  /** Number of groups. */
  readonly groups: number
  private readonly code: Code
  private readonly dfa: Dfa | undefined
  private readonly backrefs: boolean
  private readonly options: RegexOptions
  private readonly plain: string | undefined
  private readonly firstBytes: Uint8Array | undefined
  private readonly anchored: boolean

  /** Throws RegexError with regerror's text. */
  constructor(pattern: string, options: RegexOptions = {}) {
    const { node, groups, backrefs } = parseRegex(pattern, options)
    this.groups = groups
    this.backrefs = backrefs
    this.options = options
    this.code = compile(node, groups)
    const needsContext = options.multiline === true || this.code.instructions.some(isContextual)
    this.dfa = backrefs || needsContext ? undefined : new Dfa(this.code)
    this.plain = options.ignoreCase ? undefined : plainText(node)
    this.firstBytes = backrefs ? undefined : firstBytes(this.code)
    this.anchored = options.multiline !== true && startsAnchored(node)
  }

  test(text: string, notBegin = false): boolean {
    return this.find(text, 0, notBegin) !== undefined
  }

  /** Start and end of the leftmost-longest match at or after `from`. `notBegin`: `^` does not hold at 0. */
  find(text: string, from = 0, notBegin = false): readonly [number, number] | undefined {
    if (this.plain !== undefined) {
      const at = text.indexOf(this.plain, from)
      return at === -1 ? undefined : [at, at + this.plain.length]
    }
    if (this.dfa) {
      const found = this.scan(this.dfa, text, from, notBegin)
      if (found !== 'too long') return found
    }
    const slots = this.slow(text, from, notBegin)
    return slots && [slots[0] ?? 0, slots[1] ?? 0]
  }

  /** Like `find`, with the ends of every group: [start0, end0, start1, end1, …], -1 where a group took no part. */
  exec(text: string, from = 0, notBegin = false): number[] | undefined {
    if (!this.dfa) return this.slow(text, from, notBegin)
    const span = this.find(text, from, notBegin)
    if (!span || this.groups === 0) return span && [...span]
    return matchExactly(this.code, text, span[0], span[1], this.context(notBegin))
  }

  /** Tries each start with the automaton; gives up when that turns out quadratic. */
  private scan(
    dfa: Dfa,
    text: string,
    from: number,
    notBegin: boolean,
  ): readonly [number, number] | undefined | 'too long' {
    const steps = [(text.length - from) * 16 + 4096]
    const last = this.anchored ? 0 : text.length
    for (let start = from; start <= last; start++) {
      if (this.firstBytes && (start === text.length || !this.firstBytes[text.charCodeAt(start) & 255])) continue
      const end = dfa.longest(text, start, start === 0 && !notBegin, steps)
      if (end >= 0) return [start, end]
      if (end === -2) return 'too long'
    }
    return undefined
  }

  private slow(text: string, from: number, notBegin: boolean): number[] | undefined {
    const context = this.context(notBegin)
    if (this.backrefs) {
      return searchBacktracking(this.code, text, from, context, this.options.ignoreCase ?? false)
    }
    return searchThreads(this.code, text, from, context)
  }

  private context(notBegin: boolean): Context {
    return { notBegin, multiline: this.options.multiline ?? false }
  }
}

function isContextual(instruction: Code['instructions'][number]): boolean {
  return instruction.op === 'assert' && instruction.what.toLowerCase().includes('word')
}

/** The text of a pattern that is nothing but characters. */
function plainText(node: Node): string | undefined {
  const parts = node.kind === 'cat' ? node.parts : [node]
  let text = ''
  for (const part of parts) {
    if (part.kind !== 'set') return undefined
    const first = part.set.indexOf(1)
    if (first === -1 || part.set.indexOf(1, first + 1) !== -1) return undefined
    text += String.fromCharCode(first)
  }
  return text === '' ? undefined : text
}

function startsAnchored(node: Node): boolean {
  if (node.kind === 'assert') return node.what === 'begin' || node.what === 'first'
  if (node.kind === 'cat') return node.parts[0] !== undefined && startsAnchored(node.parts[0])
  if (node.kind === 'alt') return node.parts.every(startsAnchored)
  return node.kind === 'group' && startsAnchored(node.node)
}

/** The bytes that a match can begin with; undefined when it can be empty. */
function firstBytes(code: Code): Uint8Array | undefined {
  const bytes = new Uint8Array(256)
  const seen = new Set<number>()
  const stack = [code.start]
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (seen.has(at)) continue
    seen.add(at)
    const instruction = code.instructions[at]
    if (!instruction || instruction.op === 'match' || instruction.op === 'backref') return undefined
    if (instruction.op === 'set')
      for (let byte = 0; byte < 256; byte++) bytes[byte] = (bytes[byte] ?? 0) | (instruction.set[byte] ?? 0)
    else {
      stack.push(instruction.next)
      if (instruction.op === 'split') stack.push(instruction.other)
    }
  }
  return bytes
}
