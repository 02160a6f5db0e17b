/** expr: arithmetic, comparison and matching of arguments. */
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { Regex, RegexError } from './lib/regex/regex.ts'

export const options = {}

type Value = bigint | string

export const program = command(
  'expr',
  options,
  function* ({ out, args, gnu }) {
    const words = args[0] === '--' ? args.slice(1) : args
    if (words.length === 0) throw gnu ? new UsageError('missing operand') : new Failure('too few arguments')
    const parser = new Expression(words, gnu)
    const value = parser.value()
    yield* out.write(`${value}\n`)
    return value === '' || value === 0n || (typeof value === 'string' && /^-?0+$/.test(value)) ? 1 : 0
  },
  { raw: true, errorStatus: 2 },
)

class Expression {
  private at = 0
  private readonly words: readonly string[]
  private readonly gnu: boolean

  constructor(words: readonly string[], gnu: boolean) {
    this.words = words
    this.gnu = gnu
  }

  value(): Value {
    const value = this.or()
    const extra = this.words[this.at]
    if (extra !== undefined) this.syntaxError(`unexpected argument '${extra}'`)
    return value
  }

  private syntaxError(gnuText: string): never {
    throw new Failure(this.gnu ? `syntax error: ${gnuText}` : 'syntax error')
  }

  private take(...operators: string[]): string | undefined {
    const word = this.words[this.at]
    if (word === undefined || !operators.includes(word)) return undefined
    this.at++
    return word
  }

  private or(): Value {
    let left = this.and()
    while (this.take('|')) {
      const right = this.and()
      left = isNull(left) ? (isNull(right) ? 0n : right) : left
    }
    return left
  }

  private and(): Value {
    let left = this.comparison()
    while (this.take('&')) {
      const right = this.comparison()
      left = isNull(left) || isNull(right) ? 0n : left
    }
    return left
  }

  private comparison(): Value {
    let left = this.sum()
    for (
      let operator = this.take('<', '<=', '=', '==', '!=', '>=', '>');
      operator;
      operator = this.take('<', '<=', '=', '==', '!=', '>=', '>')
    ) {
      const right = this.sum()
      const [a, b] = [toInteger(left), toInteger(right)]
      const [x, y] = a !== undefined && b !== undefined ? [a, b] : [String(left), String(right)]
      const results: Record<string, boolean> = {
        '<': x < y,
        '<=': x <= y,
        '=': x === y,
        '==': x === y,
        '!=': x !== y,
        '>=': x >= y,
        '>': x > y,
      }
      left = results[operator] ? 1n : 0n
    }
    return left
  }

  private sum(): Value {
    let left = this.product()
    for (let operator = this.take('+', '-'); operator; operator = this.take('+', '-')) {
      const [a, b] = this.numbers(left, this.product())
      left = this.bounded(operator === '+' ? a + b : a - b)
    }
    return left
  }

  private product(): Value {
    let left = this.match()
    for (let operator = this.take('*', '/', '%'); operator; operator = this.take('*', '/', '%')) {
      const [a, b] = this.numbers(left, this.match())
      if (operator !== '*' && b === 0n) throw new Failure('division by zero')
      left = this.bounded(operator === '*' ? a * b : operator === '/' ? a / b : a % b)
    }
    return left
  }

  /** GNU counts without end; busybox in 64 bits. Either way the size is bounded here. */
  private bounded(value: bigint): bigint {
    if (!this.gnu) return BigInt.asIntN(64, value)
    if (value.toString(16).length > 10_000) throw new Failure('memory exhausted')
    return value
  }

  private numbers(left: Value, right: Value): readonly [bigint, bigint] {
    const [a, b] = [toInteger(left), toInteger(right)]
    if (a === undefined || b === undefined)
      throw new Failure(this.gnu ? 'non-integer argument' : 'non-numeric argument')
    return [a, b]
  }

  private match(): Value {
    let left = this.primary()
    while (this.take(':')) left = this.matched(left, this.primary())
    return left
  }

  private matched(text: Value, pattern: Value): Value {
    try {
      const regex = new Regex(`^\\(${String(pattern)}\\)`, {})
      const slots = regex.exec(String(text))
      if (regex.groups < 2) return slots ? BigInt((slots[1] ?? 0) - (slots[0] ?? 0)) : 0n
      return slots && (slots[4] ?? -1) >= 0 ? String(text).slice(slots[4], slots[5]) : ''
    } catch (error) {
      if (error instanceof RegexError) throw new Failure(error.message)
      throw error
    }
  }

  private primary(): Value {
    const word = this.words[this.at++]
    if (word === undefined) {
      this.syntaxError(`missing argument after '${this.words.at(-1) ?? ''}'`)
    }
    const more = this.words[this.at] !== undefined
    if (word === '(') {
      const value = this.or()
      if (!this.take(')')) this.syntaxError(`expecting ')' after '${this.words[this.at - 1] ?? ''}'`)
      return value
    }
    if (word === '+' && more) return this.words[this.at++] ?? ''
    if (!more) return word
    if (word === 'length') return BigInt(String(this.primary()).length)
    if (word === 'match') return this.matched(this.primary(), this.primary())
    if (word === 'index') {
      const text = String(this.primary())
      const set = String(this.primary())
      return BigInt([...text].findIndex(char => set.includes(char)) + 1)
    }
    if (word === 'substr') {
      const text = String(this.primary())
      const [from, length] = [toInteger(this.primary()), toInteger(this.primary())]
      if (from === undefined || length === undefined || from < 1n || length < 1n) return ''
      return text.slice(Number(from) - 1, Number(from) - 1 + Number(length))
    }
    return word
  }
}

function isNull(value: Value): boolean {
  return value === '' || value === 0n || (typeof value === 'string' && /^-?0+$/.test(value))
}

function toInteger(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value
  return /^-?\d{1,5000}$/.test(value) ? BigInt(value) : undefined
}
