/** sed scripts to commands. */
import { Failure } from '../lib/failure.ts'
import { Regex, RegexError } from '../lib/regex/regex.ts'

export type Address =
  | { kind: 'line'; line: number }
  | { kind: 'last' }
  | { kind: 'step'; first: number; step: number }
  /** undefined: the last expression used. */
  | { kind: 'regex'; regex: Regex | undefined }
  /** Second addresses only: `+N`, `~N`. */
  | { kind: 'plus'; count: number }
  | { kind: 'multiple'; of: number }

export interface Substitution {
  regex: Regex | undefined
  replacement: Replacement[]
  global: boolean
  nth: number
  print: number
  evaluate: boolean
  file: string | undefined
}

/** A piece of a replacement: text, a group, or a change of case for what follows. */
export type Replacement = string | { group: number } | { change: 'U' | 'L' | 'u' | 'l' | 'E' }

export interface Command {
  from: Address | undefined
  to: Address | undefined
  negated: boolean
  name: string
  /** Text of a, i, c; label of b, t, T; file of r, w; exit code of q. */
  text: string
  /** Where a branch or a closed block leads. */
  target: number
  substitution: Substitution | undefined
  map: ReadonlyMap<string, string> | undefined
}

export interface ScriptOptions {
  extended: boolean
  gnu: boolean
}

/** Parses the pieces of a script (each -e or -f is one, joined by newlines). Throws Failure in sed's words. */
export function parseScript(text: string, options: ScriptOptions): Command[] {
  return new Parser(text, options).parse()
}

class Parser {
  private at = 0
  private readonly text: string
  private readonly options: ScriptOptions

  constructor(text: string, options: ScriptOptions) {
    this.text = text
    this.options = options
  }

  parse(): Command[] {
    const commands: Command[] = []
    const open: number[] = []
    for (;;) {
      this.skip(/[ \t\n;]*/y)
      if (this.at >= this.text.length) break
      if (this.text[this.at] === '#') {
        this.skip(/[^\n]*/y)
        continue
      }
      const command = this.command()
      if (command.name === '{') open.push(commands.length)
      else if (command.name === '}') {
        const start = open.pop()
        if (start === undefined) {
          if (this.options.gnu) this.fail("unexpected `}'", '')
        } else {
          const block = commands[start]
          if (block) block.target = commands.length
        }
      }
      commands.push(command)
    }
    if (open.length > 0 && this.options.gnu) this.fail("unmatched `{'", '', 0)
    // Busybox lets an open block reach to the end.
    for (const start of open) {
      const block = commands[start]
      if (block) block.target = commands.length
    }
    this.resolve(commands)
    return commands
  }

  private resolve(commands: Command[]): void {
    const labels = new Map<string, number>()
    commands.forEach((command, index) => {
      if (command.name === ':') labels.set(command.text, index)
    })
    for (const command of commands) {
      if (!'btT'.includes(command.name)) continue
      const target = command.text === '' ? commands.length : labels.get(command.text)
      if (target === undefined) {
        throw new Failure(
          `can't find label for jump to ${this.options.gnu ? '`' : "'"}${command.text}'`,
          this.options.gnu ? 4 : 1,
        )
      }
      command.target = target
    }
  }

