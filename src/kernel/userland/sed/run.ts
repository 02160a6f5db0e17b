/** Running a sed script over its input. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Proc, Routine } from '../../program.ts'
import { Failure } from '../lib/failure.ts'
import { readFile } from '../lib/input.ts'
import { Out } from '../lib/out.ts'
import type { Regex } from '../lib/regex/regex.ts'
import type { SedInput } from './input.ts'
import type { Address, Command } from './parse.ts'
import { substitute } from './substitute.ts'

export interface SedOptions {
  quiet: boolean
  gnu: boolean
  /** -s or -i: line numbers and `$` are each file's own. */
  separate: boolean
  posix: boolean
}

/** Commands that count as a millisecond of processor time: a script that branches without end uses it up. */
const turnsPerMs = 5000

interface RangeState {
  active: boolean
  until: number
}

export class Machine {
  private readonly p: Proc
  private readonly commands: readonly Command[]
  private readonly input: SedInput
  private readonly options: SedOptions
  private readonly ranges: RangeState[]
  private readonly files = new Map<string, Out>()
  private pattern = ''
  private hold = ''
  private holdNewline = true
  private appended: ({ text: string } | { file: string })[] = []
  private lastRegex: Regex | undefined
  private exit: number | undefined
  /** How the current line ended: an unfinished last line is printed without a newline. */
  private newline = true

  constructor(p: Proc, commands: readonly Command[], input: SedInput, options: SedOptions) {
    this.p = p
    this.commands = commands
    this.input = input
    this.options = options
    this.ranges = commands.map(() => ({ active: false, until: 0 }))
  }

  /** Runs to the end; returns the exit code of q, or 0. */
  *run(): Routine<number> {
    yield* this.openFiles()
    while (this.exit === undefined && (yield* this.load(false))) {
      let again = true
      while (again && this.exit === undefined) again = yield* this.cycle()
    }
    for (const out of this.files.values()) if (out !== this.input.out) yield* out.flush()
    return this.exit ?? 0
  }

  private *openFiles(): Routine<void> {
    for (const command of this.commands) {
      const path = command.name === 'w' || command.name === 'W' ? command.text : command.substitution?.file
      if (path === undefined || this.files.has(path)) continue
      if (path === '/dev/stdout') continue
      try {
        const flags = { write: true, create: true, truncate: true }
        const fd = path === '/dev/stderr' ? 2 : ((yield { op: 'open', path, flags, mode: 0o666 }) as number)
        this.files.set(path, new Out(fd))
      } catch (error) {
        if (!isErrno(error)) throw error
        throw new Failure(
          this.options.gnu ? `couldn't open file ${path}: ${error.message}` : `can't open '${path}': ${error.message}`,
          this.options.gnu ? 4 : 1,
        )
      }
    }
  }

  /** Brings the next line into the pattern space. */
  private *load(append: boolean): Routine<boolean> {
    const line = yield* this.input.next()
    if (line === undefined) return false
    this.pattern = append ? `${this.pattern}\n${line}` : line
    this.newline = this.input.newline
    return true
  }

  /** One pass through the script. Returns true when D starts it again without a new line. */
  private *cycle(): Routine<boolean> {
    let turns = 0
    let replaced = false
    let restart = false
    let deleted = false
    run: for (let at = 0; at < this.commands.length; at++) {
      if (++turns % turnsPerMs === 0) yield { op: 'cpu', ms: 1 }
      const command = this.commands[at]
      if (!command) break
      if ((yield* this.selects(command, at)) === command.negated) {
        if (command.name === '{') at = command.target
        continue
      }
      switch (command.name) {
        case 'a':
          this.appended.push({ text: command.text })
          break
        case 'r':
          this.appended.push({ file: command.text })
          break
        case 'i':
          yield* this.write(command.text)
          break
        case 'c':
          if (!command.to || command.negated || !this.ranges[at]?.active) yield* this.write(command.text)
          deleted = true
          break run
        case '=':
          yield* this.write(`${this.input.line}\n`)
          break
        case 'd':
          deleted = true
          break run
        case 'D':
          if (this.pattern.includes('\n')) {
            this.pattern = this.pattern.slice(this.pattern.indexOf('\n') + 1)
            restart = true
          }
          deleted = true
          break run
        case 'F':
          yield* this.write(`${this.input.file}\n`)
          break
        case 'g':
          this.pattern = this.hold
          this.newline = this.holdNewline
          break
        case 'G':
          this.pattern += `\n${this.hold}`
          this.newline ||= this.holdNewline
          break
        case 'h':
          this.hold = this.pattern
          this.holdNewline = this.newline
          break
        case 'H':
          this.hold += `\n${this.pattern}`
          this.holdNewline ||= this.newline
          break
        case 'x':
          ;[this.pattern, this.hold] = [this.hold, this.pattern]
          ;[this.newline, this.holdNewline] = [this.holdNewline, this.newline]
          break
        case 'l':
          if (this.options.gnu) yield* this.write(visible(this.pattern, Number(command.text || 70)))
          break
        case 'n':
          if (!this.options.quiet && ((yield* this.input.more()) || this.options.gnu || !this.options.posix)) {
            if (!(yield* this.input.more())) break run
            yield* this.print(this.pattern)
          } else if (!(yield* this.input.more())) {
            deleted = true
            this.exit = 0
            break run
          }
          yield* this.flushAppended()
          if (!(yield* this.load(false))) this.exit = 0
          break
        case 'N':
          if (!(yield* this.input.more())) {
            // GNU prints the pattern space when there is no next line; POSIX does not.
            deleted = this.options.posix
            this.exit = 0
            break run
          }
          yield* this.flushAppended()
          yield* this.load(true)
          break
        case 'p':
          yield* this.print(this.pattern)
          break
        case 'P':
          if (!this.options.gnu || this.pattern.includes('\n'))
            yield* this.write(`${this.pattern.split('\n', 1)[0] ?? ''}\n`)
          else yield* this.print(this.pattern)
          break
        case 'q':
        case 'Q':
          this.exit = Number(command.text || 0)
          deleted = command.name === 'Q'
          break run
        case 's': {
          const s = command.substitution
          const regex = s && this.regexOf(s.regex)
          if (!s || !regex) break
          const result = substitute(this.pattern, regex, s)
          if (!result.replaced) break
          this.pattern = result.text
          replaced = true
          for (let n = 0; n < s.print; n++) yield* this.print(this.pattern)
          if (s.file !== undefined) yield* this.writeTo(s.file, this.pattern + (this.newline ? '\n' : ''))
          break
        }
        case 'y':
          this.pattern = Array.from(this.pattern, char => command.map?.get(char) ?? char).join('')
          break
        case 'w':
          yield* this.writeTo(command.text, this.pattern + (this.newline ? '\n' : ''))
          break
        case 'W':
          yield* this.writeTo(command.text, `${this.pattern.split('\n', 1)[0] ?? ''}\n`)
          break
        case 'z':
          this.pattern = ''
          break
        case 'b':
          at = command.target - 1
          break
        case 't':
          if (replaced) at = command.target - 1
          replaced = false
          break
        case 'T':
          if (!replaced) at = command.target - 1
          replaced = false
          break
      }
    }
    if (!deleted && !this.options.quiet) yield* this.print(this.pattern)
    yield* this.flushAppended()
    return restart
  }

