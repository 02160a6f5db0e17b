/** `[[ … ]]`: conditions without splitting, with patterns and regular expressions on the right. */
import { Regex, RegexError } from '../userland/lib/regex/regex.ts'
import { evaluateTest, TestError } from '../userland/lib/test-expression.ts'
import { elementOf, entriesOf } from './arrays.ts'
import type { Word } from './ast.ts'
import { arithmetic, type ExpandContext, expandPattern, expandString, find, patternOptions, pieces } from './expand.ts'
import { matches } from './pattern.ts'

const comparisons: ReadonlySet<string> = new Set(['-eq', '-ne', '-lt', '-le', '-gt', '-ge'])
const binary: ReadonlySet<string> = new Set(['==', '=', '!=', '=~', '<', '>', '-nt', '-ot', '-ef', ...comparisons])

/** A word that is plain text and not quoted: an operator, if anything. */
const raw = (word: Word | undefined): string | undefined =>
  word?.parts.length === 1 && word.parts[0]?.t === 'text' && !word.parts[0].quoted ? word.parts[0].text : undefined

/** Whether the words between the brackets hold. Throws TestError for what is no condition. */
export function doubleBracket(context: ExpandContext, words: readonly Word[]): boolean {
  const condition = new Condition(context, words)
  return condition.whole()
}

class Condition {
  private at = 0
  private readonly context: ExpandContext
  private readonly words: readonly Word[]

  constructor(context: ExpandContext, words: readonly Word[]) {
    this.context = context
    this.words = words
  }

  whole(): boolean {
    const value = this.or(true)
    if (this.at < this.words.length) throw new TestError('syntax error in conditional expression')
    return value
  }

  private isNext(text: string): boolean {
    return raw(this.words[this.at]) === text
  }

  /** `wanted`: whether the outcome counts; what does not is read, and not worked out. */
  private or(wanted: boolean): boolean {
    let value = this.and(wanted)
    while (this.isNext('||')) {
      this.at++
      const right = this.and(wanted && !value)
      value ||= right
    }
    return value
  }

  private and(wanted: boolean): boolean {
    let value = this.not(wanted)
    while (this.isNext('&&')) {
      this.at++
      const right = this.not(wanted && value)
      value &&= right
    }
    return value
  }

  private not(wanted: boolean): boolean {
    if (this.isNext('!')) {
      this.at++
      return !this.not(wanted)
    }
    if (!this.isNext('(')) return this.primary(wanted)
    this.at++
    const value = this.or(wanted)
    if (!this.isNext(')')) throw new TestError("expected `)'")
    this.at++
    return value
  }

  private primary(wanted: boolean): boolean {
    const { context, words } = this
    const left = words[this.at]
    if (!left) throw new TestError('unexpected end of conditional expression')
    const op = raw(words[this.at + 1])
    const right = words[this.at + 2]
    if (right && op !== undefined && binary.has(op)) {
      this.at += 3
      return wanted && this.compare(left, op, right)
    }
    const unary = raw(left)
    const operand = words[this.at + 1]
    if (
      unary !== undefined &&
      /^-[a-zA-Z]$/.test(unary) &&
      operand &&
      !['&&', '||', ')'].includes(raw(operand) ?? '')
    ) {
      this.at += 2
      if (!wanted) return false
      const text = expandString(context, operand)
      if (unary === '-v') return isSet(context, text)
      if (unary === '-R') return find(context, text)?.reference === true
      return evaluateTest(context.p, [unary, text], false)
    }
    this.at++
    return wanted && expandString(context, left) !== ''
  }

  private compare(left: Word, op: string, right: Word): boolean {
    const { context } = this
    const value = expandString(context, left)
    switch (op) {
      case '=~':
        return regularExpression(context, right, value)
      case '<':
        return value < expandString(context, right)
      case '>':
        return value > expandString(context, right)
      case '==':
      case '=':
      case '!=': {
        const options = { ...patternOptions(context), extglob: true }
        return matches(expandPattern(context, right), value, options) === (op !== '!=')
      }
    }
    const other = expandString(context, right)
    if (!comparisons.has(op)) return evaluateTest(context.p, [value, op, other], false)
    // Both sides are arithmetic.
    return evaluateTest(context.p, [arithmetic(context, value), op, arithmetic(context, other)], false)
  }
}

/** `-v name` and `-v name[subscript]`. */
export function isSet(context: ExpandContext, text: string): boolean {
  const match = /^([A-Za-z_]\w*)(?:\[(.*)\])?$/s.exec(text)
  if (!match) return /^\d+$/.test(text) && context.state.args[Number(text) - 1] !== undefined
  const variable = find(context, match[1] ?? '')
  if (match[2] === undefined) return elementOf(context, variable, '0') !== undefined
  if (match[2] === '@' || match[2] === '*') return entriesOf(variable).length > 0
  return elementOf(context, variable, match[2]) !== undefined
}

/** `=~`: what is quoted stands for itself; BASH_REMATCH gets what the groups matched. */
function regularExpression(context: ExpandContext, word: Word, text: string): boolean {
  const pattern = pieces(context, word.parts, false)
    .map(piece => (piece.quoted ? piece.text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') : piece.text))
    .join('')
  const { vars, shopt } = context.state
  try {
    const found = new Regex(pattern, { extended: true, ignoreCase: shopt?.nocasematch === true }).exec(text)
    const items: Record<string, string> = {}
    for (let at = 0; found && at < found.length; at += 2) {
      const [from = -1, to = -1] = [found[at], found[at + 1]]
      items[at / 2] = from < 0 ? '' : text.slice(from, to)
    }
    vars.$BASH_REMATCH = { value: items['0'] ?? '', items }
    return found !== undefined
  } catch (error) {
    if (error instanceof RegexError) throw new TestError('')
    throw error
  }
}
