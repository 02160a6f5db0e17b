/** From tokens to a tree: the statements and expressions that small Go programs are made of. */
import type { Expr, Func, Program, Stmt, Type } from './ast.ts'
import { GoSyntaxError, isKeyword, type Token, tokens } from './lex.ts'

/** Deeper nesting than this is refused: a submission's source is hostile. */
const maxDepth = 200

const precedence: Record<string, number> = {
  '||': 1,
  '&&': 2,
  '==': 3,
  '!=': 3,
  '<': 3,
  '<=': 3,
  '>': 3,
  '>=': 3,
  '+': 4,
  '-': 4,
  '|': 4,
  '^': 4,
  '*': 5,
  '/': 5,
  '%': 5,
  '<<': 5,
  '>>': 5,
  '&': 5,
  '&^': 5,
}

/** Parses one file into a program that may hold others' declarations already. Throws GoSyntaxError. */
export function parseFile(source: string, into: Program): void {
  new Parser(tokens(source), into).file()
}

export function emptyProgram(): Program {
  return { package: '', imports: [], funcs: [], vars: [], types: {} }
}

class Parser {
  readonly #list: readonly Token[]
  readonly #program: Program
  #at = 0
  #depth = 0
  /** Inside the head of if, for or switch `x {` is no composite literal. */
  #head = false

  constructor(list: readonly Token[], program: Program) {
    this.#list = list
    this.#program = program
  }

