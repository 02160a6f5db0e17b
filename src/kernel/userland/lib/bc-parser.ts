/** The grammar of bc (POSIX, with the extensions of GNU and busybox that scripts use). */
import { Failure } from './failure.ts'

export type Expression =
  | { kind: 'number'; text: string }
  | { kind: 'name'; name: string }
  | { kind: 'element'; name: string; index: Expression }
  | { kind: 'call'; name: string; args: Expression[] }
  | { kind: 'unary'; op: '-' | '!'; of: Expression }
  | { kind: 'binary'; op: string; left: Expression; right: Expression }
  | { kind: 'assign'; op: string; to: Expression; value: Expression }
  | { kind: 'step'; by: 1 | -1; before: boolean; to: Expression }
  | { kind: 'group'; of: Expression }

export type Statement =
  | { kind: 'expression'; of: Expression }
  | { kind: 'string'; text: string }
  | { kind: 'print'; parts: (Expression | string)[] }
  | { kind: 'block'; body: Statement[] }
  | { kind: 'if'; test: Expression; then: Statement; otherwise: Statement | undefined }
  | { kind: 'while'; test: Expression; body: Statement }
  | {
      kind: 'for'
      start: Expression | undefined
      test: Expression | undefined
      next: Expression | undefined
      body: Statement
    }
  | { kind: 'return'; value: Expression | undefined }
  | { kind: 'define'; name: string; params: string[]; locals: string[]; body: Statement }
  | { kind: 'break' | 'continue' | 'quit' | 'halt' }

interface Token {
  kind: 'number' | 'name' | 'string' | 'op' | 'newline' | 'end'
  text: string
}

const deepest = 500

