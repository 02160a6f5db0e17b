/** Python's grammar, in the measure that is modelled: a tree of plain nodes. */
import { PySyntaxError, type Tok, tokenize, unescape } from './lexer.ts'

export interface Node {
  t: string
  line: number
  column: number
  end: number
  [key: string]: unknown
}

const keywords = new Set(
  'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield'.split(
    ' ',
  ),
)
const augmented = new Set(['+=', '-=', '*=', '/=', '//=', '%=', '**=', '&=', '|=', '^=', '>>=', '<<=', '@='])

export function parseModule(source: string): Node[] {
  return new Parser(tokenize(source)).module()
}

/** A single expression, or undefined when the text is a statement. */
export function parseExpression(source: string): Node {
  const parser = new Parser(tokenize(source))
  return parser.whole()
}

class Parser {
  readonly #toks: Tok[]
  #at = 0

  constructor(toks: Tok[]) {
    this.#toks = toks
  }

  get #tok(): Tok {
    return this.#toks[this.#at] as Tok
  }

  #now(): Tok {
    return this.#toks[this.#at] as Tok
  }

  #is(...texts: string[]): boolean {
    const { kind, text } = this.#tok
    return (kind === 'op' || kind === 'name') && texts.includes(text)
  }

  #take(...texts: string[]): Tok | undefined {
    if (!this.#is(...texts)) return undefined
    return this.#toks[this.#at++]
  }

  #need(text: string): Tok {
    const found = this.#take(text)
    if (found) return found
    return this.#fail(
      text === ':'
        ? "expected ':'"
        : text === ')' || text === ']' || text === '}'
          ? this.#closing(text)
          : 'invalid syntax',
    )
  }

  #closing(text: string): string {
    return this.#tok.kind === 'end' || this.#tok.kind === 'newline'
      ? `'${{ ')': '(', ']': '[', '}': '{' }[text]}' was never closed`
      : 'invalid syntax. Perhaps you forgot a comma?'
  }

  #fail(message = 'invalid syntax'): never {
    throw new PySyntaxError(message, this.#tok.line, this.#tok.column)
  }

  #node(t: string, start: Tok | Node, more: Record<string, unknown> = {}): Node {
    const last = this.#toks[this.#at - 1]
    return {
      t,
      line: start.line,
      column: start.column,
      end: last && last.line === start.line ? last.end : start.column + 1,
      ...more,
    }
  }

  whole(): Node {
    const value = this.#testlist()
    while (this.#tok.kind === 'newline') this.#at++
    if (this.#tok.kind !== 'end') this.#fail()
    return value
  }

  module(): Node[] {
    const body: Node[] = []
    while (this.#tok.kind !== 'end') {
      if (this.#tok.kind === 'newline') this.#at++
      else if (this.#tok.kind === 'indent')
        throw new PySyntaxError('unexpected indent', this.#tok.line, this.#tok.column, 'IndentationError')
      else body.push(...this.#statement())
    }
    return body
  }

  #block(what: string, from: Tok): Node[] {
    this.#need(':')
    if (this.#now().kind !== 'newline') return this.#simple()
    this.#at++
    if (this.#now().kind !== 'indent')
      throw new PySyntaxError(
        `expected an indented block after ${what} on line ${from.line}`,
        this.#tok.line,
        this.#tok.column,
        'IndentationError',
      )
    this.#at++
    const body: Node[] = []
    while (this.#now().kind !== 'dedent') {
      if (this.#now().kind === 'indent')
        throw new PySyntaxError('unexpected indent', this.#tok.line, this.#tok.column, 'IndentationError')
      if (this.#now().kind === 'end') break
      if (this.#now().kind === 'newline') this.#at++
      else body.push(...this.#statement())
    }
    this.#at++
    return body
  }

  #statement(): Node[] {
    const start = this.#tok
    if (this.#take('@')) {
      const decorators = [this.#test()]
      this.#end()
      while (this.#take('@')) {
        decorators.push(this.#test())
        this.#end()
      }
      const [made] = this.#statement()
      if (!made) return this.#fail()
      return [{ ...made, decorators }]
    }
    if (start.kind === 'name')
      switch (start.text) {
        case 'if':
          return [this.#if()]
        case 'while': {
          this.#at++
          const test = this.#namedTest()
          const body = this.#block("'while' statement", start)
          const otherwise = this.#is('else') ? this.#else() : []
          return [this.#node('While', start, { test, body, otherwise })]
        }
        case 'for':
          return [this.#for(start)]
        case 'try':
          return [this.#try(start)]
        case 'with': {
          this.#at++
          const bracket = this.#take('(')
          const items: { value: Node; as: Node | undefined }[] = []
          do {
            if (bracket && this.#is(')')) break
            const value = this.#test()
            items.push({ value, as: this.#take('as') ? this.#target() : undefined })
          } while (this.#take(','))
          if (bracket) this.#need(')')
          return [this.#node('With', start, { items, body: this.#block("'with' statement", start) })]
        }
        case 'def':
          return [this.#def(start, false)]
        case 'async':
          this.#at++
          if (this.#is('def')) return [this.#def(start, true)]
          return this.#statement().map(node => ({ ...node, isAsync: true }))
        case 'class': {
          this.#at++
          const name = this.#name()
          const call = this.#is('(') ? this.#arguments() : { args: [], keywords: [] }
          return [
            this.#node('Class', start, {
              name,
              bases: call.args,
              keywords: call.keywords,
              body: this.#block('class definition', start),
            }),
          ]
        }
        case 'match':
          if (
            this.#toks[this.#at + 1]?.kind === 'name' &&
            !['in', 'is', 'and', 'or', 'if', 'not'].includes(this.#toks[this.#at + 1]?.text ?? '')
          )
            return this.#fail('minidock: match statements are not modelled')
      }
    return this.#simple()
  }

  #end(): void {
    if (this.#tok.kind === 'newline') this.#at++
    else if (this.#tok.kind !== 'end' && this.#tok.kind !== 'dedent') this.#fail()
  }

  #simple(): Node[] {
    const body: Node[] = []
    do {
      if (this.#tok.kind === 'newline') break
      body.push(this.#small())
    } while (this.#take(';'))
    this.#end()
    return body
  }

  #small(): Node {
    const start = this.#tok
    const alone = (): boolean =>
      this.#tok.kind === 'newline' || this.#is(';') || this.#tok.kind === 'end' || this.#tok.kind === 'dedent'
    if (start.kind === 'name')
      switch (start.text) {
        case 'pass':
        case 'break':
        case 'continue':
          this.#at++
          return this.#node(start.text, start)
        case 'return': {
          this.#at++
          const value = alone() ? undefined : this.#testlist()
          return this.#node('Return', start, { value })
        }
        case 'raise': {
          this.#at++
          const value = alone() ? undefined : this.#test()
          const cause = this.#take('from') ? this.#test() : undefined
          return this.#node('Raise', start, { value, cause })
        }
        case 'global':
        case 'nonlocal': {
          this.#at++
          const names = [this.#name()]
          while (this.#take(',')) names.push(this.#name())
          return this.#node(start.text, start, { names })
        }
        case 'del': {
          this.#at++
          const targets = [this.#target()]
          while (this.#take(',')) targets.push(this.#target())
          return this.#node('Del', start, { targets })
        }
        case 'assert': {
          this.#at++
          const test = this.#test()
          const message = this.#take(',') ? this.#test() : undefined
          return this.#node('Assert', start, { test, message })
        }
        case 'import': {
          this.#at++
          const names: { name: string; as: string | undefined }[] = []
          do {
            const name = this.#dotted()
            names.push({ name, as: this.#take('as') ? this.#name() : undefined })
          } while (this.#take(','))
          return this.#node('Import', start, { names })
        }
        case 'from': {
          this.#at++
          let dots = 0
          for (;;) {
            if (this.#take('.')) dots++
            else if (this.#take('...')) dots += 3
            else break
          }
          const module = this.#is('import') ? '' : this.#dotted()
          this.#need('import')
          if (this.#take('*')) return this.#node('From', start, { module, dots, names: [{ name: '*', as: undefined }] })
          const bracket = this.#take('(')
          const names: { name: string; as: string | undefined }[] = []
          do {
            if (bracket && this.#is(')')) break
            const name = this.#name()
            names.push({ name, as: this.#take('as') ? this.#name() : undefined })
          } while (this.#take(','))
          if (bracket) this.#need(')')
          return this.#node('From', start, { module, dots, names })
        }
        case 'print':
          if (this.#toks[this.#at + 1]?.kind === 'string')
            throw new PySyntaxError(
              "Missing parentheses in call to 'print'. Did you mean print(...)?",
              start.line,
              start.column,
            )
      }
    const first = this.#testlist()
    if (this.#take(':')) {
      const annotation = this.#test()
      const value = this.#take('=') ? this.#testlist() : undefined
      return this.#node('Annotated', start, { target: first, annotation, value })
    }
    if (this.#tok.kind === 'op' && augmented.has(this.#tok.text)) {
      const op = (this.#toks[this.#at++] as Tok).text.slice(0, -1)
      return this.#node('Aug', start, { target: first, op, value: this.#testlist() })
    }
    if (!this.#is('=')) return this.#node('Expr', start, { value: first })
    const targets = [first]
    let value = first
    while (this.#take('=')) {
      value = this.#testlist()
      targets.push(value)
    }
    targets.pop()
    for (const target of targets)
      if (!['Name', 'Attribute', 'Subscript', 'Tuple', 'List', 'Starred'].includes(target.t))
        throw new PySyntaxError(
          target.t === 'Constant'
            ? "cannot assign to literal here. Maybe you meant '==' instead of '='?"
            : `cannot assign to ${target.t === 'Call' ? 'function call' : 'expression'} here. Maybe you meant '==' instead of '='?`,
          target.line,
          target.column,
        )
    return this.#node('Assign', start, { targets, value })
  }

  #name(): string {
    const { kind, text } = this.#tok
    if (kind !== 'name' || keywords.has(text)) return this.#fail()
    this.#at++
    return text
  }

  #dotted(): string {
    let name = this.#name()
    while (this.#take('.')) name += `.${this.#name()}`
    return name
  }

  #if(): Node {
    const start = this.#toks[this.#at++] as Tok
    const test = this.#namedTest()
    const body = this.#block(`'${start.text}' statement`, start)
    const otherwise = this.#is('elif') ? [this.#if()] : this.#is('else') ? this.#else() : []
    return this.#node('If', start, { test, body, otherwise })
  }

  #else(): Node[] {
    const start = this.#toks[this.#at++] as Tok
    return this.#block("'else' statement", start)
  }

  #for(start: Tok): Node {
    this.#at++
    const target = this.#targets()
    this.#need('in')
    const iter = this.#testlist()
    const body = this.#block("'for' statement", start)
    const otherwise = this.#is('else') ? this.#else() : []
    return this.#node('For', start, { target, iter, body, otherwise })
  }

  #try(start: Tok): Node {
    this.#at++
    const body = this.#block("'try' statement", start)
    const handlers: { type: Node | undefined; name: string | undefined; body: Node[] }[] = []
    while (this.#is('except')) {
      const from = this.#toks[this.#at++] as Tok
      const type = this.#is(':') ? undefined : this.#testlist()
      const name = this.#take('as') ? this.#name() : undefined
      handlers.push({ type, name, body: this.#block("'except' statement", from) })
    }
    const otherwise = this.#is('else') ? this.#else() : []
    const from = this.#tok
    const final = this.#take('finally') ? this.#block("'finally' statement", from) : []
    if (handlers.length === 0 && final.length === 0) this.#fail("expected 'except' or 'finally' block")
    return this.#node('Try', start, { body, handlers, otherwise, final })
  }

  #def(start: Tok, isAsync: boolean): Node {
    this.#need('def')
    const name = this.#name()
    this.#need('(')
    const params = this.#params(')')
    this.#need(')')
    if (this.#take('->')) params.annotations.push({ name: 'return', node: this.#test() })
    const body = this.#block('function definition', start)
    return this.#node('Def', start, {
      name,
      params,
      body,
      isAsync,
      generator: hasYield(body),
      ...scopeOf(body, params),
    })
  }

  #params(close: string): Params {
    const params: Params = {
      names: [],
      defaults: [],
      star: undefined,
      keywordOnly: [],
      double: undefined,
      annotations: [],
    }
    let after = false
    while (!this.#is(close)) {
      if (this.#take('**')) params.double = this.#name()
      else if (this.#take('*')) {
        after = true
        if (!this.#is(',')) params.star = this.#name()
      } else if (this.#take('/')) {
        // Positional-only: names before it are taken by place all the same.
      } else {
        const name = this.#name()
        if (close === ')' && this.#take(':')) params.annotations.push({ name, node: this.#test() })
        const value = this.#take('=') ? this.#test() : undefined
        if (after) params.keywordOnly.push({ name, value })
        else {
          params.names.push(name)
          params.defaults.push(value)
        }
      }
      if (close === ')' && this.#is(':')) {
        this.#at++
        this.#test()
      }
      if (!this.#take(',')) break
    }
    return params
  }

  #targets(): Node {
    const start = this.#tok
    const items = [this.#target()]
    let tuple = false
    while (this.#take(',')) {
      tuple = true
      if (this.#is('in')) break
      items.push(this.#target())
    }
    return tuple ? this.#node('Tuple', start, { items }) : (items[0] as Node)
  }

  #target(): Node {
    const start = this.#tok
    if (this.#take('*')) return this.#node('Starred', start, { value: this.#target() })
    return this.#binary(precedence.length - 1)
  }

  #testlist(): Node {
    const start = this.#tok
    if (this.#is('yield')) return this.#yield()
    const first = this.#starred()
    if (!this.#is(',')) return first
    const items = [first]
    while (this.#take(',')) {
      if (this.#tok.kind === 'newline' || this.#is('=', ')', ']', '}', ':', ';') || this.#tok.kind === 'end') break
      items.push(this.#starred())
    }
    return this.#node('Tuple', start, { items })
  }

  #starred(): Node {
    const start = this.#tok
    if (this.#take('*')) return this.#node('Starred', start, { value: this.#binary(precedence.length - 1) })
    return this.#namedTest()
  }

  #yield(): Node {
    const start = this.#toks[this.#at++] as Tok
    if (this.#take('from')) return this.#node('YieldFrom', start, { value: this.#test() })
    const alone = this.#tok.kind === 'newline' || this.#is(')', ']', '}', ';')
    return this.#node('Yield', start, { value: alone ? undefined : this.#testlist() })
  }

  #namedTest(): Node {
    const start = this.#tok
    const value = this.#test()
    if (!this.#take(':=')) return value
    return this.#node('Walrus', start, { name: value['name'], value: this.#test() })
  }

  #test(): Node {
    const start = this.#tok
    if (this.#is('lambda')) {
      this.#at++
      const params = this.#params(':')
      this.#need(':')
      const value = this.#test()
      return this.#node('Lambda', start, { params, value, generator: false, ...scopeOf([], params) })
    }
    const value = this.#or()
    if (!this.#is('if')) return value
    this.#at++
    const test = this.#or()
    if (!this.#take('else')) this.#fail("expected 'else' after 'if' expression")
    return this.#node('IfExp', start, { test, body: value, otherwise: this.#test() })
  }

  #or(): Node {
    const start = this.#tok
    let left = this.#and()
    while (this.#take('or')) left = this.#node('Bool', start, { op: 'or', left, right: this.#and() })
    return left
  }

  #and(): Node {
    const start = this.#tok
    let left = this.#not()
    while (this.#take('and')) left = this.#node('Bool', start, { op: 'and', left, right: this.#not() })
    return left
  }

  #not(): Node {
    const start = this.#tok
    if (this.#take('not')) return this.#node('Not', start, { value: this.#not() })
    return this.#comparison()
  }

  #comparison(): Node {
    const start = this.#tok
    const left = this.#binary(precedence.length - 1)
    const ops: string[] = []
    const rights: Node[] = []
    for (;;) {
      let op: string
      if (this.#is('<', '>', '==', '>=', '<=', '!=', 'in')) op = (this.#toks[this.#at++] as Tok).text
      else if (this.#is('not') && this.#toks[this.#at + 1]?.text === 'in') {
        this.#at += 2
        op = 'not in'
      } else if (this.#take('is')) op = this.#take('not') ? 'is not' : 'is'
      else break
      ops.push(op)
      rights.push(this.#binary(precedence.length - 1))
    }
    return ops.length === 0 ? left : this.#node('Compare', start, { left, ops, rights })
  }

  #binary(level: number): Node {
    if (level < 0) return this.#unary()
    const start = this.#tok
    let left = this.#binary(level - 1)
    while (this.#is(...(precedence[level] ?? []))) {
      const op = this.#toks[this.#at++] as Tok
      const right = this.#binary(level - 1)
      left = this.#node('Bin', start, { op: op.text, left, right, opAt: op.column })
    }
    return left
  }

  #unary(): Node {
    const start = this.#tok
    if (this.#is('+', '-', '~')) {
      const op = (this.#toks[this.#at++] as Tok).text
      return this.#node('Unary', start, { op, value: this.#unary() })
    }
    if (this.#take('await')) return this.#node('Await', start, { value: this.#unary() })
    const base = this.#postfix()
    if (!this.#is('**')) return base
    const op = this.#toks[this.#at++] as Tok
    return this.#node('Bin', start, { op: '**', left: base, right: this.#unary(), opAt: op.column })
  }

  #postfix(): Node {
    const start = this.#tok
    let value = this.#atom()
    for (;;) {
      if (this.#is('(')) {
        const call = this.#arguments()
        value = this.#node('Call', start, { func: value, ...call })
      } else if (this.#take('.')) value = this.#node('Attribute', start, { value, name: this.#name() })
      else if (this.#take('[')) {
        const index = this.#subscript()
        this.#need(']')
        value = this.#node('Subscript', start, { value, index })
      } else return value
    }
  }

  #subscript(): Node {
    const start = this.#tok
    const one = (): Node => {
      const from = this.#tok
      const lower = this.#is(':') ? undefined : this.#namedTest()
      if (!this.#take(':')) return lower as Node
      const upper = this.#is(':', ']', ',') ? undefined : this.#test()
      const step = this.#take(':') ? (this.#is(']', ',') ? undefined : this.#test()) : undefined
      return this.#node('Slice', from, { lower, upper, step })
    }
    const first = one()
    if (!this.#is(',')) return first
    const items = [first]
    while (this.#take(',')) {
      if (this.#is(']')) break
      items.push(one())
    }
    return this.#node('Tuple', start, { items })
  }

  #arguments(): { args: Node[]; keywords: { name: string | undefined; value: Node }[] } {
    this.#need('(')
    const args: Node[] = []
    const named: { name: string | undefined; value: Node }[] = []
    while (!this.#is(')')) {
      const start = this.#tok
      if (this.#take('**')) named.push({ name: undefined, value: this.#test() })
      else if (this.#take('*')) args.push(this.#node('Starred', start, { value: this.#test() }))
      else if (
        this.#tok.kind === 'name' &&
        this.#toks[this.#at + 1]?.text === '=' &&
        this.#toks[this.#at + 1]?.kind === 'op'
      ) {
        const name = (this.#toks[this.#at] as Tok).text
        this.#at += 2
        named.push({ name, value: this.#test() })
      } else {
        const value = this.#namedTest()
        args.push(this.#is('for', 'async') ? this.#comprehension('GenExp', start, value) : value)
      }
      if (!this.#take(',')) break
    }
    this.#need(')')
    return { args, keywords: named }
  }

  #comprehension(t: string, start: Tok, value: Node, key?: Node): Node {
    const clauses: { target: Node; iter: Node; tests: Node[] }[] = []
    while (this.#take('async') || this.#is('for')) {
      this.#need('for')
      const target = this.#targets()
      this.#need('in')
      const iter = this.#or()
      const tests: Node[] = []
      while (this.#take('if')) tests.push(this.#or())
      clauses.push({ target, iter, tests })
    }
    return this.#node(t, start, { value, key, clauses })
  }

  #atom(): Node {
    const start = this.#tok
    if (start.kind === 'number') {
      this.#at++
      const text = start.text.replaceAll('_', '')
      const float = /^\d*\.|[eE]/.test(text) && !/^0[xX]/.test(text)
      return this.#node('Constant', start, { value: float ? { float: Number(text) } : { int: text } })
    }
    if (start.kind === 'string') return this.#strings()
    if (start.kind === 'name') {
      if (start.text === 'None' || start.text === 'True' || start.text === 'False') {
        this.#at++
        return this.#node('Constant', start, { value: start.text })
      }
      if (start.text === 'yield') return this.#yield()
      if (keywords.has(start.text) && start.text !== 'print') return this.#fail()
      this.#at++
      return this.#node('Name', start, { name: start.text })
    }
    if (this.#take('...')) return this.#node('Constant', start, { value: 'Ellipsis' })
    if (this.#take('(')) {
      if (this.#take(')')) return this.#node('Tuple', start, { items: [] })
      if (this.#is('yield')) {
        const value = this.#yield()
        this.#need(')')
        return value
      }
      const first = this.#starred()
      if (this.#is('for', 'async')) {
        const made = this.#comprehension('GenExp', start, first)
        this.#need(')')
        return made
      }
      if (!this.#is(',')) {
        this.#need(')')
        return { ...first, column: start.column, line: start.line }
      }
      const items = [first]
      while (this.#take(',')) {
        if (this.#is(')')) break
        items.push(this.#starred())
      }
      this.#need(')')
      return this.#node('Tuple', start, { items })
    }
    if (this.#take('[')) {
      if (this.#take(']')) return this.#node('List', start, { items: [] })
      const first = this.#starred()
      if (this.#is('for', 'async')) {
        const made = this.#comprehension('ListComp', start, first)
        this.#need(']')
        return made
      }
      const items = [first]
      while (this.#take(',')) {
        if (this.#is(']')) break
        items.push(this.#starred())
      }
      this.#need(']')
      return this.#node('List', start, { items })
    }
    if (this.#take('{')) return this.#braces(start)
    return this.#fail()
  }

  #braces(start: Tok): Node {
    if (this.#take('}')) return this.#node('Dict', start, { pairs: [] })
    if (this.#is('**')) {
      const pairs: { key: Node | undefined; value: Node }[] = []
      while (!this.#is('}')) {
        if (this.#take('**')) pairs.push({ key: undefined, value: this.#or() })
        else {
          const key = this.#test()
          this.#need(':')
          pairs.push({ key, value: this.#test() })
        }
        if (!this.#take(',')) break
      }
      this.#need('}')
      return this.#node('Dict', start, { pairs })
    }
    const first = this.#starred()
    if (this.#take(':')) {
      const value = this.#test()
      if (this.#is('for', 'async')) {
        const made = this.#comprehension('DictComp', start, value, first)
        this.#need('}')
        return made
      }
      const pairs: { key: Node | undefined; value: Node }[] = [{ key: first, value }]
      while (this.#take(',')) {
        if (this.#is('}')) break
        if (this.#take('**')) pairs.push({ key: undefined, value: this.#or() })
        else {
          const key = this.#test()
          this.#need(':')
          pairs.push({ key, value: this.#test() })
        }
      }
      this.#need('}')
      return this.#node('Dict', start, { pairs })
    }
    if (this.#is('for', 'async')) {
      const made = this.#comprehension('SetComp', start, first)
      this.#need('}')
      return made
    }
    const items = [first]
    while (this.#take(',')) {
      if (this.#is('}')) break
      items.push(this.#starred())
    }
    this.#need('}')
    return this.#node('Set', start, { items })
  }

  /** Strings that stand beside one another are one. */
  #strings(): Node {
    const start = this.#tok
    const parts: (string | Node)[] = []
    let bytes = false
    let formatted = false
    while (this.#tok.kind === 'string') {
      const { text, prefix = '', line, column } = this.#toks[this.#at++] as Tok
      const raw = prefix.includes('r')
      bytes ||= prefix.includes('b')
      if (prefix.includes('f')) {
        formatted = true
        parts.push(...formatParts(text, raw, line, column))
      } else parts.push(raw ? text : unescape(text, bytes))
    }
    if (formatted) return this.#node('Format', start, { parts })
    return this.#node('Constant', start, { value: { [bytes ? 'bytes' : 'str']: parts.join('') } })
  }
}

const precedence = [['*', '/', '//', '%', '@'], ['+', '-'], ['<<', '>>'], ['&'], ['^'], ['|']]

export interface Params {
  names: string[]
  defaults: (Node | undefined)[]
  star: string | undefined
  keywordOnly: { name: string; value: Node | undefined }[]
  double: string | undefined
  /** What is written behind the colons, and as `return` behind the arrow. */
  annotations: { name: string; node: Node }[]
}

function formatParts(text: string, raw: boolean, line: number, column: number): (string | Node)[] {
  const parts: (string | Node)[] = []
  let plain = ''
  const flush = (): void => {
    if (plain !== '') parts.push(raw ? plain : unescape(plain, false))
    plain = ''
  }
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if ((char === '{' || char === '}') && text[at + 1] === char) {
      plain += char
      at++
      continue
    }
    if (char === '}') throw new PySyntaxError("f-string: single '}' is not allowed", line, column)
    if (char !== '{') {
      plain += char
      continue
    }
    flush()
    let depth = 0
    let quote = ''
    let end = at + 1
    for (; end < text.length; end++) {
      const each = text[end] ?? ''
      if (quote !== '') {
        if (each === quote) quote = ''
      } else if (each === '"' || each === "'") quote = each
      else if ('([{'.includes(each)) depth++
      else if (')]}'.includes(each) && depth > 0) depth--
      else if (depth === 0 && (each === '}' || each === ':' || (each === '!' && text[end + 1] !== '='))) break
    }
    let expression = text.slice(at + 1, end)
    if (expression.trim() === '')
      throw new PySyntaxError("f-string: valid expression required before '}'", line, column)
    let conversion = ''
    let spec: (string | Node)[] = []
    let shown: string | undefined
    if (/[^=!<>]=\s*$/.test(expression)) {
      shown = expression
      expression = expression.replace(/=\s*$/, '')
    }
    if (text[end] === '!') {
      conversion = text[end + 1] ?? ''
      end += 2
    }
    if (text[end] === ':') {
      let inner = 0
      const from = end + 1
      for (end = from; end < text.length; end++) {
        if (text[end] === '{') inner++
        else if (text[end] === '}' && inner-- === 0) break
      }
      spec = formatParts(text.slice(from, end), raw, line, column)
    }
    if (text[end] !== '}') throw new PySyntaxError("f-string: expecting '}'", line, column)
    const value = parseExpression(`(${expression})`)
    if (shown !== undefined) parts.push(shown)
    parts.push({
      t: 'Formatted',
      line,
      column,
      end: column + 1,
      value: relocate(value, line, column),
      conversion: conversion || (shown !== undefined && spec.length === 0 ? 'r' : ''),
      spec,
    })
    at = end
  }
  flush()
  return parts
}

function relocate(node: Node, line: number, column: number): Node {
  for (const value of Object.values(node)) {
    if (Array.isArray(value))
      for (const each of value)
        if (each && typeof each === 'object' && 't' in each) relocate(each as Node, line, column)
    if (value && typeof value === 'object' && 't' in value) relocate(value as Node, line, column)
  }
  node.line = line
  node.column = column
  node.end = column + 1
  return node
}

function each(value: unknown, visit: (node: Node) => boolean): void {
  if (Array.isArray(value)) {
    for (const one of value) each(one, visit)
    return
  }
  if (value === null || typeof value !== 'object') return
  if ('t' in value) {
    if (!visit(value as Node)) return
  }
  for (const [key, child] of Object.entries(value)) if (key !== 't' && typeof child === 'object') each(child, visit)
}

function hasYield(body: Node[]): boolean {
  let found = false
  each(body, node => {
    if (node.t === 'Yield' || node.t === 'YieldFrom') found = true
    return node.t !== 'Def' && node.t !== 'Lambda' && node.t !== 'Class'
  })
  return found
}

/** The names that a function makes for itself. */
function scopeOf(body: Node[], params: Params): { locals: string[] } {
  const locals = new Set<string>([...params.names, ...params.keywordOnly.map(one => one.name)])
  if (params.star) locals.add(params.star)
  if (params.double) locals.add(params.double)
  const outer = new Set<string>()
  const bind = (target: Node | undefined): void => {
    if (!target) return
    if (target.t === 'Name') locals.add(target['name'] as string)
    else if (target.t === 'Tuple' || target.t === 'List') for (const one of target['items'] as Node[]) bind(one)
    else if (target.t === 'Starred') bind(target['value'] as Node)
  }
  each(body, node => {
    switch (node.t) {
      case 'Def':
      case 'Class':
        locals.add(node['name'] as string)
        return false
      case 'Lambda':
        return false
      case 'ListComp':
      case 'SetComp':
      case 'DictComp':
      case 'GenExp':
        return false
      case 'Assign':
        for (const target of node['targets'] as Node[]) bind(target)
        break
      case 'Aug':
      case 'Annotated':
      case 'For':
        bind(node['target'] as Node)
        break
      case 'Walrus':
        locals.add(node['name'] as string)
        break
      case 'With':
        for (const item of node['items'] as { as?: Node }[]) bind(item.as)
        break
      case 'Try':
        for (const handler of node['handlers'] as { name?: string }[]) if (handler.name) locals.add(handler.name)
        break
      case 'Import':
        for (const { name, as } of node['names'] as { name: string; as?: string }[])
          locals.add(as ?? name.split('.')[0] ?? name)
        break
      case 'From':
        for (const { name, as } of node['names'] as { name: string; as?: string }[]) locals.add(as ?? name)
        break
      case 'global':
      case 'nonlocal':
        for (const name of node['names'] as string[]) outer.add(name)
        break
    }
    return true
  })
  return { locals: [...locals].filter(name => !outer.has(name)) }
}
