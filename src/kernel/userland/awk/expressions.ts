/** Parsing awk's expressions, loosest operators first, and the tokens they are made of. */
import type { Expr } from './ast.ts'
import { Lexer, SyntaxFailure, type Token } from './lexer.ts'

const assignments = new Set(['=', '+=', '-=', '*=', '/=', '%=', '^='])
const comparisons = new Set(['<', '<=', '==', '!=', '>', '>='])
/** Deepest nesting of expressions and statements. */
export const maxDepth = 200

export class ExpressionParser {
  protected readonly lexer: Lexer
  protected token: Token
  protected depth = 0
  /** In the list of an unparenthesized print: `>` redirects. */
  protected noGreater = false
  /** In the head of a for: `in` does not test. */
  protected noIn = false

  constructor(text: string) {
    this.lexer = new Lexer(text)
    this.token = this.lexer.next()
  }

  protected advance(): Token {
    const { token } = this
    this.token = this.lexer.next()
    return token
  }

  protected sees(op: string): boolean {
    return this.token.kind === 'op' && this.token.value === op
  }

  protected take(op: string): boolean {
    if (!this.sees(op)) return false
    this.advance()
    return true
  }

  protected expect(op: string): void {
    if (!this.take(op)) this.unexpected()
  }

  protected seesKeyword(word: string): boolean {
    return this.token.kind === 'keyword' && this.token.value === word
  }

  protected keyword(word: string): boolean {
    if (!this.seesKeyword(word)) return false
    this.advance()
    return true
  }

  protected name(): string {
    if (this.token.kind !== 'name') this.unexpected()
    const { value } = this.token
    this.advance()
    return value
  }

  protected unexpected(): never {
    throw new SyntaxFailure(`cmd. line:${this.lexer.line}: Unexpected token`)
  }

  protected newlines(): void {
    while (this.token.kind === 'newline') this.advance()
  }

  protected terminators(): void {
    while (this.token.kind === 'newline' || this.sees(';')) this.advance()
  }

  // Expressions.

  protected list(): Expr[] {
    const items = [this.expression()]
    while (this.take(',')) {
      this.newlines()
      items.push(this.expression())
    }
    return items
  }

  protected expression(): Expr {
    if (++this.depth > maxDepth) throw new SyntaxFailure('program too deeply nested')
    try {
      return this.ternary()
    } finally {
      this.depth--
    }
  }

  protected ternary(): Expr {
    const test = this.or()
    if (this.take('?')) {
      this.newlines()
      const yes = this.expression()
      this.newlines()
      this.expect(':')
      this.newlines()
      return { kind: 'cond', test, yes, no: this.expression() }
    }
    return test
  }

  protected assignTo(target: Expr): Expr {
    const token = this.advance()
    this.newlines()
    return { kind: 'assign', op: token.kind === 'op' ? token.value : '=', target, value: this.expression() }
  }

  protected or(): Expr {
    let left = this.and()
    while (this.take('||')) {
      this.newlines()
      left = { kind: 'or', left, right: this.and() }
    }
    return left
  }

  protected and(): Expr {
    let left = this.membership()
    while (this.take('&&')) {
      this.newlines()
      left = { kind: 'and', left, right: this.membership() }
    }
    return left
  }

  protected membership(): Expr {
    let left = this.matching()
    while (!this.noIn && this.seesKeyword('in')) {
      this.advance()
      const list =
        left.kind === 'group' && left.value.kind === 'in' && left.value.array === '' ? left.value.subscripts : [left]
      left = { kind: 'in', subscripts: list, array: this.name() }
    }
    return left
  }

  protected matching(): Expr {
    let left = this.comparison()
    while (this.sees('~') || this.sees('!~')) {
      const negated = this.sees('!~')
      this.advance()
      left = { kind: 'match', negated, left, right: this.comparison() }
    }
    return left
  }

  protected comparison(): Expr {
    const left = this.concatenation(false)
    if (this.token.kind !== 'op' || !comparisons.has(this.token.value)) return left
    if (this.token.value === '>' && this.noGreater) return left
    const op = this.token.value
    this.advance()
    return { kind: 'binary', op, left, right: this.concatenation(false) }
  }

  /** `simple`: a redirection's target, which takes no `| getline`. */
  protected concatenation(simple: boolean): Expr {
    const parts = [this.additive()]
    for (;;) {
      if (!simple && this.sees('|')) {
        const piped = this.pipedGetline(parts)
        if (!piped) break
        parts.splice(0, parts.length, piped)
      } else if (this.startsOperand()) parts.push(this.additive())
      else break
    }
    const [first] = parts
    return parts.length === 1 && first ? first : { kind: 'concat', parts }
  }

  protected pipedGetline(parts: Expr[]): Expr | undefined {
    // In `print x | "cmd"` the bar belongs to print.
    if (this.noGreater && !this.lexer.followedBy('getline')) return undefined
    this.advance()
    if (!this.keyword('getline')) this.unexpected()
    const source: Expr = parts.length === 1 && parts[0] ? parts[0] : { kind: 'concat', parts: [...parts] }
    return { kind: 'getline', from: 'command', source, target: this.getlineTarget() }
  }

  protected startsOperand(): boolean {
    const { token } = this
    if (
      token.kind === 'number' ||
      token.kind === 'string' ||
      token.kind === 'regex' ||
      token.kind === 'name' ||
      token.kind === 'builtin'
    )
      return true
    return token.kind === 'op' && ['$', '(', '++', '--'].includes(token.value)
  }

