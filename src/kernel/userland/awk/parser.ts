/** Parsing awk programs (POSIX grammar, with the common extensions of busybox, mawk and gawk). */
import type { Expr, FunctionDefinition, Program, Redirect, Rule, Stmt } from './ast.ts'
import { Lexer, SyntaxFailure, type Token } from './lexer.ts'

const assignments = new Set(['=', '+=', '-=', '*=', '/=', '%=', '^='])
const comparisons = new Set(['<', '<=', '==', '!=', '>', '>='])
const maxDepth = 200

/** Parses a program. Throws Failure in the tool's words. */
export function parseProgram(text: string): Program {
  return new Parser(text).program()
}

class Parser {
  private readonly lexer: Lexer
  private token: Token
  private depth = 0
  private readonly lines = new WeakMap<Stmt, number>()
  /** In the list of an unparenthesized print: `>` redirects. */
  private noGreater = false
  /** In the head of a for: `in` does not test. */
  private noIn = false

  constructor(text: string) {
    this.lexer = new Lexer(text)
    this.token = this.lexer.next()
  }

  program(): Program {
    const program: Program = { begin: [], end: [], rules: [], functions: new Map(), lines: this.lines }
    this.terminators()
    while (this.token.kind !== 'end') {
      this.item(program)
      this.terminators()
    }
    return program
  }

  private item(program: Program): void {
    if (this.keyword('function')) {
      const definition = this.definition()
      program.functions.set(definition.name, definition)
      return
    }
    if (this.keyword('BEGIN')) {
      program.begin.push(this.block())
      return
    }
    if (this.keyword('END')) {
      program.end.push(this.block())
      return
    }
    const rule: Rule = { pattern: undefined, until: undefined, body: undefined }
    if (!this.sees('{')) {
      rule.pattern = this.expression()
      if (this.take(',')) {
        this.newlines()
        rule.until = this.expression()
      }
    }
    if (this.sees('{')) rule.body = this.block()
    program.rules.push(rule)
  }

  private definition(): FunctionDefinition {
    const name = this.name()
    this.expect('(')
    const params: string[] = []
    while (!this.sees(')')) {
      params.push(this.name())
      if (!this.take(',')) break
      this.newlines()
    }
    this.expect(')')
    this.newlines()
    return { name, params, body: this.block() }
  }

  // Tokens.

  private advance(): Token {
    const { token } = this
    this.token = this.lexer.next()
    return token
  }

  private sees(op: string): boolean {
    return this.token.kind === 'op' && this.token.value === op
  }

  private take(op: string): boolean {
    if (!this.sees(op)) return false
    this.advance()
    return true
  }

  private expect(op: string): void {
    if (!this.take(op)) this.unexpected()
  }

  private seesKeyword(word: string): boolean {
    return this.token.kind === 'keyword' && this.token.value === word
  }

  private keyword(word: string): boolean {
    if (!this.seesKeyword(word)) return false
    this.advance()
    return true
  }

  private name(): string {
    if (this.token.kind !== 'name') this.unexpected()
    const { value } = this.token
    this.advance()
    return value
  }

  private unexpected(): never {
    throw new SyntaxFailure(`cmd. line:${this.lexer.line}: Unexpected token`)
  }

  private newlines(): void {
    while (this.token.kind === 'newline') this.advance()
  }

  private terminators(): void {
    while (this.token.kind === 'newline' || this.sees(';')) this.advance()
  }

  // Statements.

  private block(): Stmt {
    this.expect('{')
    const body: Stmt[] = []
    this.terminators()
    while (!this.sees('}')) {
      if (this.token.kind === 'end') this.unexpected()
      body.push(this.statement())
      this.terminators()
    }
    this.expect('}')
    return { kind: 'block', body }
  }

  /** The end of a simple statement; `}` ends it without being taken. */
  private ended(): void {
    if (this.token.kind === 'newline' || this.sees(';')) this.advance()
    else if (!this.sees('}') && this.token.kind !== 'end') this.unexpected()
  }

  /** Whether a statement could end here. */
  private atEnd(): boolean {
    return this.token.kind === 'newline' || this.token.kind === 'end' || this.sees(';') || this.sees('}')
  }

  private body(): Stmt {
    this.newlines()
    if (this.take(';')) return { kind: 'block', body: [] }
    return this.statement()
  }

  private statement(): Stmt {
    if (++this.depth > maxDepth) throw new SyntaxFailure('program too deeply nested')
    const { line } = this.lexer
    try {
      const statement = this.statementHere()
      this.lines.set(statement, line)
      return statement
    } finally {
      this.depth--
    }
  }

