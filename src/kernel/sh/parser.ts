/**
 * The shell's grammar, one complete command at a time as ash reads it, so that what stands before a mistake has
 * run by then. Throws `SyntaxFault`; `incomplete` says that more input could complete the command.
 */
import type { Assignment, ListItem, Node, NodeOf, Unit, Word, WordPart } from './ast.ts'
import { expandBraces } from './braces.ts'
import type { Dialect } from './dialect.ts'
import { caseEnds, closers, isReserved, SyntaxFault, type Token } from './syntax.ts'
import { TokenReader } from './tokens.ts'
import { makeText, tildes } from './word.ts'

const namePattern = /^[A-Za-z_][A-Za-z0-9_]*$/
/** Commands whose arguments are assignments where they look like ones. */
const declarations: Record<Dialect, ReadonlySet<string>> = {
  busybox: new Set(['export', 'readonly', 'local']),
  dash: new Set(['export', 'readonly', 'local']),
  bash: new Set(['declare', 'typeset', 'export', 'readonly', 'local']),
}

const noUnits = (): Map<string, Map<number, Unit>> => new Map()
const caches: Record<Dialect, Map<string, Map<number, Unit>>> = { busybox: noUnits(), bash: noUnits(), dash: noUnits() }
const cacheSize = 200

/** The command that begins at `offset`; `root` is undefined when only blanks and comments are left. */
export function parseUnit(
  source: string,
  offset: number,
  dialect: Dialect,
  aliases: ReadonlyMap<string, string>,
): Unit {
  if (aliases.size > 0) return new Parser(source, offset, dialect, aliases).unit()
  const cache = caches[dialect]
  let units = cache.get(source)
  if (!units) {
    if (cache.size >= cacheSize) cache.clear()
    cache.set(source, (units = new Map()))
  }
  let unit = units.get(offset)
  if (!unit) units.set(offset, (unit = new Parser(source, offset, dialect, aliases).unit()))
  return unit
}

/** A text in which `$` and backquotes count, and nothing else: PS4. Throws SyntaxFault. */
export const parseText = (text: string, dialect: Dialect): Word => new Parser('', 0, dialect, noAliases).textWord(text)

export const noAliases: ReadonlyMap<string, string> = new Map()

class Parser extends TokenReader {
  private readonly nodes: Node[] = []
  /** Aliases that are being expanded: none is within itself. */
  private readonly expanding = new Set<string>()
  /** By how much the text has grown from aliases. */
  private grown = 0

  unit(): Unit {
    this.skipNewlines()
    if (this.peek().type === 'end')
      return { root: undefined, nodes: [], end: this.source.length - this.grown, lines: this.line, openHere: false }
    const root = this.list(true)
    const next = this.peek()
    if (next.type === 'op' || next.type === 'word') throw this.fault(next)
    if (next.type === 'newline') this.take()
    if (next.type === 'end') this.readHere()
    return { root, nodes: this.nodes, end: this.at - this.grown, lines: this.line, openHere: this.openHere }
  }

  protected inner(source: string, at: number): Parser {
    return new Parser(source, at, this.dialect, this.aliases)
  }

  commandsToParenthesis(): number {
    this.skipNewlines()
    while (!this.isOp(')')) {
      if (this.peek().type === 'end') this.openParenthesis()
      this.list(false)
      if (!this.isOp(')') && this.peek().type !== 'newline' && this.peek().type !== 'end') throw this.fault(this.peek())
      this.skipNewlines()
    }
    const end = this.peek().start
    this.goTo(end + 1)
    return end
  }

  private openParenthesis(): never {
    if (this.dialect === 'bash') this.unterminated(')')
    throw this.fault(this.peek(), ')')
  }

  private node<T extends { t: Node['t'] }>(fields: T, line = this.line): T & Pick<Node, 'id' | 'line' | 'redirects'> {
    const node = { ...fields, id: this.nodes.length, line, redirects: [] }
    this.nodes.push(node as unknown as Node)
    return node
  }