  protected additive(): Expr {
    let left = this.multiplicative()
    while (this.sees('+') || this.sees('-')) {
      const op = this.sees('+') ? '+' : '-'
      this.advance()
      left = { kind: 'binary', op, left, right: this.multiplicative() }
    }
    return left
  }

  protected multiplicative(): Expr {
    let left = this.unary()
    while (this.sees('*') || this.sees('/') || this.sees('%')) {
      const op = this.sees('*') ? '*' : this.sees('/') ? '/' : '%'
      this.advance()
      left = { kind: 'binary', op, left, right: this.unary() }
    }
    return left
  }

  protected unary(): Expr {
    if (this.take('!')) {
      const value = this.unary()
      // `! x ~ y` is `!(x ~ y)` in practice; other operators bind looser.
      if (this.sees('~') || this.sees('!~')) {
        const negated = this.sees('!~')
        this.advance()
        return { kind: 'unary', op: '!', value: { kind: 'match', negated, left: value, right: this.comparison() } }
      }
      return { kind: 'unary', op: '!', value }
    }
    if (this.take('-')) return { kind: 'unary', op: '-', value: this.unary() }
    if (this.take('+')) return { kind: 'unary', op: '+', value: this.unary() }
    return this.power()
  }

  protected power(): Expr {
    const base = this.postfix()
    if (!this.take('^')) return base
    // Right associative, and a sign may stand in the exponent.
    const right = this.sees('-') || this.sees('+') || this.sees('!') ? this.unary() : this.power()
    return { kind: 'binary', op: '^', left: base, right }
  }

  protected postfix(): Expr {
    if (this.sees('++') || this.sees('--')) {
      const by = this.sees('++') ? 1 : -1
      this.advance()
      const target = this.primary()
      if (!isTarget(target)) this.unexpected()
      return { kind: 'step', by, prefix: true, target }
    }
    const value = this.primary()
    if (!isTarget(value)) return value
    // `a && b = c` assigns to b: an assignment is taken wherever its target stands.
    if (this.token.kind === 'op' && assignments.has(this.token.value)) return this.assignTo(value)
    if (this.sees('++') || this.sees('--')) {
      const by = this.sees('++') ? 1 : -1
      this.advance()
      return { kind: 'step', by, prefix: false, target: value }
    }
    return value
  }

  protected primary(): Expr {
    const { token } = this
    switch (token.kind) {
      case 'number':
      case 'string':
        this.advance()
        return token.kind === 'number' ? { kind: 'number', value: token.value } : { kind: 'string', value: token.value }
      case 'regex':
        this.advance()
        return { kind: 'regex', source: token.value }
      case 'name':
        return this.named(token)
      case 'builtin':
        return this.builtin(token.value)
      case 'keyword':
        if (token.value === 'getline') return this.getline()
        break
      case 'op':
        if (token.value === '$') {
          this.advance()
          return {
            kind: 'field',
            index: this.sees('-') || this.sees('+') || this.sees('!') ? this.unary() : this.postfixOfField(),
          }
        }
        if (token.value === '(') return this.grouping()
        break
    }
    return this.unexpected()
  }

  /** `$i++` increments the field, `$++i` the variable. */
  protected postfixOfField(): Expr {
    if (this.sees('++') || this.sees('--')) return this.postfix()
    return this.primary()
  }

  protected named(token: Extract<Token, { kind: 'name' }>): Expr {
    this.advance()
    if (token.call) {
      this.expect('(')
      this.newlines()
      return { kind: 'call', name: token.value, args: this.argumentsUntilClose() }
    }
    if (!this.take('[')) return { kind: 'var', name: token.value }
    const subscripts = this.open(() => this.list())
    this.expect(']')
    return { kind: 'index', array: token.value, subscripts }
  }

  /** Parses inside brackets, where `>` and `in` are ordinary again. */
  protected open<T>(parse: () => T): T {
    const [greater, noIn] = [this.noGreater, this.noIn]
    this.noGreater = false
    this.noIn = false
    const result = parse()
    this.noGreater = greater
    this.noIn = noIn
    return result
  }

  protected argumentsUntilClose(): Expr[] {
    return this.open(() => {
      const args: Expr[] = []
      this.newlines()
      while (!this.sees(')')) {
        args.push(this.expression())
        this.newlines()
        if (!this.take(',')) break
        this.newlines()
      }
      this.expect(')')
      return args
    })
  }

  protected builtin(name: string): Expr {
    this.advance()
    if (!this.take('(')) {
      if (name !== 'length') this.unexpected()
      return { kind: 'builtin', name, args: [] }
    }
    return { kind: 'builtin', name, args: this.argumentsUntilClose() }
  }

  protected grouping(): Expr {
    this.advance()
    return this.open(() => {
      this.newlines()
      const list = this.list()
      this.newlines()
      this.expect(')')
      const [first] = list
      if (list.length === 1 && first) return { kind: 'group', value: first }
      // A list: either `(i, j) in a` or the arguments of print; `array` '' marks it.
      return { kind: 'group', value: { kind: 'in', subscripts: list, array: '' } }
    })
  }

  protected getline(): Expr {
    this.advance()
    const target = this.getlineTarget()
    if (!this.take('<')) return { kind: 'getline', from: 'main', source: undefined, target }
    return { kind: 'getline', from: 'file', source: this.postfix(), target }
  }

  protected getlineTarget(): Expr | undefined {
    if (this.token.kind === 'name' && !this.token.call) return this.named(this.token)
    if (this.sees('$')) return this.primary()
    return undefined
  }
}

function isTarget(expr: Expr): boolean {
  return expr.kind === 'var' || expr.kind === 'index' || expr.kind === 'field'
}
