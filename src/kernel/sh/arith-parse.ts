/** The grammar of arithmetic: C's integer expressions as a tree. A text that comes again is parsed once. */

export type ArithNode =
  | { n: 'number'; value: bigint }
  /** A variable, or in bash an element of an array by the text of its subscript. */
  | { n: 'name'; name: string; subscript?: string }
  | { n: 'unary'; op: '-' | '+' | '!' | '~'; operand: ArithNode }
  | { n: 'binary'; op: string; left: ArithNode; right: ArithNode; at: number }
  | { n: 'choose'; condition: ArithNode; yes: ArithNode; no: ArithNode }
  | { n: 'assign'; op: string; target: ArithName; value: ArithNode; at: number }
  | { n: 'step'; by: 1 | -1; before: boolean; target: ArithName }

export type ArithName = Extract<ArithNode, { n: 'name' }>

/** What is wrong with an expression: the fault, and where in the text the token that shows it begins. */
export class ArithFault extends Error {
  override readonly name = 'ArithFault'
  readonly fault: ArithFaultKind
  readonly at: number
  constructor(fault: ArithFaultKind, at: number) {
    super(fault)
    this.fault = fault
    this.at = at
  }
}

export type ArithFaultKind =
  | 'operand'
  | 'extra'
  | 'assignment'
  | 'colon'
  | 'paren'
  | 'token'
  | 'number'
  | 'base'
  | 'zero'
  | 'exponent'
  | 'recursion'

interface Token {
  text: string
  at: number
}