  private statementHere(): Stmt {
    if (this.sees('{')) return this.block()
    if (this.token.kind !== 'keyword') return this.simpleEnded()
    switch (this.token.value) {
      case 'if':
        return this.ifStatement()
      case 'while': {
        this.advance()
        const test = this.parenthesized()
        if (this.take(';')) return { kind: 'while', test, body: { kind: 'block', body: [] } }
        return { kind: 'while', test, body: this.body() }
      }
      case 'do': {
        this.advance()
        const body = this.body()
        this.terminators()
        if (!this.keyword('while')) this.unexpected()
        const test = this.parenthesized()
        this.ended()
        return { kind: 'do', body, test }
      }
      case 'for':
        return this.forStatement()
      case 'break':
      case 'continue':
      case 'next':
      case 'nextfile': {
        const kind = this.token.value
        this.advance()
        this.ended()
        return { kind }
      }
      case 'exit':
      case 'return': {
        const kind = this.token.value
        this.advance()
        const value = this.atEnd() ? undefined : this.expression()
        this.ended()
        return { kind, value }
      }
    }
    return this.simpleEnded()
  }

  private simpleEnded(): Stmt {
    const statement = this.simple()
    this.ended()
    return statement
  }

  private ifStatement(): Stmt {
    this.advance()
    const test = this.parenthesized()
    const yes = this.body()
    // `else` may come after newlines and one semicolon, which otherwise only separate statements.
    while (this.token.kind === 'newline' || this.sees(';')) this.advance()
    if (!this.keyword('else')) return { kind: 'if', test, yes, no: undefined }
    return { kind: 'if', test, yes, no: this.body() }
  }

  private forStatement(): Stmt {
    this.advance()
    this.expect('(')
    let init: Stmt | undefined
    if (!this.sees(';')) {
      this.noIn = true
      init = this.simple()
      this.noIn = false
      if (init.kind === 'expr' && init.value.kind === 'var' && this.keyword('in')) {
        const array = this.name()
        this.expect(')')
        return { kind: 'forin', variable: init.value, array, body: this.body() }
      }
    }
    this.expect(';')
    this.newlines()
    const test = this.sees(';') ? undefined : this.expression()
    this.expect(';')
    this.newlines()
    const step = this.sees(')') ? undefined : this.simple()
    this.expect(')')
    if (this.take(';')) return { kind: 'for', init, test, step, body: { kind: 'block', body: [] } }
    return { kind: 'for', init, test, step, body: this.body() }
  }

  private parenthesized(): Expr {
    this.expect('(')
    const value = this.expression()
    this.expect(')')
    return value
  }

  private simple(): Stmt {
    if (this.seesKeyword('print') || this.seesKeyword('printf')) return this.print()
    if (this.keyword('delete')) {
      const array = this.name()
      if (!this.take('[')) return { kind: 'delete', array, subscripts: undefined }
      const subscripts = this.list()
      this.expect(']')
      return { kind: 'delete', array, subscripts }
    }
    return { kind: 'expr', value: this.expression() }
  }

  private print(): Stmt {
    const kind = this.advance()
    const name = kind.kind === 'keyword' && kind.value === 'printf' ? 'printf' : 'print'
    let args: Expr[] = []
    if (!this.atEnd() && !this.sees('>') && !this.sees('>>') && !this.sees('|')) {
      const before = this.noGreater
      this.noGreater = true
      args = this.list()
      this.noGreater = before
      // `print (a, b)` is a list in parentheses.
      const only = args.length === 1 ? args[0] : undefined
      if (only?.kind === 'group' && only.value.kind === 'in' && only.value.array === '') args = only.value.subscripts
    }
    if (name === 'printf' && args.length === 0) this.unexpected()
    return { kind: name, args, to: this.redirect() }
  }

  private redirect(): Redirect | undefined {
    for (const mode of ['>', '>>', '|'] as const) {
      if (this.take(mode)) return { mode, target: this.concatenation(true) }
    }
    return undefined
  }

  private list(): Expr[] {
    const items = [this.expression()]
    while (this.take(',')) {
      this.newlines()
      items.push(this.expression())
    }
    return items
  }

  // Expressions, loosest first.

  private expression(): Expr {
    if (++this.depth > maxDepth) throw new SyntaxFailure('program too deeply nested')
    try {
      return this.ternary()
    } finally {
      this.depth--
    }
  }