  private *print(text: string): Routine<void> {
    yield* this.write(this.newline ? `${text}\n` : text, this.newline)
  }

  /** Writes to the output; an unfinished line before it gets its newline first. */
  private *write(text: string, complete = true): Routine<void> {
    const { input } = this
    input.out.put((input.unfinished ? '\n' : '') + text)
    input.unfinished = !complete
    if (input.out.full) yield* input.out.flush()
  }

  private *writeTo(path: string, text: string): Routine<void> {
    if (path === '/dev/stdout') return yield* this.write(text)
    const out = this.files.get(path)
    if (out) yield* out.write(text)
  }

  private *flushAppended(): Routine<void> {
    const appended = this.appended
    this.appended = []
    for (const one of appended) {
      if ('text' in one) yield* this.write(one.text)
      else {
        try {
          const text = yield* readFile(this.p, one.file)
          if (text !== '') yield* this.write(text, true)
          this.input.unfinished = text !== '' && !text.endsWith('\n')
        } catch (error) {
          // A file that cannot be read counts as empty.
          if (!isErrno(error)) throw error
        }
      }
    }
  }

  private regexOf(regex: Regex | undefined): Regex {
    const used = regex ?? this.lastRegex
    if (!used) throw new Failure(this.options.gnu ? 'no previous regular expression' : 'no previous regexp')
    this.lastRegex = used
    return used
  }

  private *selects(command: Command, index: number): Routine<boolean> {
    const { from, to } = command
    if (!from) return true
    if (!to) return yield* this.matches(from)
    const range = this.ranges[index]
    if (!range) return false
    const { line } = this.input
    if (!range.active) {
      const zero = this.options.gnu && from.kind === 'line' && from.line === 0 && line === 1
      if (!zero && !(yield* this.matches(from))) return false
      range.active = true
      if (to.kind === 'plus') range.until = line + to.count
      else if (to.kind === 'multiple') range.until = to.of === 0 ? line : Math.ceil(line / to.of) * to.of
      else range.until = to.kind === 'line' ? to.line : Number.POSITIVE_INFINITY
      if (to.kind === 'regex' && !zero) return true
      if (to.kind === 'regex') {
        if (this.regexOf(to.regex).test(this.pattern)) range.active = false
        return true
      }
      if (line >= range.until || (to.kind === 'last' && (yield* this.input.isLast()))) range.active = false
      return true
    }
    if (to.kind === 'regex') {
      if (this.regexOf(to.regex).test(this.pattern)) range.active = false
    } else if (to.kind === 'last') {
      if (yield* this.input.isLast()) range.active = false
    } else if (line >= range.until) {
      range.active = false
      // A range whose end is already past covers one line.
      if (line > range.until && to.kind === 'line') return yield* this.matches(from)
    }
    return true
  }

  private *matches(address: Address): Routine<boolean> {
    switch (address.kind) {
      case 'line':
        return this.input.line === address.line
      case 'last':
        return yield* this.input.isLast()
      case 'step':
        if (address.step === 0) return this.input.line === address.first
        return this.input.line >= address.first && (this.input.line - address.first) % address.step === 0
      case 'regex':
        return this.regexOf(address.regex).test(this.pattern)
      default:
        return false
    }
  }
}

/** What `l` prints: escapes for what is not printable, folded at a width. */
function visible(text: string, width: number): string {
  const names: Record<string, string> = {
    '\\': '\\\\',
    '\x07': '\\a',
    '\b': '\\b',
    '\f': '\\f',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    '\v': '\\v',
  }
  let result = ''
  let column = 0
  for (const char of text) {
    const code = char.charCodeAt(0)
    const piece =
      (Object.hasOwn(names, char) ? names[char] : undefined) ??
      (code < 32 || code > 126 ? `\\${code.toString(8).padStart(3, '0')}` : char)
    if (width > 1 && column + piece.length > width - 1) {
      result += '\\\n'
      column = 0
    }
    result += piece
    column += piece.length
  }
  return `${result}$\n`
}