  /** Commands up to what ends them. At the top a newline ends the list. */
  private list(top: boolean, wanted?: string): Node {
    return this.deeper(() => {
      const list = this.node({ t: 'list' as const, items: [] as NodeOf<'list'>['items'] })
      for (;;) {
        if (!top) this.skipNewlines()
        const token = this.peek()
        if (token.type === 'end' || (token.type === 'newline' && top)) break
        if (token.type === 'op' && (token.text === ')' || caseEnds.includes(token.text))) break
        if (token.type === 'word' && closers.has(token.text)) break
        const start = token.start
        const node = this.andOr()
        const source = this.source.slice(start, this.lastEnd)
        const background = this.isOp('&')
        list.items.push({ node, background, source: source.trim() })
        if (background || this.isOp(';')) this.take()
        else if (this.peek().type !== 'newline') break
      }
      const [only] = list.items
      if (!only) throw this.fault(this.peek(), this.peek().type === 'end' ? wanted : undefined)
      return list.items.length === 1 && !only.background ? only.node : list
    })
  }

  private andOr(): Node {
    const first = this.pipeline()
    if (!this.isOp('&&') && !this.isOp('||')) return first
    const node = this.node({ t: 'andor' as const, first, rest: [] as NodeOf<'andor'>['rest'] })
    while (this.isOp('&&') || this.isOp('||')) {
      const op = this.take().text as '&&' | '||'
      this.skipNewlines()
      node.rest.push({ op, node: this.pipeline() })
    }
    return node
  }

  private pipeline(): Node {
    if (this.isReserved('time')) return this.timed()
    let negate = false
    while (this.isReserved('!')) {
      this.take()
      negate = !negate
      // dash and ash know one alone.
      if (this.dialect !== 'bash') break
    }
    const first = this.command()
    if (!negate && !this.isOp('|') && !this.isOp('|&')) return first
    const node = this.node({ t: 'pipe' as const, negate, commands: [first] })
    while (this.isOp('|') || this.isOp('|&')) {
      if (this.take().text === '|&')
        node.commands
          .at(-1)
          ?.redirects.push({ fd: 2, op: '>&', target: makeText([{ t: 'text', text: '1', quoted: true }]) })
      this.skipNewlines()
      node.commands.push(this.command())
    }
    return node
  }

  private timed(): Node {
    this.take()
    const posix = this.peek().text === '-p'
    if (posix) this.take()
    const node = this.node({ t: 'time' as const, posix })
    const token = this.peek()
    const empty = token.type === 'newline' || token.type === 'end' || (token.type === 'op' && token.text !== '(')
    return empty ? node : Object.assign(node, { body: this.pipeline() })
  }

  private command(): Node {
    return this.deeper(() => {
      const token = this.peek()
      const compound =
        token.type === 'op' && token.text === '('
          ? this.parenthesis(token)
          : token.type === 'word'
            ? this.compound(token.text)
            : undefined
      if (!compound) {
        const simple = this.simple()
        simple.text = this.source.slice(token.start, this.lastEnd).trim()
        return simple
      }
      for (let redirect = this.redirect(); redirect; redirect = this.redirect()) compound.redirects.push(redirect)
      this.lastEnd = this.place()
      compound.text = this.source.slice(token.start, this.lastEnd).trim()
      return compound
    })
  }

  private compound(word: string): Node | undefined {
    if (!isReserved(word, this.dialect)) return undefined
    switch (word) {
      case '{': {
        this.take()
        const node = this.node({ t: 'group' as const, body: this.list(false, '}') })
        this.expect('}')
        return node
      }
      case 'if':
        return this.ifClause()
      case 'while':
      case 'until': {
        this.take()
        const line = this.line
        const condition = this.list(false, 'do')
        return this.node({ t: 'while' as const, until: word === 'until', condition, body: this.doGroup() }, line)
      }
      case 'for':
      case 'select':
        return this.forClause(word === 'select')
      case 'case':
        return this.caseClause()
      case '[[':
        return this.doubleBracket()
      case 'function':
        return this.functionWord()
      case 'coproc':
        throw new SyntaxFault('coproc: minidock does not model coprocesses', this.line)
      case '!':
        if (this.dialect === 'bash') return undefined
        throw this.fault(this.peek())
      case 'in':
      case ']]':
        return undefined
      default:
        throw this.fault(this.peek())
    }
  }

  /** `(…)`, and in bash `((…))`. */
  private parenthesis(token: Token): Node {
    if (this.dialect === 'bash' && this.source[token.end] === '(') {
      this.goTo(token.start)
      const expression = this.arithmetic()
      if (expression) return this.node({ t: 'arith' as const, expression })
      this.goTo(token.start)
      if (!this.source.includes(')', token.start)) this.unterminated(')')
    }
    this.take()
    const node = this.node({ t: 'subshell' as const, body: this.list(false, ')') })
    this.expect(')')
    return node
  }

