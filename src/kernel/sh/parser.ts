/**
 * The shell's grammar, one complete command at a time as ash reads it, so that what stands before a mistake has
 * run by then. Throws `SyntaxFault`; `incomplete` says that more input could complete the command.
 */
import type { Assignment, Node, Redirect, Unit, Word, WordPart } from './ast.ts'
import type { Dialect } from './dialect.ts'

export class SyntaxFault extends Error {
  override readonly name = 'SyntaxFault'
  readonly incomplete: boolean
  readonly line: number
  constructor(message: string, line: number, incomplete = false) {
    super(message)
    this.line = line
    this.incomplete = incomplete
  }
}

const maxDepth = 400
const reserved = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'for',
  'while',
  'until',
  'do',
  'done',
  'case',
  'esac',
  '{',
  '}',
  '!',
  'in',
  'function',
  '[[',
])
const operators = [
  '&&',
  '||',
  ';;&',
  ';;',
  ';&',
  '<<<',
  '<<-',
  '<<',
  '>>',
  '<&',
  '>&',
  '<>',
  '>|',
  '&>',
  '|',
  '&',
  ';',
  '<',
  '>',
  '(',
  ')',
]
const namePattern = /^[A-Za-z_][A-Za-z0-9_]*$/

interface Token {
  type: 'word' | 'op' | 'newline' | 'end'
  text: string
  word?: Word
  /** Number of a descriptor that stands right before a redirection. */
  start: number
  end: number
}

interface HereDocument {
  redirect: Redirect
  delimiter: string
  quoted: boolean
  strip: boolean
}

const cache = new Map<string, Map<number, Unit>>()
const cacheSize = 200

/** The command that begins at `offset`; `root` is undefined when only blanks and comments are left. */
export function parseUnit(
  source: string,
  offset: number,
  dialect: Dialect,
  aliases: ReadonlyMap<string, string> = noAliases,
): Unit {
  if (aliases.size > 0) return new Parser(source, offset, dialect, aliases).unit()
  const key = `${dialect}\0${source}`
  let units = cache.get(key)
  if (!units) {
    if (cache.size >= cacheSize) cache.clear()
    cache.set(key, (units = new Map()))
  }
  let unit = units.get(offset)
  if (!unit) units.set(offset, (unit = new Parser(source, offset, dialect, aliases).unit()))
  return unit
}

const noAliases: ReadonlyMap<string, string> = new Map()

class Parser {
  private source: string
  private at: number
  private line = 1
  private readonly dialect: Dialect
  private readonly aliases: ReadonlyMap<string, string>
  private readonly nodes: Node[] = []
  private peeked: Token | undefined
  private depth = 0
  private here: HereDocument[] = []
  private openHere = false

  constructor(source: string, offset: number, dialect: Dialect, aliases: ReadonlyMap<string, string>) {
    this.source = source
    this.at = offset
    this.dialect = dialect
    this.aliases = aliases
  }

  unit(): Unit {
    this.skipNewlines()
    if (this.peek().type === 'end')
      return { root: undefined, nodes: [], end: this.source.length, lines: this.line, openHere: false }
    const root = this.list(true)
    const next = this.peek()
    if (next.type === 'op' || (next.type === 'word' && !this.ended)) this.unexpected(next)
    if (next.type === 'newline') this.take()
    if (next.type === 'end') this.readHere()
    return { root, nodes: this.nodes, end: this.at, lines: this.line, openHere: this.openHere }
  }

  private ended = false

  // Tokens.

  private peek(): Token {
    return (this.peeked ??= this.scan())
  }

  private take(): Token {
    const token = this.peek()
    this.peeked = undefined
    if (token.type === 'newline') {
      this.line++
      this.readHere()
    }
    return token
  }

