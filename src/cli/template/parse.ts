/** The parser of Go templates (text/template/parse/parse.go), with its error texts. */
import { parseFloat64, parseInt64, quote } from '../../util/strconv.ts'
import { describe, lex, type Token } from './lex.ts'
import type { CommandNode, Node, Operand, Pipe } from './node.ts'

/** Something that the parser does not accept: `template: :1: unclosed action`. */
export class ParseError extends Error {
  override readonly name = 'ParseError'
}

export interface Parsed {
  text: string
  main: Node[]
  /** `{{define "x"}}` and `{{block "x" .}}`. */
  defined: Map<string, Node[]>
}

/**
 * Parses a template.
 * @param name  what error messages call it; Docker leaves most nameless
 * @param functions  the names that may be called
 * @throws ParseError
 */
export function parse(text: string, name: string, functions: ReadonlySet<string>): Parsed {
  return new Parser(text, name, functions).template()
}

type Stop = 'end' | 'else' | 'eof'
/** Deeper nesting than any template of a person's; keeps hostile input from using up the stack. */
const DEEPEST = 200

class Parser {
  private readonly tokens: Token[]
  private at = 0
  private depth = 0
  private loops = 0
  private variables = ['$']
  private readonly defined = new Map<string, Node[]>()
  private readonly text: string
  private readonly label: string
  private readonly functions: ReadonlySet<string>

  constructor(text: string, label: string, functions: ReadonlySet<string>) {
    this.text = text
    this.label = label
    this.functions = functions
    this.tokens = lex(text)
  }

  template(): Parsed {
    const { nodes, stop } = this.list(true)
    if (stop !== 'eof') this.fail(`unexpected {{${stop}}}`)
    return { text: this.text, main: nodes, defined: this.defined }
  }

  /** Nodes up to `{{end}}`, `{{else}}` or the end of the template. The words after `else` are left to be read. */
  private list(outermost: boolean): { nodes: Node[]; stop: Stop } {
    const nodes: Node[] = []
    if (++this.depth > DEEPEST) this.fail('template is nested too deeply')
    for (;;) {
      const token = this.next()
      if (token.kind === 'text') nodes.push({ kind: 'text', text: token.text, at: token.at })
      else if (token.kind === 'left') {
        const first = this.nextNonSpace()
        const word = first.kind === 'keyword' ? first.text : ''
        if (word === 'end') {
          this.expect('right', 'end')
          this.depth--
          return { nodes, stop: 'end' }
        }
        if (word === 'else') {
          this.depth--
          return { nodes, stop: 'else' }
        }
        if (word === 'define' && outermost) this.define()
        else nodes.push(this.action(first))
      } else if (token.kind === 'eof') {
        if (!outermost) this.fail('unexpected EOF')
        this.depth--
        return { nodes, stop: 'eof' }
      } else this.unexpected(token, 'input')
    }
  }

  private action(first: Token): Node {
    if (first.kind === 'keyword') {
      switch (first.text) {
        case 'if':
        case 'range':
        case 'with':
          return this.branch(first.text, first.at)
        case 'template':
          return this.call()
        case 'block':
          return this.block()
        case 'break':
        case 'continue':
          if (this.loops === 0) this.fail(`{{${first.text}}} outside {{range}}`)
          this.expect('right', `{{${first.text}}}`)
          return { kind: first.text, at: first.at }
        default:
          this.unexpected(first, 'command')
      }
    }
    this.back()
    const at = this.peek().at
    return { kind: 'action', pipe: this.pipeline('command', 'right'), at }
  }

  private branch(kind: 'if' | 'range' | 'with', at: number): Node {
    const scope = this.variables.length
    const pipe = this.pipeline(kind, 'right')
    if (kind === 'range') this.loops++
    const { nodes: list, stop } = this.list(false)
    let otherwise: Node[] | undefined
    if (stop === 'else') {
      const next = this.nextNonSpace()
      const chained = next.kind === 'keyword' && (next.text === 'if' || next.text === 'with') ? next.text : undefined
      if (chained === kind) {
        if (++this.depth > DEEPEST) this.fail('template is nested too deeply')
        otherwise = [this.branch(chained, next.at)]
        this.depth--
      } else {
        if (next.kind !== 'right') this.unexpected(next, 'else')
        const rest = this.list(false)
        if (rest.stop !== 'end') this.fail(`expected end; found {{${rest.stop}}}`)
        otherwise = rest.nodes
      }
    }
    if (kind === 'range') this.loops--
    this.variables.length = scope
    return { kind, pipe, list, otherwise, at }
  }

