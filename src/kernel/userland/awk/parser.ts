/** Parsing awk programs (POSIX grammar, with the common extensions of busybox, mawk and gawk). */
import type { Expr, FunctionDefinition, Program, Redirect, Rule, Stmt } from './ast.ts'
import { ExpressionParser, maxDepth } from './expressions.ts'
import { SyntaxFailure } from './lexer.ts'

/** Parses a program. Throws Failure in the tool's words. */
export function parseProgram(text: string): Program {
  return new Parser(text).program()
}

class Parser extends ExpressionParser {
  private readonly lines = new WeakMap<Stmt, number>()

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
}
