/** `$((…))`: C's integer expressions on 64 bits, with assignments. */

export class ArithError extends Error {
  override readonly name = 'ArithError'
}

export interface ArithVariables {
  get(name: string): string
  set(name: string, value: string): void
}

const maxDepth = 200
const wrap = (value: bigint): bigint => BigInt.asIntN(64, value)
const assignments = ['<<=', '>>=', '=', '*=', '/=', '%=', '+=', '-=', '&=', '^=', '|=']
const levels: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
]
const symbols = [
  '<<=',
  '>>=',
  '**',
  '++',
  '--',
  '&&',
  '||',
  '==',
  '!=',
  '<=',
  '>=',
  '<<',
  '>>',
  '*=',
  '/=',
  '%=',
  '+=',
  '-=',
  '&=',
  '^=',
  '|=',
  '=',
  '?',
  ':',
  '+',
  '-',
  '*',
  '/',
  '%',
  '<',
  '>',
  '!',
  '~',
  '&',
  '|',
  '^',
  '(',
  ')',
  ',',
]

/** The value of an expression. Throws ArithError in ash's words. */
export function evaluate(text: string, variables: ArithVariables): bigint {
  return new Evaluator(text, variables, 0).whole()
}

class Evaluator {
  private readonly tokens: string[]
  private at = 0
  private depth: number
  private readonly variables: ArithVariables
  /** Above 0 in the branch that is not taken: nothing is assigned or divided there. */
  private skipping = 0

  constructor(text: string, variables: ArithVariables, depth: number) {
    this.variables = variables
    this.depth = depth
    this.tokens = tokenize(text)
  }

  whole(): bigint {
    if (this.tokens.length === 0) return 0n
    const value = this.comma()
    if (this.at < this.tokens.length) throw new ArithError('arithmetic syntax error')
    return value
  }

  private peek(): string | undefined {
    return this.tokens[this.at]
  }

  private comma(): bigint {
    let value = this.assignment()
    while (this.peek() === ',') {
      this.at++
      value = this.assignment()
    }
    return value
  }

  private assignment(): bigint {
    const name = this.peek()
    const op = this.tokens[this.at + 1]
    if (name !== undefined && isName(name) && op !== undefined && assignments.includes(op)) {
      this.at += 2
      const right = this.assignment()
      const value = op === '=' ? right : this.binary(op.slice(0, -1), this.read(name), right)
      this.write(name, value)
      return value
    }
    return this.ternary()
  }

  private ternary(): bigint {
    const condition = this.level(0)
    if (this.peek() !== '?') return condition
    this.at++
    const yes = this.branch(condition !== 0n, () => this.comma())
    if (this.peek() !== ':') throw new ArithError('arithmetic syntax error')
    this.at++
    const no = this.branch(condition === 0n, () => this.assignment())
    return condition !== 0n ? yes : no
  }

  private branch(taken: boolean, parse: () => bigint): bigint {
    if (!taken) this.skipping++
    const value = parse()
    if (!taken) this.skipping--
    return value
  }

  private level(level: number): bigint {
    const operators = levels[level]
    if (!operators) return this.power()
    let left = this.level(level + 1)
    for (;;) {
      const op = this.peek()
      if (op === undefined || !operators.includes(op)) return left
      this.at++
      if (op === '&&' || op === '||') {
        const right = this.branch(op === '&&' ? left !== 0n : left === 0n, () => this.level(level + 1))
        left = op === '&&' ? bool(left !== 0n && right !== 0n) : bool(left !== 0n || right !== 0n)
      } else left = this.binary(op, left, this.level(level + 1))
    }
  }

  private power(): bigint {
    const base = this.unary()
    if (this.peek() !== '**') return base
    this.at++
    const exponent = this.power()
    if (exponent < 0n) throw new ArithError('exponent less than 0')
    let result = 1n
    for (let bit = exponent, square = base; bit > 0n; bit >>= 1n, square = wrap(square * square))
      if (bit & 1n) result = wrap(result * square)
    return result
  }

  private unary(): bigint {
    if (++this.depth > maxDepth) throw new ArithError('expression recursion loop detected')
    try {
      return this.operand()
    } finally {
      this.depth--
    }
  }