  private scan(): Token {
    const { source } = this
    for (;;) {
      const char = source[this.at]
      if (char === ' ' || char === '\t' || char === '\r') this.at++
      else if (char === '\\' && source[this.at + 1] === '\n') {
        this.at += 2
        this.line++
      } else if (char === '#') {
        while (this.at < source.length && source[this.at] !== '\n') this.at++
      } else break
    }
    const start = this.at
    if (start >= source.length) return { type: 'end', text: '', start, end: start }
    if (source[start] === '\n') {
      this.at++
      return { type: 'newline', text: '\n', start, end: this.at }
    }
    for (const operator of operators) {
      if (!source.startsWith(operator, start)) continue
      if (operator === '<<<' && this.dialect === 'dash') continue
      if (operator === '&>' && this.dialect === 'dash') continue
      this.at += operator.length
      return { type: 'op', text: operator, start, end: this.at }
    }
    const word = this.word(false)
    return { type: 'word', text: source.slice(start, this.at), word, start, end: this.at }
  }

  private unexpected(token: Token): never {
    const shown = token.type === 'newline' ? 'newline' : token.type === 'end' ? 'end of file' : token.text
    const incomplete = token.type === 'end'
    if (this.dialect === 'bash') {
      const text = incomplete
        ? 'syntax error: unexpected end of file'
        : `syntax error near unexpected token \`${shown}'`
      throw new SyntaxFault(text, this.line, incomplete)
    }
    if (token.type === 'word' && !reserved.has(shown))
      throw new SyntaxFault('syntax error: unexpected word', this.line, false)
    if (token.type === 'op' && ['<', '>', '<<', '>>', '<<<', '>&', '<&', '<>', '>|'].includes(shown))
      throw new SyntaxFault('syntax error: unexpected redirection', this.line, false)
    const quoted = token.type === 'newline' || token.type === 'end' ? shown : `"${shown}"`
    const prefix = this.dialect === 'dash' ? 'Syntax error' : 'syntax error'
    throw new SyntaxFault(`${prefix}: unexpected ${quoted}`, this.line, incomplete)
  }

  private expected(token: Token, wanted: string): never {
    const shown = token.type === 'newline' ? 'newline' : token.type === 'end' ? 'end of file' : token.text
    if (this.dialect === 'bash') this.unexpected(token)
    const what =
      token.type === 'word' && !reserved.has(shown)
        ? 'word'
        : token.type === 'newline' || token.type === 'end'
          ? shown
          : `"${shown}"`
    const prefix = this.dialect === 'dash' ? 'Syntax error' : 'syntax error'
    throw new SyntaxFault(`${prefix}: unexpected ${what} (expecting "${wanted}")`, this.line, token.type === 'end')
  }

  private isOp(text: string): boolean {
    const token = this.peek()
    return token.type === 'op' && token.text === text
  }

  private isReserved(text: string): boolean {
    const token = this.peek()
    return token.type === 'word' && token.text === text
  }

  private expectReserved(text: string): void {
    if (!this.isReserved(text)) this.expected(this.peek(), text)
    this.take()
  }

  private skipNewlines(): void {
    while (this.peek().type === 'newline') this.take()
  }

  private node<T extends { t: Node['t'] }>(
    fields: T,
    line = this.line,
  ): T & { id: number; line: number; redirects: Redirect[] } {
    const node = { ...fields, id: this.nodes.length, line, redirects: [] as Redirect[] }
    this.nodes.push(node as unknown as Node)
    return node
  }

  private deeper<T>(parse: () => T): T {
    if (++this.depth > maxDepth) throw new SyntaxFault('syntax error: nested too deeply', this.line)
    const result = parse()
    this.depth--
    return result
  }

  // Grammar.

  /** Commands up to what ends them. At the top a newline ends the list. */
  private list(top: boolean): Node {
    return this.deeper(() => {
      const list = this.node({ t: 'list' as const, items: [] as { node: Node; background: boolean; source: string }[] })
      for (;;) {
        if (!top) this.skipNewlines()
        const token = this.peek()
        if (token.type === 'end' || (token.type === 'newline' && top)) break
        if (token.type === 'op' && [')', ';;', ';&', ';;&'].includes(token.text)) break
        if (token.type === 'word' && ['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}'].includes(token.text))
          break
        const start = token.start
        const node = this.andOr()
        const source = this.source.slice(start, this.lastEnd)
        const background = this.isOp('&')
        list.items.push({ node, background, source: source.trim() })
        if (background || this.isOp(';')) this.take()
        else if (this.peek().type !== 'newline') break
      }
      const [only] = list.items
      if (list.items.length === 0) this.unexpected(this.peek())
      return list.items.length === 1 && only && !only.background ? only.node : list
    })
  }