  private define(): void {
    const name = this.templateName('define clause')
    this.expect('right', 'define clause')
    this.body(name, '{{define}}')
  }

  private call(): Node {
    const at = this.peekNonSpace().at
    const name = this.templateName('template clause')
    if (this.nextNonSpace().kind === 'right') return { kind: 'template', name, pipe: undefined, at }
    this.back()
    return { kind: 'template', name, pipe: this.pipeline('template clause', 'right'), at }
  }

  private block(): Node {
    const at = this.peekNonSpace().at
    const name = this.templateName('block clause')
    const pipe = this.pipeline('block clause', 'right')
    this.body(name, '{{block}}')
    return { kind: 'template', name, pipe, at }
  }

  private body(name: string, what: string): void {
    const outer = { variables: this.variables, loops: this.loops }
    this.variables = ['$']
    this.loops = 0
    const { nodes, stop } = this.list(false)
    if (stop !== 'end') this.fail(`unexpected {{${stop}}} in ${what}`)
    this.variables = outer.variables
    this.loops = outer.loops
    this.defined.set(name, nodes)
  }

  private templateName(context: string): string {
    const token = this.nextNonSpace()
    if (token.kind !== 'string' && token.kind !== 'raw') this.unexpected(token, context)
    return this.unquote(token)
  }

  private pipeline(context: string, end: 'right' | 'rightParen'): Pipe {
    const pipe: Pipe = { kind: 'pipe', declares: [], assigns: false, commands: [], at: this.peekNonSpace().at }
    this.declarations(pipe, context)
    if (++this.depth > DEEPEST) this.fail('template is nested too deeply')
    for (;;) {
      const token = this.nextNonSpace()
      if (token.kind === end) {
        if (pipe.commands.length === 0) this.fail(`missing value for ${context}`)
        for (const [i, command] of pipe.commands.entries()) {
          const kind = command.args[0]?.kind
          if (i > 0 && kind !== undefined && ['bool', 'dot', 'nil', 'number', 'string'].includes(kind)) {
            this.fail(`non executable command in pipeline stage ${i + 1}`)
          }
        }
        this.depth--
        return pipe
      }
      const starts = 'bool char dot field identifier number nil raw string variable leftParen'.split(' ')
      if (!starts.includes(token.kind)) this.unexpected(token, context)
      this.back()
      pipe.commands.push(this.command())
    }
  }

  /** `$x :=`, `$x =`, and in range `$i, $x :=`. */
  private declarations(pipe: Pipe, context: string): void {
    const start = this.at
    const names: string[] = []
    for (;;) {
      const variable = this.nextNonSpace()
      if (variable.kind !== 'variable') break
      names.push(variable.text)
      const next = this.nextNonSpace()
      if (next.kind === 'assign' || next.kind === 'declare') {
        pipe.declares = names
        pipe.assigns = next.kind === 'assign'
        if (next.kind === 'declare') this.variables.push(...names)
        return
      }
      if (next.kind !== 'other' || next.text !== ',') break
      if (names.length > 1 || context !== 'range') this.fail(`too many declarations in ${context}`)
    }
    this.at = start
  }

  private command(): CommandNode {
    const command: CommandNode = { kind: 'command', args: [], at: this.peekNonSpace().at }
    for (;;) {
      this.peekNonSpace()
      const operand = this.operand()
      if (operand) command.args.push(operand)
      const token = this.next()
      if (token.kind === 'space') continue
      if (token.kind === 'right' || token.kind === 'rightParen') this.back()
      else if (token.kind !== 'pipe') this.unexpected(token, 'operand')
      break
    }
    if (command.args.length === 0) this.fail('empty command')
    return command
  }