  private operand(): bigint {
    const token = this.peek()
    if (token === undefined) throw new ArithError('arithmetic syntax error')
    this.at++
    switch (token) {
      case '+':
        return this.unary()
      case '-':
        return wrap(-this.unary())
      case '!':
        return bool(this.unary() === 0n)
      case '~':
        return wrap(~this.unary())
      case '++':
      case '--': {
        const name = this.peek()
        if (name === undefined || !isName(name)) throw new ArithError('arithmetic syntax error')
        this.at++
        const value = this.read(name) + (token === '++' ? 1n : -1n)
        this.write(name, value)
        return value
      }
      case '(': {
        const value = this.comma()
        if (this.peek() !== ')') throw new ArithError('arithmetic syntax error')
        this.at++
        return value
      }
    }
    if (isName(token)) {
      const value = this.read(token)
      const next = this.peek()
      if (next === '++' || next === '--') {
        this.at++
        this.write(token, value + (next === '++' ? 1n : -1n))
      }
      return value
    }
    return literal(token)
  }

  private read(name: string): bigint {
    const text = this.variables.get(name).trim()
    if (text === '') return 0n
    if (/^[+-]?\d+$/.test(text) || /^0[xX]/.test(text)) return literal(text)
    if (this.depth > maxDepth) throw new ArithError('expression recursion loop detected')
    return new Evaluator(text, this.variables, this.depth + 1).whole()
  }

  private write(name: string, value: bigint): void {
    if (this.skipping === 0) this.variables.set(name, String(wrap(value)))
  }

  private binary(op: string, a: bigint, b: bigint): bigint {
    switch (op) {
      case '+':
        return wrap(a + b)
      case '-':
        return wrap(a - b)
      case '*':
        return wrap(a * b)
      case '/':
      case '%':
        if (b === 0n) {
          if (this.skipping > 0) return 0n
          throw new ArithError('divide by zero')
        }
        return wrap(op === '/' ? a / b : a % b)
      case '<<':
        return wrap(a << (b & 63n))
      case '>>':
        return wrap(a >> (b & 63n))
      case '&':
        return a & b
      case '|':
        return a | b
      case '^':
        return a ^ b
      case '==':
        return bool(a === b)
      case '!=':
        return bool(a !== b)
      case '<':
        return bool(a < b)
      case '>':
        return bool(a > b)
      case '<=':
        return bool(a <= b)
      default:
        return bool(a >= b)
    }
  }
}

const bool = (value: boolean): bigint => (value ? 1n : 0n)
const isName = (token: string): boolean => /^[A-Za-z_]/.test(token)

function tokenize(text: string): string[] {
  const tokens: string[] = []
  for (let at = 0; at < text.length; ) {
    const char = text[at] ?? ''
    if (/\s/.test(char)) {
      at++
      continue
    }
    let end = at
    while (end < text.length && /[A-Za-z0-9_#]/.test(text[end] ?? '')) end++
    if (end > at) {
      tokens.push(text.slice(at, end))
      at = end
      continue
    }
    const symbol = symbols.find(candidate => text.startsWith(candidate, at))
    if (!symbol) throw new ArithError('arithmetic syntax error')
    tokens.push(symbol)
    at += symbol.length
  }
  return tokens
}

/** Decimal, octal with a leading 0, hexadecimal, and `base#digits`. */
function literal(text: string): bigint {
  const bad = (): never => {
    throw new ArithError('arithmetic syntax error')
  }
  const sign = text.startsWith('-') ? -1n : 1n
  const digits = text.replace(/^[+-]/, '')
  const based = /^(\d+)#([0-9a-zA-Z]+)$/.exec(digits)
  if (based) {
    let value = 0n
    const base = BigInt(based[1] ?? '10')
    for (const char of (based[2] ?? '').toLowerCase()) {
      const digit = BigInt('0123456789abcdefghijklmnopqrstuvwxyz'.indexOf(char))
      if (digit >= base) return bad()
      value = value * base + digit
    }
    return wrap(sign * value)
  }
  if (/^0[xX][0-9a-fA-F]+$/.test(digits)) return wrap(sign * BigInt(digits.toLowerCase()))
  if (/^0[0-7]*$/.test(digits)) return wrap(sign * BigInt(`0o${digits.slice(1) || '0'}`))
  if (/^[1-9]\d*$/.test(digits)) return wrap(sign * BigInt(digits))
  return bad()
}