const maxDepth = 200
const assignments = new Set(['=', '*=', '/=', '%=', '+=', '-=', '<<=', '>>=', '&=', '^=', '|='])
/** Binary operators by how tightly they bind. */
const strength: ReadonlyMap<string, number> = new Map(
  [
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
  ].flatMap((operators, level) => operators.map((operator): [string, number] => [operator, level + 1])),
)
const powerStrength = 20
const tokenPattern =
  /\s*(?:([A-Za-z_]\w*)|(\d[\w@#]*)|(<<=|>>=|\*\*|\+\+|--|&&|\|\||==|!=|<=|>=|<<|>>|[-*/%+&^|]=|[-=?:+*/%<>!~&|^(),]))/y

const cache = new Map<string, ArithNode | undefined>()
const cacheSize = 500

/** The tree of a text; undefined for an empty one. Throws ArithFault. */
export function parseArith(text: string, subscripts: boolean): ArithNode | undefined {
  const key = subscripts ? `[${text}` : text
  if (cache.has(key)) return cache.get(key)
  const tree = new Parser(text, subscripts).whole()
  if (cache.size >= cacheSize) cache.clear()
  cache.set(key, tree)
  return tree
}

class Parser {
  private readonly text: string
  private readonly subscripts: boolean
  private at = 0
  private token: Token | undefined
  /** Where the last token that was taken begins. */
  private last = 0
  private depth = 0

  constructor(text: string, subscripts: boolean) {
    this.text = text
    this.subscripts = subscripts
    this.next()
  }

  whole(): ArithNode | undefined {
    if (!this.token) return undefined
    const tree = this.comma()
    if (this.token) this.fault('extra')
    return tree
  }

  private next(): void {
    if (this.token) this.last = this.token.at
    tokenPattern.lastIndex = this.at
    const match = tokenPattern.exec(this.text)
    if (!match) {
      const rest = this.text.slice(this.at)
      if (rest.trim() !== '') throw new ArithFault('token', this.text.length - rest.trimStart().length)
      this.token = undefined
      this.at = this.text.length
      return
    }
    this.at = tokenPattern.lastIndex
    const text = match[1] ?? match[2] ?? match[3] ?? ''
    this.token = { text, at: this.at - text.length }
  }

  private fault(kind: ArithFaultKind): never {
    throw new ArithFault(kind, this.token?.at ?? this.last)
  }

  private is(text: string): boolean {
    return this.token?.text === text
  }

  private comma(): ArithNode {
    let left = this.assignment()
    while (this.is(',')) {
      const at = this.token?.at ?? 0
      this.next()
      left = { n: 'binary', op: ',', left, right: this.assignment(), at }
    }
    return left
  }

  private assignment(): ArithNode {
    if (++this.depth > maxDepth) this.fault('recursion')
    const left = this.ternary()
    this.depth--
    const op = this.token?.text ?? ''
    if (!assignments.has(op)) return left
    if (left.n !== 'name') this.fault('assignment')
    this.next()
    const at = this.token?.at ?? this.last
    return { n: 'assign', op, target: left, value: this.assignment(), at }
  }

  private ternary(): ArithNode {
    const condition = this.binary(1)
    if (!this.is('?')) return condition
    this.next()
    const yes = this.comma()
    if (!this.is(':')) this.fault('colon')
    this.next()
    return { n: 'choose', condition, yes, no: this.assignment() }
  }

  private binary(least: number): ArithNode {
    let left = this.unary()
    for (;;) {
      const op = this.token?.text ?? ''
      const level = op === '**' ? powerStrength : (strength.get(op) ?? 0)
      if (level < least) return left
      this.next()
      const at = this.token?.at ?? this.last
      left = { n: 'binary', op, left, right: this.binary(op === '**' ? level : level + 1), at }
    }
  }

  private unary(): ArithNode {
    if (++this.depth > maxDepth) this.fault('recursion')
    const node = this.operand()
    this.depth--
    return node
  }

  private operand(): ArithNode {
    const { token } = this
    if (!token) this.fault('operand')
    const { text } = token
    switch (text) {
      case '+':
      case '-':
      case '!':
      case '~':
        this.next()
        return { n: 'unary', op: text, operand: this.unary() }
      case '++':
      case '--': {
        this.next()
        const target = this.unary()
        // `--5` is a number with two signs.
        if (target.n !== 'name') {
          const op = text === '--' ? '-' : '+'
          return { n: 'unary', op, operand: { n: 'unary', op, operand: target } }
        }
        return { n: 'step', by: text === '++' ? 1 : -1, before: true, target }
      }
      case '(': {
        this.next()
        const inner = this.comma()
        if (!this.is(')')) this.fault('paren')
        this.next()
        return inner
      }
    }
    if (/^\d/.test(text)) {
      const value = integer(text)
      if (typeof value === 'string') throw new ArithFault(value, token.at)
      this.next()
      return { n: 'number', value }
    }
    if (!/^[A-Za-z_]/.test(text)) this.fault('operand')
    const name: ArithName = { n: 'name', name: text }
    if (this.subscripts && this.text[this.at] === '[') name.subscript = this.subscript()
    this.next()
    if (this.is('++') || this.is('--')) {
      const by = this.is('++') ? 1 : -1
      this.next()
      return { n: 'step', by, before: false, target: name }
    }
    return name
  }

  /** The text between brackets, which may hold brackets. */
  private subscript(): string {
    let open = 0
    for (let end = this.at; end < this.text.length; end++) {
      if (this.text[end] === '[') open++
      else if (this.text[end] === ']' && --open === 0) {
        const inside = this.text.slice(this.at + 1, end)
        this.at = end + 1
        return inside
      }
    }
    return this.fault('token')
  }
}

/** Decimal, octal with a leading 0, hexadecimal, and `base#digits`; the fault where it is none. */
export function integer(text: string): bigint | 'number' | 'base' {
  if (/^(?:0|[1-9]\d*)$/.test(text)) return BigInt.asIntN(64, BigInt(text))
  if (/^0[xX][0-9a-fA-F]*$/.test(text)) return BigInt.asIntN(64, BigInt(text.length > 2 ? text.toLowerCase() : 0))
  if (/^0[0-7]+$/.test(text)) return BigInt.asIntN(64, BigInt(`0o${text.slice(1)}`))
  const based = /^(\d+)#([0-9a-zA-Z@_]*)$/.exec(text)
  if (!based) return 'number'
  const base = Number(based[1])
  if (base < 2 || base > 64) return 'base'
  let value = 0n
  for (const char of based[2] ?? '') {
    const digit = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@_'.indexOf(
      base <= 36 ? char.toLowerCase() : char,
    )
    if (digit < 0 || digit >= base) return 'number'
    value = value * BigInt(base) + BigInt(digit)
  }
  return BigInt.asIntN(64, value)
}