  private ifClause(): Node {
    this.take()
    const clauses: { condition: Node; body: Node }[] = []
    const clause = (): void => {
      const condition = this.list(false, 'then')
      this.expect('then')
      clauses.push({ condition, body: this.list(false, 'fi') })
    }
    clause()
    while (this.isReserved('elif')) {
      this.take()
      clause()
    }
    let otherwise: Node | undefined
    if (this.isReserved('else')) {
      this.take()
      otherwise = this.list(false, 'fi')
    }
    this.expect('fi')
    return this.node({ t: 'if' as const, clauses, ...(otherwise && { otherwise }) })
  }

  private doGroup(): Node {
    this.skipNewlines()
    if (this.dialect === 'bash' && this.isReserved('{')) {
      this.take()
      const body = this.list(false)
      this.expect('}')
      return body
    }
    this.expect('do')
    const body = this.list(false, 'done')
    this.expect('done')
    return body
  }

  private forClause(select: boolean): Node {
    this.take()
    const line = this.line
    const token = this.take()
    if (
      !select &&
      this.dialect === 'bash' &&
      token.type === 'op' &&
      token.text === '(' &&
      this.source[token.end] === '('
    )
      return this.countClause(token)
    if (token.type !== 'word' || (!namePattern.test(token.text) && this.dialect !== 'bash')) this.badVariable(token)
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
      else throw this.fault(this.peek())
    } else if (this.isOp(';')) this.take()
    return this.node(
      { t: 'for' as const, name: token.text, ...(words && { words }), body: this.doGroup(), ...(select && { select }) },
      line,
    )
  }

  private badVariable(token: Token): never {
    if (this.dialect === 'bash') throw this.fault(token)
    throw new SyntaxFault(
      this.dialect === 'dash' ? 'Syntax error: Bad for loop variable' : 'syntax error: bad for loop variable',
      this.line,
    )
  }

  /** `for ((first; condition; next))`. */
  private countClause(token: Token): Node {
    this.goTo(token.start)
    const start = this.at + 2
    if (!this.arithmetic()) throw this.fault(token)
    const parts = this.source.slice(start, this.at - 2).split(';')
    if (parts.length !== 3) throw new SyntaxFault('syntax error: arithmetic expression required', this.line)
    if (this.isOp(';')) this.take()
    const [first = '', condition = '', next = ''] = parts
    return this.node({
      t: 'count' as const,
      first: this.textWord(first.trim()),
      condition: this.textWord(condition.trim()),
      next: this.textWord(next.trim()),
      body: this.doGroup(),
    })
  }

  private caseClause(): Node {
    this.take()
    const token = this.take()
    if (token.type !== 'word' || !token.word) throw this.fault(token)
    this.skipNewlines()
    this.expect('in')
    const node = this.node({ t: 'case' as const, word: token.word, items: [] as NodeOf<'case'>['items'] })
    for (;;) {
      this.skipNewlines()
      if (this.isReserved('esac')) break
      if (this.isOp('(')) this.take()
      const patterns: Word[] = []
      for (;;) {
        const pattern = this.peek()
        // ash and dash miss the parenthesis behind it, whatever it is.
        if (!pattern.word && (this.dialect === 'bash' || pattern.type !== 'op')) throw this.fault(pattern)
        this.take()
        if (pattern.word) patterns.push(pattern.word)
        if (!this.isOp('|')) break
        this.take()
      }
      this.expect(')')
      this.skipNewlines()
      const empty = this.isReserved('esac') || caseEnds.some(op => this.isOp(op))
      const body = empty ? undefined : this.list(false)
      const next = this.peek()
      const ended = next.type === 'op' && caseEnds.includes(next.text)
      node.items.push({ patterns, ...(body && { body }), next: ended ? (next.text as ';;') : ';;' })
      if (ended) this.take()
      else if (!this.isReserved('esac')) throw this.fault(next, ';;')
    }
    this.take()
    return node
  }

  private doubleBracket(): Node {
    this.take()
    const node = this.node({ t: 'test' as const, words: [] as Word[] })
    for (;;) {
      const before = node.words.at(-1)
      // A regular expression's parentheses and bars are its own.
      if (before?.fixed === '=~' && before.parts.every(part => part.t === 'text' && !part.quoted)) {
        node.words.push(this.expression())
        continue
      }
      const token = this.take()
      if (token.type === 'end') throw this.fault(token, ']]')
      if (token.type === 'word' && token.text === ']]') return node
      if (token.type === 'word' && token.word) node.words.push(token.word)
      else if (token.type === 'op') node.words.push(makeText([{ t: 'text', text: token.text, quoted: false }]))
    }
  }

  private expression(): Word {
    this.goTo(this.place())
    this.skipBlanks()
    let open = 0
    const parts = this.parts(char => {
      if (char === '(') open++
      if (char === ')') open--
      return char === undefined || (open <= 0 && /[ \t\n]/.test(char))
    })
    return makeText(parts)
  }

  private functionWord(): Node {
    this.take()
    const name = this.take()
    if (this.isOp('(')) {
      this.take()
      this.expect(')')
    }
    return this.functionBody(name)
  }

  private functionBody(name: Token): Node {
    this.skipNewlines()
    const next = this.peek()
    const body = this.command()
    if (this.dialect === 'bash' && body.t === 'simple') throw this.fault(next)
    return this.node({
      t: 'function' as const,
      name: name.text,
      body,
      source: this.source.slice(name.start, this.place()),
    })
  }

  private simple(): Node {
    const node: NodeOf<'simple'> = this.node({
      t: 'simple' as const,
      assignments: [] as Assignment[],
      words: [] as Word[],
    })
    let alone = true
    // After an alias that ends in a blank the next word may be one, too.
    let aliased = false
    for (;;) {
      const redirect = this.redirect()
      if (redirect) {
        node.redirects.push(redirect)
        alone = false
        continue
      }
      const token = this.peek()
      if (token.type !== 'word' || !token.word) break
      if (node.words.length === 0) {
        const alias = this.aliases.get(token.text)
        if (alias !== undefined && !this.expanding.has(token.text)) {
          this.expandAlias(token, alias)
          aliased = /[ \t]$/.test(alias)
          // What an alias stands for may be any command.
          if (alone && node.assignments.length === 0) {
            const compound = this.compoundAgain()
            if (compound) return compound
          }
          continue
        }
        const assignment = this.assignment(token)
        if (assignment) {
          node.assignments.push(assignment)
          this.lastEnd = this.at
          alone = false
          continue
        }
      } else if (aliased) {
        const alias = this.aliases.get(token.text)
        aliased = alias !== undefined && /[ \t]$/.test(alias)
        if (alias !== undefined && !this.expanding.has(token.text)) {
          this.expandAlias(token, alias)
          continue
        }
      }
      if (this.declares(node) && this.declaration(node, token)) continue
      this.take()
      this.lastEnd = token.end
      // What stands between ash's double brackets is neither split nor a pattern for files.
      if (this.dialect === 'busybox' && node.words[0]?.fixed === '[[') node.words.push({ ...token.word, single: true })
      else node.words.push(...this.braces(token.word))
      if (alone && node.words.length === 1 && this.isOp('(') && node.redirects.length === 0)
        return this.functionDefinition(token)
      alone = false
    }
    if (node.words.length === 0 && node.assignments.length === 0 && node.redirects.length === 0)
      throw this.fault(this.peek())
    return node
  }

  private expandAlias(token: Token, text: string): void {
    this.expanding.add(token.text)
    this.grown += text.length + 1 - (token.end - token.start)
    this.source = `${this.source.slice(0, token.start)}${text} ${this.source.slice(token.end)}`
    this.goTo(token.start)
  }

  private compoundAgain(): Node | undefined {
    const token = this.peek()
    const opens =
      (token.type === 'op' && token.text === '(') || (token.type === 'word' && isReserved(token.text, this.dialect))
    return opens ? this.command() : undefined
  }

  private functionDefinition(name: Token): Node {
    this.take()
    // A word that is reserved elsewhere is just a word here.
    const next = this.peek()
    if (this.dialect !== 'bash' && next.type === 'word') throw this.fault({ ...next, text: '' }, ')')
    this.expect(')')
    if (this.dialect !== 'bash' && !/^[\w.+-]+$/.test(name.text))
      throw new SyntaxFault(
        this.dialect === 'dash' ? 'Syntax error: Bad function name' : 'syntax error: bad function name',
        this.line,
      )
    return this.functionBody(name)
  }

  private declares(node: NodeOf<'simple'>): boolean {
    const [name] = node.words
    return name?.fixed !== undefined && declarations[this.dialect].has(name.fixed)
  }

  /** An argument of `export`, `declare` and their like that is an assignment: it is not split. */
  private declaration(node: NodeOf<'simple'>, token: Token): boolean {
    const match = /^([A-Za-z_][A-Za-z0-9_]*)\+?=/.exec(token.text)
    if (!match) return false
    if (this.dialect === 'bash' && token.text === match[0] && this.source[token.end] === '(') {
      const assignment = this.assignment(token)
      if (!assignment) return false
      node.lists ??= []
      node.lists.push({ at: node.words.length, assignment })
      node.words.push(makeText([{ t: 'text', text: match[1] ?? '', quoted: false }]))
      this.lastEnd = this.at
      return true
    }
    this.take()
    this.lastEnd = token.end
    const [head, ...rest] = token.word?.parts ?? []
    if (head?.t !== 'text' || head.quoted) return false
    const text = head.text.slice(match[0].length)
    const value = tildes([...(text === '' ? [] : [{ ...head, text }]), ...rest], true)
    node.words.push({ ...makeText([{ t: 'text', text: match[0], quoted: true }, ...value]), single: true })
    return true
  }

  /** An assignment in front of a command, taken; undefined when the token is none. */
  private assignment(token: Token): Assignment | undefined {
    const match = /^([A-Za-z_][A-Za-z0-9_]*)(\+?)=/.exec(token.text)
    if (!match) return this.dialect === 'bash' ? this.elementAssignment(token) : undefined
    const [head, ...rest] = token.word?.parts ?? []
    const [whole, name = '', plus] = match
    if (head?.t !== 'text' || head.quoted || !head.text.startsWith(whole)) return undefined
    if (plus === '+' && this.dialect !== 'bash') return undefined
    const append = plus === '+'
    if (this.dialect === 'bash' && token.text === whole && this.source[token.end] === '(')
      return { name, value: { parts: [] }, append, list: this.arrayList(token.end) }
    this.take()
    const text = head.text.slice(whole.length)
    const parts: WordPart[] = [...(text === '' ? [] : [{ ...head, text }]), ...rest]
    return { name, value: makeText(tildes(parts, true)), append }
  }

  /** `name[subscript]=value`. */
  private elementAssignment(token: Token): Assignment | undefined {
    const name = /^([A-Za-z_][A-Za-z0-9_]*)\[/.exec(token.text)?.[1]
    if (name === undefined) return undefined
    const before = this.at
    this.at = token.start + name.length
    const subscript = this.subscript()
    const sign = subscript === undefined ? null : /^(\+?)=/.exec(this.source.slice(this.at, this.at + 2))
    if (!sign || subscript === undefined) {
      this.at = before
      return undefined
    }
    this.goTo(this.at + sign[0].length)
    const index = this.wholeWord(subscript)
    const value = this.word()
    return { name, value: makeText(tildes(value.parts, true)), append: sign[1] === '+', index }
  }

  /** `(…)` of an array, from its parenthesis on. */
  private arrayList(at: number): ListItem[] {
    this.goTo(at + 1)
    const items: ListItem[] = []
    for (;;) {
      this.skipBlanks()
      const char = this.source[this.at]
      if (char === '\n') {
        this.at++
        this.line++
        continue
      }
      if (char === ')') {
        this.goTo(this.at + 1)
        return items
      }
      if (char === undefined) this.unterminated(')')
      if ('|&;<>('.includes(char) && !/^[<>]\(/.test(this.source.slice(this.at, this.at + 2)))
        throw this.fault(this.peek())
      items.push(...this.arrayItems())
    }
  }

  private arrayItems(): ListItem[] {
    if (this.source[this.at] === '[') {
      const before = this.at
      const subscript = this.subscript()
      const sign = subscript === undefined ? null : /^(\+?)=/.exec(this.source.slice(this.at, this.at + 2))
      if (sign && subscript !== undefined) {
        this.at += sign[0].length
        const key = this.wholeWord(subscript)
        const value = makeText(this.word().parts)
        return [{ key, value, ...(sign[1] === '+' && { append: true }) }]
      }
      this.at = before
    }
    return this.braces(this.word()).map(value => ({ value }))
  }

  /** `{a,b}` and `{1..3}` of bash; the word itself elsewhere. */
  private braces(word: Word | undefined): Word[] {
    if (!word) return []
    return this.dialect === 'bash' ? expandBraces(word, this.line) : [word]
  }
}