  private lastEnd = 0

  private andOr(): Node {
    const first = this.pipeline()
    if (!this.isOp('&&') && !this.isOp('||')) return first
    const node = this.node({ t: 'andor' as const, first, rest: [] as { op: '&&' | '||'; node: Node }[] })
    while (this.isOp('&&') || this.isOp('||')) {
      const op = this.take().text as '&&' | '||'
      this.skipNewlines()
      node.rest.push({ op, node: this.pipeline() })
    }
    return node
  }

  private pipeline(): Node {
    let negate = false
    while (this.isReserved('!')) {
      this.take()
      negate = !negate
    }
    const first = this.command()
    if (!negate && !this.isOp('|')) return first
    const node = this.node({ t: 'pipe' as const, negate, commands: [first] })
    while (this.isOp('|')) {
      this.take()
      this.skipNewlines()
      node.commands.push(this.command())
    }
    return node
  }

  private command(): Node {
    return this.deeper(() => {
      const token = this.peek()
      const compound =
        token.type === 'op' && token.text === '('
          ? this.subshell()
          : token.type === 'word'
            ? this.compound(token.text)
            : undefined
      if (!compound) return this.simple()
      for (;;) {
        const redirect = this.redirect()
        if (!redirect) break
        compound.redirects.push(redirect)
      }
      this.lastEnd = this.peeked ? this.peeked.start : this.at
      return compound
    })
  }

  private compound(word: string): Node | undefined {
    switch (word) {
      case '{': {
        this.take()
        const node = this.node({ t: 'group' as const, body: this.list(false) })
        this.expectReserved('}')
        return node
      }
      case 'if':
        return this.ifClause()
      case 'while':
      case 'until': {
        this.take()
        const line = this.line
        const condition = this.list(false)
        const body = this.doGroup()
        return this.node({ t: 'while' as const, until: word === 'until', condition, body }, line)
      }
      case 'for':
        return this.forClause()
      case 'case':
        return this.caseClause()
      case '[[':
        return this.dialect === 'dash' ? undefined : this.doubleBracket()
      case 'function':
        return this.dialect === 'dash' ? undefined : this.functionWord()
      case 'then':
      case 'else':
      case 'elif':
      case 'fi':
      case 'do':
      case 'done':
      case 'esac':
      case '}':
        return this.unexpected(this.peek())
      default:
        return undefined
    }
  }

  private subshell(): Node {
    this.take()
    const node = this.node({ t: 'subshell' as const, body: this.list(false) })
    if (!this.isOp(')')) this.expected(this.peek(), ')')
    this.take()
    return node
  }

  private ifClause(): Node {
    this.take()
    const clauses: { condition: Node; body: Node }[] = []
    const clause = (): void => {
      const condition = this.list(false)
      this.expectReserved('then')
      clauses.push({ condition, body: this.list(false) })
    }
    clause()
    while (this.isReserved('elif')) {
      this.take()
      clause()
    }
    let otherwise: Node | undefined
    if (this.isReserved('else')) {
      this.take()
      otherwise = this.list(false)
    }
    this.expectReserved('fi')
    return this.node({ t: 'if' as const, clauses, ...(otherwise && { otherwise }) })
  }

  private doGroup(): Node {
    this.skipNewlines()
    this.expectReserved('do')
    const body = this.list(false)
    this.expectReserved('done')
    return body
  }