  private operand(): Operand | undefined {
    const term = this.term()
    if (!term || this.peek().kind !== 'field') return term
    const at = this.peek().at
    const names: string[] = []
    while (this.peek().kind === 'field') names.push(this.next().text.slice(1))
    if (term.kind === 'field' || term.kind === 'variable') return { ...term, names: [...term.names, ...names], at }
    if (term.kind === 'pipe' || term.kind === 'identifier' || term.kind === 'chain') {
      return { kind: 'chain', of: term, names, at }
    }
    const shown =
      'text' in term ? term.text : term.kind === 'bool' ? String(term.value) : term.kind === 'nil' ? 'nil' : '.'
    return this.fail(`unexpected . after term ${quote(shown)}`)
  }

  private term(): Operand | undefined {
    const token = this.nextNonSpace()
    const { at, text } = token
    switch (token.kind) {
      case 'identifier':
        if (!this.functions.has(text)) this.fail(`function ${quote(text)} not defined`)
        return { kind: 'identifier', name: text, at }
      case 'dot':
      case 'nil':
        return { kind: token.kind, at }
      case 'variable':
        if (!this.variables.includes(text)) this.fail(`undefined variable ${quote(text)}`)
        return { kind: 'variable', names: [text], at }
      case 'field':
        return { kind: 'field', names: [text.slice(1)], at }
      case 'bool':
        return { kind: 'bool', value: text === 'true', at }
      case 'number':
        return this.number(token)
      case 'char': {
        const value = this.unquote({
          ...token,
          text: `"${text.slice(1, -1).replace(/^"$/, '\\"').replace("\\'", "'")}"`,
        })
        return { kind: 'number', text, value: value.codePointAt(0) ?? 0, float: false, at }
      }
      case 'string':
      case 'raw':
        return { kind: 'string', text, value: this.unquote(token), at }
      case 'leftParen':
        return this.pipeline('parenthesized pipeline', 'rightParen')
      default:
        this.back()
        return undefined
    }
  }

  private number({ text, at }: Token): Operand {
    try {
      return { kind: 'number', text, value: parseInt64(text), float: false, at }
    } catch {
      try {
        const value = parseFloat64(text)
        return { kind: 'number', text, value, float: true, at }
      } catch {
        return this.fail(`illegal number syntax: ${quote(text)}`)
      }
    }
  }

  private unquote(token: Token): string {
    if (token.kind === 'raw') return token.text.slice(1, -1).replaceAll('\r', '')
    const body = token.text.slice(1, -1)
    const pattern = /\\(u[\da-fA-F]{4}|U[\da-fA-F]{8}|x[\da-fA-F]{2}|[0-7]{3}|[abfnrtv\\"])|\\/g
    return body.replace(pattern, (whole, escaped: string | undefined) => {
      if (escaped === undefined) return this.fail('invalid syntax')
      const simple = 'abfnrtv'.indexOf(escaped)
      if (simple >= 0) return '\x07\b\f\n\r\t\v'.charAt(simple)
      if (/^[0-7]{3}$/.test(escaped)) return String.fromCharCode(Number.parseInt(escaped, 8))
      if (escaped === '\\' || escaped === '"') return escaped
      const code = Number.parseInt(escaped.slice(1), 16)
      return code > 0x10ffff ? this.fail(`invalid syntax: ${whole}`) : String.fromCodePoint(code)
    })
  }

  private next(): Token {
    const token = this.tokens[Math.min(this.at, this.tokens.length - 1)]
    if (!token) throw new ParseError('no tokens')
    this.at++
    return token
  }

  private nextNonSpace(): Token {
    let token = this.next()
    while (token.kind === 'space') token = this.next()
    return token
  }

  private back(): void {
    this.at--
  }

  private peek(): Token {
    const token = this.next()
    this.back()
    return token
  }

  private peekNonSpace(): Token {
    const token = this.nextNonSpace()
    this.back()
    return token
  }

  private expect(kind: Token['kind'], context: string): void {
    const token = this.nextNonSpace()
    if (token.kind !== kind) this.unexpected(token, context)
  }

  private unexpected(token: Token, context: string): never {
    if (token.kind === 'error') throw new ParseError(`template: ${this.label}:${token.line}: ${token.text}`)
    this.fail(`unexpected ${describe(token)} in ${context}`)
  }

  private fail(message: string): never {
    const token = this.tokens[Math.max(0, Math.min(this.at, this.tokens.length) - 1)]
    throw new ParseError(`template: ${this.label}:${token?.line ?? 1}: ${message}`)
  }
}