/** Parses a whole program. Throws Failure ("bad expression", …). */
export function parseBc(source: string): Statement[] {
  const tokens = scan(source)
  let at = 0
  let depth = 0
  const peek = (): Token => tokens[at] ?? { kind: 'end', text: '' }
  const is = (text: string) => peek().text === text && peek().kind !== 'string' && peek().kind !== 'end'
  const take = (text: string) => (is(text) ? Boolean(++at) : false)
  const bad = (): never => {
    throw new Failure(peek().kind === 'end' ? 'end of file' : "bad expression at ''")
  }
  const expect = (text: string) => {
    if (!take(text)) bad()
  }
  const newlines = () => {
    while (peek().kind === 'newline') at++
  }

  const statements: Statement[] = []
  for (;;) {
    while (peek().kind === 'newline' || is(';')) at++
    if (peek().kind === 'end') return statements
    statements.push(statement())
    if (peek().kind !== 'newline' && !is(';') && peek().kind !== 'end') bad()
  }

  function statement(): Statement {
    if (++depth > deepest) throw new Failure('nested too deeply')
    try {
      return statementInner()
    } finally {
      depth--
    }
  }

  function statementInner(): Statement {
    const token = peek()
    if (token.kind === 'string') {
      at++
      return { kind: 'string', text: token.text }
    }
    if (take('{')) {
      const body: Statement[] = []
      for (;;) {
        while (peek().kind === 'newline' || is(';')) at++
        if (take('}')) return { kind: 'block', body }
        if (peek().kind === 'end') bad()
        body.push(statement())
      }
    }
    switch (token.kind === 'name' ? token.text : '') {
      case 'if': {
        at++
        expect('(')
        const test = expression()
        expect(')')
        newlines()
        const then = statement()
        const mark = at
        while (peek().kind === 'newline' || is(';')) at++
        if (take('else')) {
          newlines()
          return { kind: 'if', test, then, otherwise: statement() }
        }
        at = mark
        return { kind: 'if', test, then, otherwise: undefined }
      }
      case 'while': {
        at++
        expect('(')
        const test = expression()
        expect(')')
        newlines()
        return { kind: 'while', test, body: statement() }
      }
      case 'for': {
        at++
        expect('(')
        const start = is(';') ? undefined : expression()
        expect(';')
        const test = is(';') ? undefined : expression()
        expect(';')
        const next = is(')') ? undefined : expression()
        expect(')')
        newlines()
        return { kind: 'for', start, test, next, body: statement() }
      }
      case 'return': {
        at++
        const none = peek().kind === 'newline' || peek().kind === 'end' || is(';') || is('}')
        return { kind: 'return', value: none ? undefined : expression() }
      }
      case 'print': {
        at++
        const parts: (Expression | string)[] = []
        do {
          const part = peek()
          if (part.kind === 'string') at++
          parts.push(part.kind === 'string' ? part.text : expression())
        } while (take(','))
        return { kind: 'print', parts }
      }
      case 'break':
      case 'continue':
      case 'quit':
      case 'halt':
        at++
        return { kind: token.text as 'break' }
      case 'define':
        return define()
    }
    return { kind: 'expression', of: expression() }
  }

  function define(): Statement {
    at++
    take('void')
    const name = peek().text
    at++
    expect('(')
    const params = names(')')
    expect(')')
    newlines()
    expect('{')
    newlines()
    let locals: string[] = []
    if (take('auto')) locals = names(';')
    at--
    // The block's brace: hand back a place to parse it from.
    tokens.splice(at + 1, 0, { kind: 'op', text: '{' })
    at++
    return { kind: 'define', name, params, locals, body: statement() }
  }

  function names(end: string): string[] {
    const list: string[] = []
    while (!is(end) && peek().kind === 'name') {
      list.push(peek().text)
      at++
      if (take('[')) expect(']')
      if (!take(',')) break
    }
    return list
  }

  function expression(level = 0): Expression {
    if (++depth > deepest) throw new Failure('nested too deeply')
    try {
      return binary(level)
    } finally {
      depth--
    }
  }

  /** Precedence from loosest: || && ! relational assignment + * unary ^. */
  function binary(level: number): Expression {
    const levels = [['||'], ['&&'], ['==', '<=', '>=', '!=', '<', '>'], ['+', '-'], ['*', '/', '%']]
    const ops = levels[level]
    if (!ops) return unary()
    if (level === 2 && take('!')) return { kind: 'unary', op: '!', of: binary(2) }
    let left = binary(level + 1)
    for (let op = ops.find(is); op !== undefined; op = ops.find(is)) {
      at++
      left = { kind: 'binary', op, left, right: binary(level + 1) }
    }
    const assign = ['=', '+=', '-=', '*=', '/=', '%=', '^='].find(is)
    if (level === 3 && assign !== undefined && (left.kind === 'name' || left.kind === 'element')) {
      at++
      return { kind: 'assign', op: assign.slice(0, -1), to: left, value: binary(3) }
    }
    return left
  }

  function unary(): Expression {
    if (take('-')) return { kind: 'unary', op: '-', of: unary() }
    const left = postfix()
    if (!take('^')) return left
    return { kind: 'binary', op: '^', left, right: unary() }
  }

  function postfix(): Expression {
    const step = (['++', '--'] as const).find(is)
    if (step !== undefined) {
      at++
      return { kind: 'step', by: step === '++' ? 1 : -1, before: true, to: primary() }
    }
    const left = primary()
    const after = (['++', '--'] as const).find(is)
    if (after === undefined || (left.kind !== 'name' && left.kind !== 'element')) return left
    at++
    return { kind: 'step', by: after === '++' ? 1 : -1, before: false, to: left }
  }

  function primary(): Expression {
    const token = peek()
    if (take('(')) {
      const inner = expression()
      expect(')')
      return { kind: 'group', of: inner }
    }
    at++
    if (token.kind === 'number') return { kind: 'number', text: token.text }
    if (token.text === '.' && token.kind === 'op') return { kind: 'name', name: 'last' }
    if (token.kind !== 'name') {
      at--
      return bad()
    }
    if (take('[')) {
      const index = expression()
      expect(']')
      return { kind: 'element', name: token.text, index }
    }
    if (take('(')) {
      const args: Expression[] = []
      while (!is(')')) {
        args.push(expression())
        if (!take(',')) break
      }
      expect(')')
      return { kind: 'call', name: token.text, args }
    }
    return { kind: 'name', name: token.text }
  }
}

function scan(source: string): Token[] {
  const tokens: Token[] = []
  const pattern =
    /\\\n|[ \t\r]+|\/\*[\s\S]*?\*\/|#[^\n]*|(\n)|([0-9A-F]+\.?[0-9A-F]*|\.[0-9A-F]+)|([a-z][a-z0-9_]*)|"([^"]*)"|(\+\+|--|&&|\|\||[-+*/%^=<>!]=|[-+*/%^=<>!(){}[\];,.])/gy
  while (pattern.lastIndex < source.length) {
    const from = pattern.lastIndex
    const match = pattern.exec(source)
    if (!match) throw new Failure(`bad character '${source.charAt(from)}'`)
    const [, newline, number, name, string, op] = match
    if (newline !== undefined) tokens.push({ kind: 'newline', text: '\n' })
    else if (number !== undefined) tokens.push({ kind: 'number', text: number })
    else if (name !== undefined) tokens.push({ kind: 'name', text: name })
    else if (string !== undefined) tokens.push({ kind: 'string', text: string })
    else if (op !== undefined) tokens.push({ kind: 'op', text: op })
  }
  return tokens
}
