/** `[[ … ]]`: conditions without splitting, with patterns and regular expressions on the right. */
import { evaluateTest, TestError } from '../userland/lib/test-expression.ts'
import type { Word } from './ast.ts'
import { type ExpandContext, expandPattern, expandString, patternOptions } from './expand.ts'
import { matches } from './pattern.ts'

/** Whether the words between the brackets hold. Throws TestError for what is no condition. */
export function doubleBracket(context: ExpandContext, words: readonly Word[]): boolean {
  let at = 0
  const raw = (word: Word | undefined): string | undefined =>
    word?.parts.length === 1 && word.parts[0]?.t === 'text' && !word.parts[0].quoted ? word.parts[0].text : undefined
  const or = (): boolean => {
    let value = and()
    while (raw(words[at]) === '||') {
      at++
      const right = and()
      value ||= right
    }
    return value
  }
  const and = (): boolean => {
    let value = not()
    while (raw(words[at]) === '&&') {
      at++
      const right = not()
      value &&= right
    }
    return value
  }
  const not = (): boolean => {
    if (raw(words[at]) === '!') {
      at++
      return !not()
    }
    if (raw(words[at]) === '(') {
      at++
      const value = or()
      if (raw(words[at]) !== ')') throw new TestError('missing )')
      at++
      return value
    }
    return primary()
  }
  const primary = (): boolean => {
    const left = words[at]
    if (!left) throw new TestError('argument expected')
    const op = raw(words[at + 1])
    const right = words[at + 2]
    if (right && op !== undefined && ['==', '=', '!=', '=~', '<', '>'].includes(op)) {
      at += 3
      const value = expandString(context, left)
      if (op === '=~') return regularExpression(expandString(context, right), value)
      if (op === '<' || op === '>')
        return op === '<' ? value < expandString(context, right) : value > expandString(context, right)
      return (
        matches(expandPattern(context, right), value, { ...patternOptions(context), extglob: true }) === (op !== '!=')
      )
    }
    const end = words.findIndex((word, index) => index >= at && ['&&', '||', ')'].includes(raw(word) ?? ''))
    const own = words.slice(at, end < 0 ? words.length : end)
    at += own.length
    return evaluateTest(
      context.p,
      own.map(word => expandString(context, word)),
      false,
    )
  }
  const value = or()
  if (at < words.length) throw new TestError('syntax error')
  return value
}

/** Patterns are hostile: long ones and those with nested repetition are refused. */
function regularExpression(pattern: string, text: string): boolean {
  if (pattern.length > 1000 || text.length > 100_000 || /[*+}]\)*[*+{]|\)[*+{]/.test(pattern))
    throw new TestError('regular expression too complex')
  try {
    return new RegExp(pattern).test(text)
  } catch {
    throw new TestError('invalid regular expression')
  }
}