  private forClause(): Node {
    this.take()
    const token = this.take()
    if (token.type !== 'word' || !namePattern.test(token.text)) {
      if (token.type !== 'word' && this.dialect === 'bash') this.unexpected(token)
      throw new SyntaxFault(
        this.dialect === 'bash' ? `\`${token.text}': not a valid identifier` : 'syntax error: bad for loop variable',
        this.line,
      )
    }
    this.skipNewlines()
    let words: Word[] | undefined
    if (this.isReserved('in')) {
      this.take()
      words = []
      for (let next = this.peek(); next.type === 'word'; next = this.peek()) {
        this.take()
        words.push(...this.braces(next.word))
      }
      if (this.isOp(';') || this.peek().type === 'newline') this.take()
    } else if (this.isOp(';')) this.take()
    return this.node({ t: 'for' as const, name: token.text, ...(words && { words }), body: this.doGroup() })
  }

  private caseClause(): Node {
    this.take()
    const token = this.take()
    if (token.type !== 'word' || !token.word) this.unexpected(token)
    this.skipNewlines()
    this.expectReserved('in')
    const node = this.node({
      t: 'case' as const,
      word: token.word,
      items: [] as { patterns: Word[]; body?: Node; next: ';;' | ';&' | ';;&' }[],
    })
    for (;;) {
      this.skipNewlines()
      if (this.isReserved('esac')) break
      if (this.isOp('(')) this.take()
      const patterns: Word[] = []
      for (;;) {
        const pattern = this.take()
        if (pattern.type !== 'word' || !pattern.word) this.unexpected(pattern)
        patterns.push(pattern.word)
        if (!this.isOp('|')) break
        this.take()
      }
      if (!this.isOp(')')) this.expected(this.peek(), ')')
      this.take()
      this.skipNewlines()
      const empty = this.isReserved('esac') || [';;', ';&', ';;&'].some(op => this.isOp(op))
      const body = empty ? undefined : this.list(false)
      const next = this.peek()
      const ending = next.type === 'op' && [';;', ';&', ';;&'].includes(next.text) ? (next.text as ';;') : ';;'
      node.items.push({ patterns, ...(body && { body }), next: ending })
      if (next.type === 'op' && [';;', ';&', ';;&'].includes(next.text)) this.take()
      else if (!this.isReserved('esac')) this.expected(next, ';;')
    }
    this.take()
    return node
  }

  private doubleBracket(): Node {
    this.take()
    const node = this.node({ t: 'test' as const, words: [] as Word[] })
    for (;;) {
      const token = this.take()
      if (token.type === 'end') this.expected(token, ']]')
      if (token.type === 'word' && token.text === ']]') return node
      if (token.type === 'word' && token.word) node.words.push(token.word)
      else if (token.type === 'op') node.words.push({ parts: [{ t: 'text', text: token.text, quoted: false }] })
    }
  }

  private functionWord(): Node {
    this.take()
    const name = this.take()
    if (this.isOp('(')) {
      this.take()
      if (!this.isOp(')')) this.unexpected(this.peek())
      this.take()
    }
    this.skipNewlines()
    return this.node({ t: 'function' as const, name: name.text, body: this.command() })
  }

  private simple(): Node {
    const node = this.node({ t: 'simple' as const, assignments: [] as Assignment[], words: [] as Word[] })
    let first = true
    for (;;) {
      const redirect = this.redirect()
      if (redirect) {
        node.redirects.push(redirect)
        first = false
        continue
      }
      const token = this.peek()
      if (token.type !== 'word' || !token.word) break
      if (node.words.length === 0) {
        const alias = this.aliases.get(token.text)
        if (alias !== undefined && !this.expanding.has(token.text)) {
          this.expandAlias(token, alias)
          continue
        }
        const assignment = this.assignment(token)
        if (assignment) {
          this.take()
          node.assignments.push(assignment)
          this.lastEnd = token.end
          first = false
          continue
        }
      }
      this.take()
      this.lastEnd = token.end
      node.words.push(...this.braces(token.word))
      if (first && node.words.length === 1 && this.isOp('(') && node.redirects.length === 0)
        return this.functionDefinition(token)
      first = false
    }
    if (node.words.length === 0 && node.assignments.length === 0 && node.redirects.length === 0)
      this.unexpected(this.peek())
    return node
  }

  private readonly expanding = new Set<string>()

  private expandAlias(token: Token, text: string): void {
    this.expanding.add(token.text)
    this.source = `${this.source.slice(0, token.start)}${text} ${this.source.slice(token.end)}`
    this.at = token.start
    this.peeked = undefined
  }