  get #now(): Token {
    return this.#list[this.#at] ?? { kind: 'end', text: 'EOF', line: 0, column: 0 }
  }

  #peek(text: string, ahead = 0): boolean {
    const token = this.#list[this.#at + ahead]
    return token?.text === text && token.kind !== 'string' && token.kind !== 'char'
  }

  #take(text: string): boolean {
    if (!this.#peek(text)) return false
    this.#at++
    return true
  }

  #need(text: string, where = ''): void {
    if (this.#take(text)) return
    // A closing bracket may stand where a line's end would.
    if (text === ';' && (this.#peek(')') || this.#peek('}') || this.#now.kind === 'end')) return
    throw this.#wrong(where === '' ? `expected ${text}` : `${where}`)
  }

  #wrong(words: string): GoSyntaxError {
    const { text, kind, line, column, value } = this.#now
    const found =
      kind === 'end'
        ? 'EOF'
        : text === ';'
          ? 'newline'
          : kind === 'string'
            ? `literal ${JSON.stringify(value ?? '')}`
            : kind === 'name'
              ? isKeyword(text)
                ? `keyword ${text}`
                : `name ${text}`
              : kind === 'op'
                ? text
                : `literal ${text}`
    return new GoSyntaxError(`syntax error: unexpected ${found}, ${words}`, line, column)
  }

  #name(): string {
    const token = this.#now
    if (token.kind !== 'name' || isKeyword(token.text)) throw this.#wrong('expected name')
    this.#at++
    return token.text
  }

  file(): void {
    this.#need('package', 'expected package clause')
    this.#program.package = this.#name()
    this.#need(';')
    while (this.#take('import')) {
      this.#group(() => {
        const { line, column } = this.#now
        const name =
          this.#now.kind === 'name' || this.#peek('.') || this.#peek('_') ? this.#list[this.#at++]?.text : undefined
        const path = this.#now
        if (path.kind !== 'string') throw this.#wrong('expected import path')
        this.#at++
        const value = path.value ?? ''
        const last =
          value
            .replace(/\/v\d+$/, '')
            .split('/')
            .pop() ?? value
        this.#program.imports.push({ path: value, name: name ?? last.replace(/^go-|\.v\d+$/g, ''), line, column })
      })
      this.#need(';')
    }
    while (this.#now.kind !== 'end') {
      if (this.#take('func')) this.#declaredFunc()
      else if (this.#peek('var') || this.#peek('const')) this.#program.vars.push(...this.#varDecl())
      else if (this.#take('type')) this.#group(() => this.#typeDecl())
      else if (this.#peek('import')) throw this.#wrong('imports must appear before other declarations')
      else
        throw new GoSyntaxError(
          'syntax error: non-declaration statement outside function body',
          this.#now.line,
          this.#now.column,
        )
      this.#need(';', 'after top level declaration')
    }
  }

  /** One of something, or several in parentheses. */
  #group(one: () => void): void {
    if (!this.#take('(')) {
      one()
      return
    }
    while (!this.#take(')')) {
      one()
      this.#need(';')
    }
  }

  #typeDecl(): { n: string; t: Type } {
    const n = this.#name()
    if (this.#peek('[') && this.#list[this.#at + 1]?.kind === 'name' && !this.#peek(']', 1)) this.#skipBrackets()
    this.#take('=')
    const t = this.#type()
    this.#program.types[n] = t
    return { n, t }
  }

  #skipBrackets(): void {
    let open = 0
    do {
      if (this.#peek('[')) open++
      if (this.#peek(']')) open--
      this.#at++
    } while (open > 0 && this.#now.kind !== 'end')
  }

  #varDecl(): Stmt[] {
    const isConst = this.#peek('const')
    this.#at++
    const found: Stmt[] = []
    let iota = 0
    let last: Expr[] = []
    this.#group(() => {
      const names = [this.#name()]
      while (this.#take(',')) names.push(this.#name())
      const t = !this.#peek('=') && !this.#peek(';') && !this.#peek(')') ? this.#type() : undefined
      let r: Expr[] = []
      if (this.#take('=')) r = this.#exprList()
      if (isConst) {
        if (r.length === 0) r = last
        last = r
        const at = iota++
        r = r.map(one => withIota(one, at))
      }
      found.push({ k: 'var', names, r, ...(t && { t }) })
    })
    return found
  }

  #declaredFunc(): void {
    let recv: Func['recv']
    if (this.#take('(')) {
      const name =
        this.#list[this.#at]?.kind === 'name' && !this.#peek(')', 1) && !this.#peek('.', 1) ? this.#name() : '_'
      this.#take('*')
      const type = this.#name()
      if (this.#peek('[')) this.#skipBrackets()
      this.#need(')')
      recv = { name, type }
    }
    const name = this.#name()
    if (this.#peek('[')) this.#skipBrackets()
    this.#func(name, recv)
  }

  /** Parameters, results and body; the function's id. */
  #func(name: string, recv?: Func['recv']): number {
    const id = this.#program.funcs.length
    const made: Func = { id, name, params: [], variadic: false, results: [], body: [], ...(recv && { recv }) }
    this.#program.funcs.push(made)
    const { names, variadic } = this.#params()
    made.params = names
    made.variadic = variadic
    if (this.#peek('(')) made.results = this.#params().names.filter(one => one !== '_')
    else if (!this.#peek('{') && !this.#peek(';')) this.#type()
    if (this.#peek('{')) made.body = this.#block()
    return id
  }

  /** Names of parameters; `_` where there are only types. */
  #params(): { names: string[]; variadic: boolean } {
    this.#need('(')
    const parts: { words: number; name: string; typed: boolean }[] = []
    let variadic = false
    while (!this.#take(')')) {
      const first = this.#now
      if (
        first.kind === 'name' &&
        !isKeyword(first.text) &&
        !this.#peek(',', 1) &&
        !this.#peek(')', 1) &&
        !this.#peek('.', 1) &&
        !(this.#peek('[', 1) && false)
      ) {
        const name = this.#name()
        if (this.#take('...')) variadic = true
        this.#type()
        parts.push({ words: 2, name, typed: true })
      } else {
        if (this.#take('...')) variadic = true
        const name = first.kind === 'name' ? first.text : '_'
        this.#type()
        parts.push({ words: 1, name, typed: false })
      }
      if (!this.#take(',') && !this.#peek(')')) this.#need(')')
      this.#take(';')
    }
    const named = parts.some(part => part.typed)
    return { names: parts.map(part => (named ? part.name : '_')), variadic }
  }

  #type(): Type {
    if (++this.#depth > maxDepth) throw this.#wrong('expression nested too deeply')
    try {
      if (this.#take('*')) return { k: 'ptr', of: this.#type() }
      if (this.#take('(')) {
        const inner = this.#type()
        this.#need(')')
        return inner
      }
      if (this.#take('[')) {
        if (this.#take(']')) return { k: 'slice', of: this.#type() }
        if (!this.#take('...')) this.#expr()
        this.#need(']')
        return { k: 'array', of: this.#type() }
      }
      if (this.#take('map')) {
        this.#need('[')
        this.#type()
        this.#need(']')
        return { k: 'map', of: this.#type() }
      }
      if (this.#take('<-')) {
        this.#need('chan')
        return { k: 'chan', of: this.#type() }
      }
      if (this.#take('chan')) {
        this.#take('<-')
        return { k: 'chan', of: this.#type() }
      }
      if (this.#take('func')) {
        this.#params()
        if (this.#peek('(')) this.#params()
        else if (this.#typeStarts()) this.#type()
        return { k: 'func' }
      }
      if (this.#take('interface')) {
        this.#skipBraces()
        return { k: 'interface' }
      }
      if (this.#take('struct')) return this.#struct()
      let n = this.#name()
      if (this.#take('.')) n += `.${this.#name()}`
      if (this.#peek('[') && !this.#peek(']', 1) && this.#list[this.#at + 1]?.kind === 'name') this.#skipBrackets()
      return { k: 'name', n }
    } finally {
      this.#depth--
    }
  }

  #typeStarts(): boolean {
    const { kind, text } = this.#now
    return (
      (kind === 'name' && (!isKeyword(text) || ['map', 'chan', 'func', 'interface', 'struct'].includes(text))) ||
      text === '*' ||
      text === '['
    )
  }

  #skipBraces(): void {
    this.#need('{')
    for (let open = 1; open > 0 && this.#now.kind !== 'end'; this.#at++) {
      if (this.#peek('{')) open++
      if (this.#peek('}')) open--
    }
  }

  #struct(): Type {
    this.#need('{')
    const fields: NonNullable<Type['fields']> = []
    while (!this.#take('}')) {
      const names: string[] = []
      if (this.#peek('*') || this.#peek(';', 1) || this.#peek('.', 1) || this.#peek('}', 1)) {
        const embedded = this.#type()
        names.push((embedded.n ?? embedded.of?.n ?? '_').split('.').pop() ?? '_')
        fields.push({ names, type: embedded })
      } else {
        names.push(this.#name())
        while (this.#take(',')) names.push(this.#name())
        const type = this.#type()
        const tag = this.#now.kind === 'string' ? this.#list[this.#at++]?.value : undefined
        fields.push({ names, type, ...(tag !== undefined && { tag }) })
      }
      this.#need(';')
    }
    return { k: 'struct', fields }
  }

  #block(): Stmt[] {
    const before = this.#head
    this.#head = false
    if (++this.#depth > maxDepth) throw this.#wrong('expression nested too deeply')
    this.#need('{')
    const body: Stmt[] = []
    while (!this.#take('}')) {
      if (this.#now.kind === 'end') throw this.#wrong('expected }')
      body.push(...this.#statement())
      this.#need(';', 'at end of statement')
    }
    this.#depth--
    this.#head = before
    return body
  }

  #statement(): Stmt[] {
    const { text, kind } = this.#now
    if (text === ';' || text === '}') return []
    if (kind === 'name' && this.#peek(':', 1) && !isKeyword(text)) {
      this.#at += 2
      this.#take(';')
      return this.#statement()
    }
    if (kind !== 'name') {
      if (text === '{') return [{ k: 'block', body: this.#block() }]
      return [this.#simple()]
    }
    switch (text) {
      case 'var':
      case 'const':
        return this.#varDecl()
      case 'type': {
        this.#at++
        const made: Stmt[] = []
        this.#group(() => {
          const { n, t } = this.#typeDecl()
          made.push({ k: 'type', n, t })
        })
        return made
      }
      case 'return':
        this.#at++
        return [{ k: 'return', r: this.#peek(';') || this.#peek('}') ? [] : this.#exprList() }]
      case 'break':
      case 'continue':
      case 'fallthrough':
      case 'goto': {
        this.#at++
        const label = this.#now.kind === 'name' && !isKeyword(this.#now.text) ? this.#name() : undefined
        return text === 'break' || text === 'continue' ? [{ k: text, ...(label !== undefined && { label }) }] : []
      }
      case 'go':
      case 'defer':
        this.#at++
        return [{ k: text, x: this.#expr() }]
      case 'if':
        return [this.#if()]
      case 'for':
        return [this.#for()]
      case 'switch':
        return [this.#switch()]
      case 'select':
        return [this.#select()]
      default:
        return [this.#simple()]
    }
  }

  #simple(): Stmt {
    const l = this.#exprList()
    const op = this.#now.text
    if (this.#now.kind === 'op') {
      if (op === ':=') {
        this.#at++
        return { k: 'define', l, r: this.#exprList() }
      }
      if (op === '=' || /^([-+*/%&|^]|<<|>>|&\^)=$/.test(op)) {
        this.#at++
        return { k: 'assign', op, l, r: this.#exprList() }
      }
      if (op === '++' || op === '--') {
        this.#at++
        return { k: 'assign', op: op === '++' ? '+=' : '-=', l, r: [{ k: 'lit', v: 1, int: true }] }
      }
      const [channel] = l
      if (op === '<-' && channel) {
        this.#at++
        return { k: 'send', c: channel, v: this.#expr() }
      }
    }
    const [x] = l
    if (!x || l.length > 1) throw this.#wrong('expected := or = or comma')
    return { k: 'expr', x }
  }

  #headed<T>(read: () => T): T {
    const before = this.#head
    this.#head = true
    const result = read()
    this.#head = before
    return result
  }

  #if(): Stmt {
    this.#need('if')
    return this.#headed(() => {
      let init: Stmt | undefined = this.#peek(';') ? undefined : this.#simple()
      let c: Expr | undefined
      if (this.#take(';')) {
        const test = this.#simple()
        if (test.k === 'expr') c = test.x
      } else if (init?.k === 'expr') {
        c = init.x
        init = undefined
      }
      if (!c) throw this.#wrong('missing condition in if statement')
      const then = this.#block()
      const rest = this.#take('else') ? (this.#peek('if') ? [this.#if()] : this.#block()) : undefined
      return { k: 'if', c, then, ...(init && { init }), ...(rest && { else: rest }) }
    })
  }

  #for(): Stmt {
    this.#need('for')
    return this.#headed(() => {
      if (this.#peek('{')) return { k: 'for', body: this.#block() }
      if (this.#take('range')) {
        const x = this.#expr()
        return { k: 'range', define: false, x, body: this.#block() }
      }
      const save = this.#at
      let init: Stmt | undefined
      if (!this.#peek(';')) {
        const l = this.#exprList()
        if ((this.#peek(':=') || this.#peek('=')) && this.#peek('range', 1)) {
          const define = this.#peek(':=')
          this.#at += 2
          const x = this.#expr()
          const [key, value] = l
          return { k: 'range', define, x, body: this.#block(), ...(key && { key }), ...(value && { value }) }
        }
        this.#at = save
        init = this.#simple()
      }
      if (this.#peek('{')) {
        if (init?.k !== 'expr') throw this.#wrong('expected for loop condition')
        return { k: 'for', c: init.x, body: this.#block() }
      }
      this.#need(';')
      const c = this.#peek(';') ? undefined : this.#expr()
      this.#need(';')
      const post = this.#peek('{') ? undefined : this.#simple()
      return { k: 'for', body: this.#block(), ...(init && { init }), ...(c && { c }), ...(post && { post }) }
    })
  }

  #switch(): Stmt {
    this.#need('switch')
    let init: Stmt | undefined
    let x: Expr | undefined
    this.#headed(() => {
      if (this.#peek('{')) return
      const first = this.#peek(';') ? undefined : this.#simple()
      if (this.#take(';')) {
        init = first
        if (!this.#peek('{')) {
          const test = this.#simple()
          if (test.k === 'expr') x = test.x
          else if (test.k === 'define') x = test.r[0]
        }
      } else if (first?.k === 'expr') x = first.x
      else if (first?.k === 'define') x = first.r[0]
    })
    this.#need('{')
    const cases: { e: Expr[] | undefined; body: Stmt[] }[] = []
    while (!this.#take('}')) {
      const e = this.#take('default') ? undefined : this.#afterCase(() => this.#exprList(true))
      this.#need(':')
      cases.push({ e, body: this.#caseBody() })
    }
    return { k: 'switch', cases, ...(init && { init }), ...(x && { x }) }
  }

  #afterCase<T>(read: () => T): T {
    this.#need('case')
    return read()
  }

  #caseBody(): Stmt[] {
    const body: Stmt[] = []
    while (!this.#peek('case') && !this.#peek('default') && !this.#peek('}')) {
      body.push(...this.#statement())
      this.#need(';', 'at end of statement')
    }
    return body
  }

  #select(): Stmt {
    this.#need('select')
    this.#need('{')
    const cases: { comm: Stmt | undefined; body: Stmt[] }[] = []
    while (!this.#take('}')) {
      const comm = this.#take('default') ? undefined : this.#afterCase(() => this.#simple())
      this.#need(':')
      cases.push({ comm, body: this.#caseBody() })
    }
    return { k: 'select', cases }
  }

  #exprList(types = false): Expr[] {
    const list = [types && this.#typeOnly() ? this.#asType() : this.#expr()]
    while (this.#take(',')) list.push(types && this.#typeOnly() ? this.#asType() : this.#expr())
    return list
  }

  #typeOnly(): boolean {
    return (
      ['*', '[', 'map', 'func', 'chan', 'interface', 'struct'].includes(this.#now.text) && this.#now.kind !== 'string'
    )
  }

  #asType(): Expr {
    return { k: 'type', t: this.#type() }
  }

  #expr(least = 1): Expr {
    if (++this.#depth > maxDepth) throw this.#wrong('expression nested too deeply')
    let left = this.#unary()
    for (;;) {
      const level = this.#now.kind === 'op' ? precedence[this.#now.text] : undefined
      if (level === undefined || level < least) break
      const op = this.#now.text
      this.#at++
      left = { k: 'bin', op, l: left, r: this.#expr(level + 1) }
    }
    this.#depth--
    return left
  }

  #unary(): Expr {
    if (this.#now.kind === 'op' && ['!', '-', '+', '^', '&', '*', '<-'].includes(this.#now.text)) {
      const op = this.#now.text
      this.#at++
      if (++this.#depth > maxDepth) throw this.#wrong('expression nested too deeply')
      const x = this.#unary()
      this.#depth--
      return { k: 'un', op, x }
    }
    return this.#primary()
  }

  #primary(): Expr {
    let x = this.#operand()
    for (;;) {
      if (this.#take('.')) {
        if (this.#take('(')) {
          if (this.#take('type')) {
            this.#need(')')
            x = { k: 'assert', x, t: { k: 'name', n: 'type' } }
          } else {
            x = { k: 'assert', x, t: this.#type() }
            this.#need(')')
          }
        } else x = { k: 'sel', x, n: this.#name() }
      } else if (this.#peek('(')) x = this.#call(x)
      else if (this.#peek('[')) x = this.#subscript(x)
      else if (this.#peek('{') && !this.#head && isTypeName(x)) x = this.#composite({ k: 'name', n: typeName(x) })
      else return x
    }
  }

  #call(f: Expr): Expr {
    const { line } = this.#now
    this.#need('(')
    const before = this.#head
    this.#head = false
    const a: Expr[] = []
    let spread = false
    while (!this.#take(')')) {
      const isType =
        (f.k === 'name' && (f.n === 'make' || f.n === 'new') && a.length === 0) ||
        (this.#typeOnly() && !this.#peek('*') && !this.#peek('func'))
      if (isType) {
        const t = this.#type()
        // `[]byte("x")` and `map[string]int{}` begin like types.
        a.push(this.#peek('{') ? this.#composite(t) : this.#peek('(') ? this.#call({ k: 'type', t }) : { k: 'type', t })
      } else a.push(this.#expr())
      if (this.#take('...')) spread = true
      if (!this.#take(',') && !this.#peek(')')) throw this.#wrong('expected ) or ,')
      this.#take(';')
    }
    this.#head = before
    return { k: 'call', f, a, spread, line }
  }

  #subscript(x: Expr): Expr {
    this.#need('[')
    const before = this.#head
    this.#head = false
    let lo: Expr | undefined
    if (!this.#peek(':')) lo = this.#typeOnly() ? this.#asType() : this.#expr()
    let made: Expr
    if (this.#take(':')) {
      const hi = this.#peek(']') || this.#peek(':') ? undefined : this.#expr()
      if (this.#take(':')) this.#expr()
      made = { k: 'slice', x, ...(lo && { lo }), ...(hi && { hi }) }
    } else {
      while (this.#take(',')) this.#type()
      made = { k: 'index', x, i: lo ?? { k: 'lit', v: 0 } }
    }
    this.#need(']')
    this.#head = before
    return made
  }

  #operand(): Expr {
    const token = this.#now
    if (token.kind === 'string') {
      this.#at++
      return { k: 'lit', v: token.value ?? '' }
    }
    if (token.kind === 'char') {
      this.#at++
      return { k: 'lit', v: token.value?.codePointAt(0) ?? 0, int: true }
    }
    if (token.kind === 'int' || token.kind === 'float') {
      this.#at++
      const number = /^0[0-7]+$/.test(token.text) ? Number.parseInt(token.text, 8) : Number(token.text)
      return { k: 'lit', v: number, ...(token.kind === 'int' && { int: true }) }
    }
    if (this.#take('(')) {
      const before = this.#head
      this.#head = false
      const inner = this.#typeOnly() && this.#peek('*') === false ? this.#asType() : this.#expr()
      this.#need(')')
      this.#head = before
      return inner
    }
    if (this.#take('func')) {
      const before = this.#head
      const id = this.#func('')
      this.#head = before
      return { k: 'func', id }
    }
    if (this.#typeOnly()) {
      const t = this.#type()
      return this.#peek('{') ? this.#composite(t) : { k: 'type', t }
    }
    const { line, column } = token
    return { k: 'name', n: this.#name(), line, column }
  }

  #composite(t: Type): Expr {
    this.#need('{')
    const before = this.#head
    this.#head = false
    const e: { key?: Expr; v: Expr }[] = []
    while (!this.#take('}')) {
      let v = this.#element(t)
      let key: Expr | undefined
      if (this.#take(':')) {
        key = v
        v = this.#element(t)
      }
      e.push({ v, ...(key && { key }) })
      if (!this.#take(',') && !this.#peek('}')) throw this.#wrong(`in composite literal; possibly missing comma or }`)
      this.#take(';')
    }
    this.#head = before
    return { k: 'comp', t, e }
  }

  #element(t: Type): Expr {
    if (!this.#peek('{')) return this.#expr()
    if (++this.#depth > maxDepth) throw this.#wrong('expression nested too deeply')
    const made = this.#composite(t.of ?? { k: 'name', n: '' })
    this.#depth--
    return made
  }
}

function isTypeName(x: Expr): boolean {
  return (x.k === 'name' && /^[\p{Lu}a-z]/u.test(x.n)) || (x.k === 'sel' && x.x.k === 'name')
}

function typeName(x: Expr): string {
  return x.k === 'sel' && x.x.k === 'name' ? `${x.x.n}.${x.n}` : x.k === 'name' ? x.n : ''
}

function withIota(x: Expr, at: number): Expr {
  if (x.k === 'name') return x.n === 'iota' ? { k: 'lit', v: at, int: true } : x
  if (x.k === 'bin') return { ...x, l: withIota(x.l, at), r: withIota(x.r, at) }
  if (x.k === 'un') return { ...x, x: withIota(x.x, at) }
  return x
}