  private skip(pattern: RegExp): string {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0] ?? ''
    this.at += found.length
    return found
  }

  private fail(gnu: string, busybox: string, char = this.at): never {
    throw new Failure(this.options.gnu ? `-e expression #1, char ${char}: ${gnu}` : busybox)
  }

  private command(): Command {
    const from = this.address(false)
    let to: Address | undefined
    if (from) {
      this.skip(/[ \t]*/y)
      if (this.text[this.at] === ',') {
        this.at++
        this.skip(/[ \t]*/y)
        to = this.address(true)
        if (!to) this.fail("unexpected `,'", 'no address after comma')
      }
    }
    this.skip(/[ \t]*/y)
    let negated = false
    while (this.text[this.at] === '!') {
      negated = true
      this.at++
      this.skip(/[ \t]*/y)
    }
    const name = this.text[this.at]
    if (name === undefined || name === '\n') this.fail('missing command', 'missing command')
    this.at++
    const command: Command = { from, to, negated, name, text: '', target: -1, substitution: undefined, map: undefined }
    this.argument(command)
    return command
  }

  private argument(command: Command): void {
    switch (command.name) {
      case '{':
        return
      case '}':
      case '=':
      case 'd':
      case 'D':
      case 'g':
      case 'G':
      case 'h':
      case 'H':
      case 'n':
      case 'N':
      case 'p':
      case 'P':
      case 'x':
      case 'z':
      case 'F':
        if (command.name === '}' && command.from) this.fail("} doesn't want any addresses", 'unexpected }')
        this.end()
        return
      case 'l':
      case 'q':
      case 'Q':
      case 'L':
        this.skip(/[ \t]*/y)
        if (this.options.gnu) command.text = this.skip(/\d*/y)
        this.end()
        return
      case ':':
        if (command.from) this.fail(": doesn't want any addresses", ": doesn't want any addresses")
        this.skip(/[ \t]*/y)
        command.text = this.skip(/[^\n;]*/y).trimEnd()
        if (command.text === '') this.fail('":" lacks a label', '":" lacks a label')
        return
      case 'b':
      case 't':
      case 'T':
        this.skip(/[ \t]*/y)
        command.text = this.skip(/[^\n;}]*/y).trimEnd()
        return
      case 'r':
      case 'R':
      case 'w':
      case 'W':
        this.skip(/[ \t]*/y)
        command.text = this.skip(/[^\n]*/y)
        if (command.text === '') this.fail('missing filename in r/R/w/W commands', 'empty filename')
        return
      case 'a':
      case 'i':
      case 'c':
        command.text = this.lines()
        return
      case 's':
        command.substitution = this.substitution()
        return
      case 'y':
        command.map = this.transliteration()
        this.end()
        return
    }
    this.fail(`unknown command: \`${command.name}'`, `unsupported command ${command.name}`)
  }

  /** Nothing but blanks, `;`, `}`, a comment or a newline may follow. */
  private end(): void {
    this.skip(/[ \t]*/y)
    const next = this.text[this.at]
    if (next === undefined || next === ';' || next === '\n' || next === '}' || next === '#') return
    // Busybox takes what follows for another command.
    if (!this.options.gnu) return
    this.at++
    this.fail('extra characters after command', 'extra characters after command')
  }

  /** The text of a, i and c: after a backslash and newline, or (GNU) in the same line. */
  private lines(): string {
    this.skip(/[ \t]*/y)
    if (this.text[this.at] === '\\') {
      this.at++
      const blank = this.skip(/[ \t]*/y)
      if (this.text[this.at] === '\n') this.at++
      else this.at -= blank.length
    } else if (this.options.gnu && (this.at >= this.text.length || this.text[this.at] === '\n')) {
      this.fail("expected \\ after `a', `c' or `i'", '')
    }
    let text = ''
    for (; this.at < this.text.length; this.at++) {
      const char = this.text[this.at] ?? ''
      if (char === '\n') break
      if (char === '\\') {
        this.at++
        const next = this.text[this.at] ?? ''
        text += next === 't' ? '\t' : next === 'n' ? '\n' : next
      } else text += char
    }
    return `${text}\n`
  }

  private address(second: boolean): Address | undefined {
    const char = this.text[this.at] ?? ''
    if (/\d/.test(char)) {
      const line = Number(this.skip(/\d+/y))
      if (this.text[this.at] !== '~' || second || !this.options.gnu) return { kind: 'line', line }
      this.at++
      return { kind: 'step', first: line, step: Number(this.skip(/\d*/y) || 0) }
    }
    if (char === '$') {
      this.at++
      return { kind: 'last' }
    }
    if (second && (char === '+' || char === '~')) {
      this.at++
      const count = Number(this.skip(/\d+/y) || 0)
      return char === '+' ? { kind: 'plus', count } : { kind: 'multiple', of: count }
    }
    if (char !== '/' && char !== '\\') return undefined
    if (char === '\\') this.at++
    const source = this.delimited(true)
    if (source === undefined) this.fail('unterminated address regex', "unmatched '/'")
    const flags = this.skip(/[IM]*/y)
    return { kind: 'regex', regex: this.regex(source, flags) }
  }

  private regex(source: string, flags: string): Regex | undefined {
    if (source === '') return undefined
    try {
      return new Regex(source, {
        extended: this.options.extended,
        ignoreCase: /[Ii]/.test(flags),
        multiline: /[Mm]/.test(flags),
      })
    } catch (error) {
      if (!(error instanceof RegexError)) throw error
      this.fail(error.message, `bad regex '${source}': ${error.message}`)
    }
  }

  /**
   * Text up to the delimiter at the current place. `\n` becomes a newline, an escaped delimiter itself; in a
   * regular expression brackets may hold the delimiter.
   */
  private delimited(regex: boolean): string | undefined {
    const delimiter = this.text[this.at++] ?? ''
    let result = ''
    while (this.at < this.text.length) {
      const char = this.text[this.at++] ?? ''
      if (char === delimiter) return result
      if (char === '\n' && (regex || !this.options.gnu)) return undefined
      if (char === '[' && regex) {
        result += char + this.bracket()
        continue
      }
      if (char !== '\\') {
        result += char
        continue
      }
      const next = this.text[this.at++]
      if (next === undefined) return undefined
      if (next === delimiter)
        result += regex && (!this.options.gnu || this.isOperator(delimiter)) ? `\\${delimiter}` : next
      else if (next === 'n' && regex) result += '\n'
      else if (next === 't' && regex) result += '\t'
      else result += `\\${next}`
    }
    return undefined
  }

  /** Whether a delimiter that is escaped would mean something else bare: then it stays escaped. */
  private isOperator(delimiter: string): boolean {
    return /[.*[\]^$]/.test(delimiter) || (this.options.extended && /[+?(){}|]/.test(delimiter))
  }

  /** The rest of a bracket expression, `\n` and `\t` replaced. */
  private bracket(): string {
    const start = this.at
    let at = this.at
    if (this.text[at] === '^') at++
    if (this.text[at] === ']') at++
    while (at < this.text.length && this.text[at] !== ']' && this.text[at] !== '\n') {
      const named = /^\[([:.=])/.exec(this.text.slice(at, at + 2))
      const close = named ? this.text.indexOf(`${named[1] ?? ''}]`, at + 2) : -1
      at = close === -1 ? at + 1 : close + 2
    }
    if (this.text[at] !== ']') return ''
    this.at = at + 1
    return this.text.slice(start, this.at).replace(/\\n/g, '\n').replace(/\\t/g, '\t').replace(/\\]/g, '\\]')
  }

  private substitution(): Substitution {
    const delimiterAt = this.at
    const source = this.delimited(true)
    if (source === undefined) this.fail("unterminated `s' command", `unmatched '${this.text[delimiterAt] ?? ''}'`)
    this.at--
    const replacement = this.delimited(false)
    if (replacement === undefined) this.fail("unterminated `s' command", `unmatched '${this.text[delimiterAt] ?? ''}'`)
    const flags = this.skip(/[gpiIeEmM\d]*/y)
    const substitution: Substitution = {
      regex: this.regex(source, flags),
      replacement: parseReplacement(replacement, this.options.gnu),
      global: flags.includes('g'),
      nth: flags.includes('g') && !this.options.gnu ? 0 : Number(/\d+/.exec(flags)?.[0] ?? 0),
      print: (flags.match(/p/g) ?? []).length,
      evaluate: flags.includes('e'),
      file: undefined,
    }
    if (this.options.gnu && /\d/.test(flags) && substitution.nth === 0)
      this.fail("number option to `s' command may not be zero", 'bad option in substitution expression')
    if (this.text[this.at] === 'w') {
      this.at++
      this.skip(/[ \t]*/y)
      substitution.file = this.skip(/[^\n]*/y)
      return substitution
    }
    this.skip(/[ \t]*/y)
    const next = this.text[this.at]
    if (next !== undefined && !/[;\n}#]/.test(next)) {
      this.at++
      this.fail("unknown option to `s'", 'bad option in substitution expression')
    }
    const groups = Math.max(
      0,
      ...substitution.replacement.map(part => (typeof part === 'object' && 'group' in part ? part.group : 0)),
    )
    if (this.options.gnu && substitution.regex && groups > substitution.regex.groups) {
      this.fail(
        `invalid reference \\${groups} on \`s' command's RHS`,
        `invalid reference \\${groups} on 's' command's RHS`,
      )
    }
    return substitution
  }

  private transliteration(): ReadonlyMap<string, string> {
    const from = this.delimited(false)
    if (from === undefined) this.fail("unterminated `y' command", "unmatched '/'")
    this.at--
    const to = this.delimited(false)
    if (to === undefined) this.fail("unterminated `y' command", "unmatched '/'")
    const chars = (text: string) => [
      ...text.replace(/\\(.)/gs, (_, c: string) => (c === 'n' ? '\n' : c === 't' ? '\t' : c === '\\' ? '\\' : c)),
    ]
    const [left, right] = [chars(from), chars(to)]
    if (this.options.gnu && left.length !== right.length) this.fail("strings for `y' command are different lengths", '')
    return new Map(left.map((char, index) => [char, right[index] ?? char]))
  }
}

function parseReplacement(text: string, gnu: boolean): Replacement[] {
  const parts: Replacement[] = []
  let plain = ''
  const flush = () => {
    if (plain !== '') parts.push(plain)
    plain = ''
  }
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '&') {
      flush()
      parts.push({ group: 0 })
      continue
    }
    if (char !== '\\') {
      plain += char
      continue
    }
    const next = text.charAt(++at)
    if (/\d/.test(next)) {
      flush()
      parts.push({ group: Number(next) })
    } else if (next === 'n') plain += '\n'
    else if (next === 't') plain += '\t'
    else if (gnu && (next === 'U' || next === 'L' || next === 'u' || next === 'l' || next === 'E')) {
      flush()
      parts.push({ change: next })
    } else plain += next
  }
  flush()
  return parts
}