  private functionDefinition(name: Token): Node {
    this.take()
    if (!this.isOp(')')) this.unexpected(this.peek())
    this.take()
    this.skipNewlines()
    if (this.dialect !== 'bash' && !namePattern.test(name.text) && !/^[\w.+-]+$/.test(name.text))
      throw new SyntaxFault('syntax error: bad function name', this.line)
    return this.node({ t: 'function' as const, name: name.text, body: this.command() })
  }

  private assignment(token: Token): Assignment | undefined {
    const match = /^([A-Za-z_][A-Za-z0-9_]*)(\+?)=/.exec(token.text)
    const [head, ...rest] = token.word?.parts ?? []
    if (!match || head?.t !== 'text' || head.quoted || !head.text.startsWith(match[0])) return undefined
    if (match[2] === '+' && this.dialect === 'dash') return undefined
    const text = head.text.slice(match[0].length)
    const parts: WordPart[] = [...(text === '' ? [] : [{ ...head, text }]), ...rest]
    return { name: match[1] ?? '', value: { parts: tildes(parts, true) }, append: match[2] === '+' }
  }

  private redirect(): Redirect | undefined {
    let token = this.peek()
    let fd: number | undefined
    if (token.type === 'word' && /^\d+$/.test(token.text) && /[<>]/.test(this.source[token.end] ?? '')) {
      fd = Number(token.text)
      this.take()
      token = this.peek()
    }
    if (token.type !== 'op') return undefined
    const op = token.text
    if (!['>', '>>', '<', '<>', '>|', '>&', '<&', '<<', '<<-', '<<<', '&>'].includes(op)) return undefined
    if (op === '<<<' && this.dialect === 'busybox') this.unexpected(token)
    this.take()
    const target = this.peek()
    if (target.type !== 'word' || !target.word) this.unexpected(target)
    this.take()
    this.lastEnd = target.end
    const number = fd ?? (op.startsWith('<') ? 0 : 1)
    const redirect: Redirect = { fd: number, op: op === '<<-' ? '<<' : (op as Redirect['op']), target: target.word }
    if (op === '<<' || op === '<<-') {
      const quoted = target.word.parts.some(part => part.t === 'text' && part.quoted) || /[\\'"]/.test(target.text)
      const delimiter = target.word.parts.map(part => (part.t === 'text' ? part.text : '')).join('')
      this.here.push({ redirect, delimiter, quoted, strip: op === '<<-' })
    }
    return redirect
  }

  /** Here-documents begin on the line after the command. */
  private readHere(): void {
    for (const { redirect, delimiter, quoted, strip } of this.here.splice(0)) {
      let text = ''
      for (;;) {
        if (this.at >= this.source.length) {
          this.openHere = true
          break
        }
        const newline = this.source.indexOf('\n', this.at)
        const end = newline < 0 ? this.source.length : newline
        let line = this.source.slice(this.at, end)
        this.at = Math.min(this.source.length, end + 1)
        this.line++
        if (strip) line = line.replace(/^\t+/, '')
        if (line === delimiter) break
        text += newline < 0 ? line : `${line}\n`
      }
      redirect.target = quoted ? { parts: [{ t: 'text', text, quoted: true }] } : this.hereText(text)
    }
  }

  hereText(text: string): Word {
    const inner = new Parser(text, 0, this.dialect, this.aliases)
    inner.depth = this.depth
    const parts: WordPart[] = []
    inner.quotedParts(parts, undefined)
    return { parts }
  }

  // Words.

  /** A word from here up to a blank or an operator. In `brace` mode up to the closing brace of `${`. */
  private word(brace: boolean): Word {
    const parts: WordPart[] = []
    let text = ''
    const flush = (): void => {
      if (text !== '') parts.push({ t: 'text', text, quoted: false })
      text = ''
    }
    const { source } = this
    for (;;) {
      const char = source[this.at]
      if (char === undefined) {
        if (brace) throw new SyntaxFault("syntax error: missing '}'", this.line, true)
        break
      }
      if (brace ? char === '}' : /[\s;&|<>()]/.test(char)) break
      this.at++
      if (char === '\\') {
        const next = source[this.at]
        if (next === undefined) text += '\\'
        else if (next === '\n') {
          this.at++
          this.line++
        } else {
          flush()
          this.at++
          parts.push({ t: 'text', text: next, quoted: true })
        }
      } else if (char === "'") {
        flush()
        const end = source.indexOf("'", this.at)
        if (end < 0) this.unterminated()
        const quoted = source.slice(this.at, end)
        this.line += quoted.split('\n').length - 1
        parts.push({ t: 'text', text: quoted, quoted: true })
        this.at = end + 1
      } else if (char === '"') {
        flush()
        const before = parts.length
        this.quotedParts(parts, '"')
        if (parts.length === before) parts.push({ t: 'text', text: '', quoted: true })
      } else if (char === '$' && source[this.at] === "'" && this.dialect !== 'dash') {
        flush()
        this.at++
        parts.push({ t: 'text', text: this.ansiQuoted(), quoted: true })
      } else if (char === '$') {
        const part = this.dollar(false)
        if (part) {
          flush()
          parts.push(part)
        } else text += '$'
      } else if (char === '`') {
        flush()
        parts.push({ t: 'command', source: this.backquoted(false), quoted: false })
      } else {
        if (char === '\n') this.line++
        text += char
      }
    }
    flush()
    return { parts: brace ? parts : tildes(parts, false) }
  }

  private unterminated(): never {
    const text =
      this.dialect === 'bash'
        ? 'unexpected EOF while looking for matching quote'
        : `${this.dialect === 'dash' ? 'Syntax error: Unterminated' : 'syntax error: unterminated'} quoted string`
    throw new SyntaxFault(text, this.line, true)
  }

  /** Text within double quotes up to `close`; here-documents go up to their end. */
  private quotedParts(parts: WordPart[], close: '"' | undefined): void {
    const { source } = this
    let text = ''
    const flush = (): void => {
      if (text !== '') parts.push({ t: 'text', text, quoted: true })
      text = ''
    }
    for (;;) {
      const char = source[this.at]
      if (char === undefined) {
        if (close) this.unterminated()
        break
      }
      this.at++
      if (char === close) break
      if (char === '\\') {
        const next = source[this.at]
        if (next === '\n') {
          this.at++
          this.line++
        } else if (next !== undefined && ('$`\\'.includes(next) || (next === '"' && close))) {
          text += next
          this.at++
        } else text += '\\'
      } else if (char === '$') {
        const part = this.dollar(true)
        if (part) {
          flush()
          parts.push(part)
        } else text += '$'
      } else if (char === '`') {
        flush()
        parts.push({ t: 'command', source: this.backquoted(true), quoted: true })
      } else {
        if (char === '\n') this.line++
        text += char
      }
    }
    flush()
  }

  /** What follows a `$`; undefined when it is just a dollar sign. */
  private dollar(quoted: boolean): WordPart | undefined {
    const { source } = this
    const char = source[this.at] ?? ''
    if (char === '(') {
      if (source[this.at + 1] === '(') {
        const start = this.at
        const expression = this.arithmetic()
        if (expression !== undefined) return { t: 'arith', expression, quoted }
        this.at = start
      }
      return { t: 'command', source: this.parenthesized(), quoted }
    }
    if (char === '{') {
      this.at++
      return this.deeper(() => this.braced(quoted))
    }
    const name = /^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])/.exec(source.slice(this.at, this.at + 256))
    if (!name) return undefined
    const whole = /^[A-Za-z_]/.test(name[0])
      ? (/^[A-Za-z_][A-Za-z0-9_]*/.exec(source.slice(this.at))?.[0] ?? name[0])
      : name[0]
    this.at += whole.length
    return { t: 'param', name: whole, quoted }
  }

  /** `$((`: the expression, or undefined when it turns out to be a subshell within `$(`. */
  private arithmetic(): Word | undefined {
    const { source } = this
    let depth = 0
    for (let at = this.at + 2; at < source.length; at++) {
      const char = source[at]
      if (char === '(') depth++
      else if (char === ')') {
        if (depth > 0) depth--
        else if (source[at + 1] === ')') {
          const text = source.slice(this.at + 2, at)
          this.at = at + 2
          return this.hereText(text)
        } else return undefined
      }
    }
    return undefined
  }

  /** The source between `$(` and its `)`; quotes, comments and case patterns within are respected by parsing it. */
  private parenthesized(): string {
    const start = this.at + 1
    return this.deeper(() => {
      const inner = new Parser(this.source, start, this.dialect, this.aliases)
      inner.depth = this.depth
      inner.line = this.line
      inner.skipNewlines()
      while (!inner.isOp(')')) {
        if (inner.peek().type === 'end') throw new SyntaxFault(`syntax error: unterminated $(`, inner.line, true)
        inner.list(false)
        if (!inner.isOp(')') && inner.peek().type !== 'newline') inner.unexpected(inner.peek())
        inner.skipNewlines()
      }
      const end = inner.peek().start
      this.at = end + 1
      this.line = inner.line
      return this.source.slice(start, end)
    })
  }

  private backquoted(inQuotes: boolean): string {
    let text = ''
    for (;;) {
      const char = this.source[this.at]
      if (char === undefined) throw new SyntaxFault('syntax error: EOF in backquote substitution', this.line, true)
      this.at++
      if (char === '`') return text
      const next = this.source[this.at]
      if (char === '\\' && next !== undefined && ('$`\\'.includes(next) || (inQuotes && next === '"'))) {
        text += next
        this.at++
      } else text += char
    }
  }

  private ansiQuoted(): string {
    const escapes: Record<string, string> = {
      n: '\n',
      t: '\t',
      r: '\r',
      a: '\x07',
      b: '\b',
      e: '\x1b',
      f: '\f',
      v: '\v',
      '\\': '\\',
      "'": "'",
      '"': '"',
    }
    let text = ''
    for (;;) {
      const char = this.source[this.at]
      if (char === undefined) this.unterminated()
      this.at++
      if (char === "'") return text
      if (char !== '\\') {
        text += char
        continue
      }
      const rest = this.source.slice(this.at, this.at + 4)
      const number = /^x([0-9a-fA-F]{1,2})/.exec(rest) ?? /^([0-7]{1,3})/.exec(rest)
      if (number) {
        text += String.fromCharCode(Number.parseInt(number[1] ?? '', number[0].startsWith('x') ? 16 : 8) & 255)
        this.at += number[0].length
      } else {
        const next = this.source[this.at] ?? ''
        this.at++
        text += Object.hasOwn(escapes, next) ? escapes[next] : `\\${next}`
      }
    }
  }

  /** `${…}` after the brace. */
  private braced(quoted: boolean): WordPart {
    const { source } = this
    const bad = (): never => {
      throw new SyntaxFault(this.dialect === 'bash' ? 'bad substitution' : 'syntax error: bad substitution', this.line)
    }
    let length = false
    if (source[this.at] === '#' && !/^#[}:%#=?+-]/.test(source.slice(this.at, this.at + 2))) {
      length = true
      this.at++
    }
    const name = /^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])/.exec(source.slice(this.at))?.[0]
    if (name === undefined) return bad()
    this.at += name.length
    if (length || source[this.at] === '}') {
      if (source[this.at] !== '}') return bad()
      this.at++
      return { t: 'param', name, quoted, ...(length && { length: true }) }
    }
    const op = /^(?::[-=?+]|[-=?+]|##?|%%?|\/\/?|:)/.exec(source.slice(this.at, this.at + 2))?.[0]
    if (!op) return bad()
    this.at += op.length
    const argument = (): Word => (quoted && !/[#%/]/.test(op) ? this.quotedArgument() : this.word(true))
    let arg = argument()
    let arg2: Word | undefined
    if (op === '/' || op === '//') [arg, arg2] = splitAt(arg, '/')
    if (op === ':') [arg, arg2] = splitAt(arg, ':')
    this.at++
    return { t: 'param', name, quoted, op, arg, ...(arg2 && { arg2 }) }
  }

  /** An operand within double quotes: quoted itself, up to the closing brace. */
  private quotedArgument(): Word {
    const parts: WordPart[] = []
    const { source } = this
    let text = ''
    const flush = (): void => {
      if (text !== '') parts.push({ t: 'text', text, quoted: true })
      text = ''
    }
    for (;;) {
      const char = source[this.at]
      if (char === undefined) this.unterminated()
      if (char === '}') break
      this.at++
      if (char === '\\') {
        const next = source[this.at]
        if (next !== undefined && '$`\\"}'.includes(next)) {
          text += next
          this.at++
        } else text += '\\'
      } else if (char === '"') {
        flush()
        this.quotedParts(parts, '"')
      } else if (char === '$') {
        const part = this.dollar(true)
        if (part) {
          flush()
          parts.push(part)
        } else text += '$'
      } else if (char === '`') {
        flush()
        parts.push({ t: 'command', source: this.backquoted(true), quoted: true })
      } else text += char
    }
    flush()
    if (parts.length === 0) parts.push({ t: 'text', text: '', quoted: true })
    return { parts }
  }

  /** `{a,b}` and `{1..3}` of bash; the word itself elsewhere. */
  private braces(word: Word | undefined): Word[] {
    if (!word) return []
    if (this.dialect !== 'bash') return [word]
    return expandBraces(word)
  }
}

/** A leading `~` or `~user`, and in assignments one after each colon. */
function tildes(parts: WordPart[], assignment: boolean): WordPart[] {
  const [head, ...rest] = parts
  if (head?.t !== 'text' || head.quoted) return parts
  const match = /^~([A-Za-z0-9_-]*)(?=[/:]|$)/.exec(head.text)
  if (!match || (match[0].length === head.text.length && rest.length > 0 && !assignment)) return parts
  const text = head.text.slice(match[0].length)
  return [{ t: 'tilde', user: match[1] ?? '' }, ...(text === '' ? [] : [{ ...head, text }]), ...rest]
}

/** Cuts a word at the first unquoted separator. */
function splitAt(word: Word, separator: string): [Word, Word | undefined] {
  for (const [index, part] of word.parts.entries()) {
    if (part.t !== 'text' || part.quoted) continue
    const at = part.text.indexOf(separator)
    if (at < 0) continue
    const left = [...word.parts.slice(0, index), { ...part, text: part.text.slice(0, at) }]
    const right = [{ ...part, text: part.text.slice(at + 1) }, ...word.parts.slice(index + 1)]
    return [{ parts: left }, { parts: right }]
  }
  return [word, undefined]
}

const maxBraces = 10_000

function expandBraces(word: Word): Word[] {
  for (const [index, part] of word.parts.entries()) {
    if (part.t !== 'text' || part.quoted) continue
    const match = /^([^{}]*)\{([^{}]*)\}([\s\S]*)$/.exec(part.text)
    if (!match) continue
    const [, before = '', inside = '', after = ''] = match
    const range = /^(-?\d+)\.\.(-?\d+)$/.exec(inside) ?? /^([a-zA-Z])\.\.([a-zA-Z])$/.exec(inside)
    const choices = range
      ? rangeOf(range[1] ?? '', range[2] ?? '')
      : inside.includes(',')
        ? inside.split(',')
        : undefined
    if (!choices) continue
    return choices.slice(0, maxBraces).flatMap(choice => {
      const text: WordPart = { ...part, text: before + choice + after }
      return expandBraces({ parts: [...word.parts.slice(0, index), text, ...word.parts.slice(index + 1)] })
    })
  }
  return [word]
}

function rangeOf(from: string, to: string): string[] {
  const letters = /[a-zA-Z]/.test(from)
  const [first, last] = letters ? [from.charCodeAt(0), to.charCodeAt(0)] : [Number(from), Number(to)]
  const count = Math.min(maxBraces, Math.abs(last - first) + 1)
  const step = last < first ? -1 : 1
  return Array.from({ length: count }, (_, at) =>
    letters ? String.fromCharCode(first + at * step) : String(first + at * step),
  )
}