  private ternary(): Expr {
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

  private assignTo(target: Expr): Expr {
    const token = this.advance()
    this.newlines()
    return { kind: 'assign', op: token.kind === 'op' ? token.value : '=', target, value: this.expression() }
  }

  private or(): Expr {
    let left = this.and()
    while (this.take('||')) {
      this.newlines()
      left = { kind: 'or', left, right: this.and() }
    }
    return left
  }

  private and(): Expr {
    let left = this.membership()
    while (this.take('&&')) {
      this.newlines()
      left = { kind: 'and', left, right: this.membership() }
    }
    return left
  }

  private membership(): Expr {
    let left = this.matching()
    while (!this.noIn && this.seesKeyword('in')) {
      this.advance()
      const list =
        left.kind === 'group' && left.value.kind === 'in' && left.value.array === '' ? left.value.subscripts : [left]
      left = { kind: 'in', subscripts: list, array: this.name() }
    }
    return left
  }

  private matching(): Expr {
    let left = this.comparison()
    while (this.sees('~') || this.sees('!~')) {
      const negated = this.sees('!~')
      this.advance()
      left = { kind: 'match', negated, left, right: this.comparison() }
    }
    return left
  }

  private comparison(): Expr {
    const left = this.concatenation(false)
    if (this.token.kind !== 'op' || !comparisons.has(this.token.value)) return left
    if (this.token.value === '>' && this.noGreater) return left
    const op = this.token.value
    this.advance()
    return { kind: 'binary', op, left, right: this.concatenation(false) }
  }

  /** `simple`: a redirection's target, which takes no `| getline`. */
  private concatenation(simple: boolean): Expr {
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

  private pipedGetline(parts: Expr[]): Expr | undefined {
    // In `print x | "cmd"` the bar belongs to print.
    if (this.noGreater && !this.lexer.followedBy('getline')) return undefined
    this.advance()
    if (!this.keyword('getline')) this.unexpected()
    const source: Expr = parts.length === 1 && parts[0] ? parts[0] : { kind: 'concat', parts: [...parts] }
    return { kind: 'getline', from: 'command', source, target: this.getlineTarget() }
  }

  private startsOperand(): boolean {
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

  private additive(): Expr {
    let left = this.multiplicative()
    while (this.sees('+') || this.sees('-')) {
      const op = this.sees('+') ? '+' : '-'
      this.advance()
      left = { kind: 'binary', op, left, right: this.multiplicative() }
    }
    return left
  }

  private multiplicative(): Expr {
    let left = this.unary()
    while (this.sees('*') || this.sees('/') || this.sees('%')) {
      const op = this.sees('*') ? '*' : this.sees('/') ? '/' : '%'
      this.advance()
      left = { kind: 'binary', op, left, right: this.unary() }
    }
    return left
  }

  private unary(): Expr {
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

  private power(): Expr {
    const base = this.postfix()
    if (!this.take('^')) return base
    // Right associative, and a sign may stand in the exponent.
    const right = this.sees('-') || this.sees('+') || this.sees('!') ? this.unary() : this.power()
    return { kind: 'binary', op: '^', left: base, right }
  }

  private postfix(): Expr {
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

  private primary(): Expr {
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
  private postfixOfField(): Expr {
    if (this.sees('++') || this.sees('--')) return this.postfix()
    return this.primary()
  }

  private named(token: Extract<Token, { kind: 'name' }>): Expr {
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
  private open<T>(parse: () => T): T {
    const [greater, noIn] = [this.noGreater, this.noIn]
    this.noGreater = false
    this.noIn = false
    const result = parse()
    this.noGreater = greater
    this.noIn = noIn
    return result
  }

  private argumentsUntilClose(): Expr[] {
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

  private builtin(name: string): Expr {
    this.advance()
    if (!this.take('(')) {
      if (name !== 'length') this.unexpected()
      return { kind: 'builtin', name, args: [] }
    }
    return { kind: 'builtin', name, args: this.argumentsUntilClose() }
  }

  private grouping(): Expr {
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

  private getline(): Expr {
    this.advance()
    const target = this.getlineTarget()
    if (!this.take('<')) return { kind: 'getline', from: 'main', source: undefined, target }
    return { kind: 'getline', from: 'file', source: this.postfix(), target }
  }

  private getlineTarget(): Expr | undefined {
    if (this.token.kind === 'name' && !this.token.call) return this.named(this.token)
    if (this.sees('$')) return this.primary()
    return undefined
  }
}

function isTarget(expr: Expr): boolean {
  return expr.kind === 'var' || expr.kind === 'index' || expr.kind === 'field'
}
