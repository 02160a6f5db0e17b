/**
 * Word expansion (POSIX 2.6). It is a function of the shell's state and of a memo: whatever has an effect or takes
 * time is done once, noted, and read from the memo when the expansion is run again. A command substitution that
 * is not in the memo yet ends it with `NeedSubstitution`.
 */
import type { MachineProc } from '../program.ts'
import { ArithError, evaluate } from './arith.ts'
import { assignElement, elementOf } from './arrays.ts'
import type { CommandPart, Word, WordPart } from './ast.ts'
import type { Dialect } from './dialect.ts'
import { dynamicVariable, isDynamic } from './dynamic.ts'
import { escapePattern, type Field, type Piece, splitFields, wildcard } from './fields.ts'
import { type GlobOptions, glob } from './glob.ts'
import { type Memo, once, whole } from './memo.ts'
import { parameter } from './parameter.ts'
import { getVariable, has, type ShellState, scalar, setVariable, type Variable } from './state.ts'

/** Thrown for a command whose output is not there yet. No error, so that no stack is taken. */
export class NeedSubstitution {
  readonly part: CommandPart
  constructor(part: CommandPart) {
    this.part = part
  }
}

/** An expansion that fails ends the command, and a script. The message has no prefix. */
export class ExpansionError extends Error {
  override readonly name = 'ExpansionError'
  readonly status: number | undefined
  constructor(message: string, status?: number) {
    super(message)
    this.status = status
  }
}

export interface ExpandContext extends Memo {
  p: MachineProc
  state: ShellState
  dialect: Dialect
}

/** Words as a command gets them: expanded, split, matched against file names. */
export function expandWords(context: ExpandContext, words: readonly Word[]): string[] {
  const out: string[] = []
  for (const word of words) expandInto(context, word, out)
  return out
}

/** Text that is neither split nor a pattern, as long as IFS is what it is at the start. */
const plainText = /^[\w%+,./:=@-]+$/
const usualIfs = ' \t\n'

function expandInto(context: ExpandContext, word: Word, out: string[]): void {
  if (word.fixed !== undefined) {
    out.push(word.fixed)
    return
  }
  if (word.single) {
    out.push(whole(context, () => expandString(context, word)))
    return
  }
  const [first] = word.parts
  if (word.parts.length === 1 && first?.t === 'param') expandedInto(context, word, out)
  else for (const text of whole(context, () => expandedInto(context, word, []))) out.push(text)
}

function expandedInto(context: ExpandContext, word: Word, out: string[]): string[] {
  const all = pieces(context, word.parts, true)
  const [only] = all
  const ifs = getVariable(context.state, 'IFS')?.value ?? usualIfs
  if (only && all.length === 1 && !only.cut) {
    if (only.quoted || (ifs === usualIfs && plainText.test(only.text))) {
      out.push(only.text)
      return out
    }
  }
  for (const field of splitFields(all, ifs)) matchFiles(context, field, out)
  return out
}

/** A word as one string: assignments, redirection targets, case words, here-documents. */
export function expandString(context: ExpandContext, word: Word): string {
  if (word.fixed !== undefined) return word.fixed
  let text = ''
  for (const piece of pieces(context, word.parts, false)) text += piece.cut ? ' ' : piece.text
  return text
}

/** A pattern: quoted characters are escaped. */
export function expandPattern(context: ExpandContext, word: Word): string {
  let text = ''
  for (const piece of pieces(context, word.parts, false)) text += piece.quoted ? escapePattern(piece.text) : piece.text
  return text
}

/** The pieces that parts of a word become. */
export function pieces(context: ExpandContext, parts: readonly WordPart[], fields: boolean): Piece[] {
  const out: Piece[] = []
  for (const part of parts) {
    switch (part.t) {
      case 'text':
        out.push({ text: part.text, quoted: part.quoted, split: false })
        break
      case 'tilde':
        out.push({ text: home(context, part.user), quoted: true, split: false })
        break
      case 'command':
      case 'process': {
        if (context.at >= context.memo.length) throw new NeedSubstitution(part)
        const text = String(context.memo[context.at++])
        const quoted = part.t === 'process' || part.quoted
        out.push({ text, quoted, split: !quoted })
        break
      }
      case 'arith': {
        const text = arithmetic(context, expandString(context, part.expression))
        out.push({ text, quoted: part.quoted, split: !part.quoted })
        break
      }
      case 'param':
        if (part.op === undefined && part.index === undefined && !part.length && !part.form && !part.bad) {
          const value = simpleValue(context, part.name)
          if (value !== undefined) {
            out.push({ text: value, quoted: part.quoted, split: !part.quoted })
            break
          }
        }
        out.push(...parameter(context, part, fields))
    }
  }
  return out
}

/** A variable that is set; undefined where more has to be known. */
function simpleValue(context: ExpandContext, name: string): string | undefined {
  const code = name.charCodeAt(0)
  const isName = code >= 65 && code !== 94 && code !== 64
  return isName && !isDynamic(context.dialect, name) ? scalar(getVariable(context.state, name)) : undefined
}

/** A variable as it is now, whoever gives it its value. */
export function find(context: ExpandContext, name: string): Variable | undefined {
  return dynamicVariable(context, name) ?? getVariable(context.state, name)
}

function home(context: ExpandContext, user: string): string {
  const { state, dialect } = context
  if (user === '') return getVariable(state, 'HOME')?.value ?? '~'
  if (dialect === 'bash' && (user === '+' || user === '-'))
    return getVariable(state, user === '+' ? 'PWD' : 'OLDPWD')?.value ?? `~${user}`
  const found = once(context, () => {
    const known = ['root', ...names(context.p, '/home')].includes(user)
    return known ? (user === 'root' ? '/root' : `/home/${user}`) : null
  })
  return found ?? `~${user}`
}

/** Directory entries are enough for `~user`: the file of users is not read. */
function names(p: MachineProc, path: string): string[] {
  try {
    return p.readdir(path).map(entry => entry.name)
  } catch {
    return []
  }
}

/** The value of `$((text))` in decimal. */
export function arithmetic(context: ExpandContext, text: string): string {
  return once(context, () => {
    try {
      return String(evaluate(text, arithVariables(context)))
    } catch (error) {
      if (error instanceof ArithError) throw new ExpansionError(error.message)
      throw error
    }
  })
}

function arithVariables(context: ExpandContext): Parameters<typeof evaluate>[1] {
  const { state, dialect } = context
  return {
    dialect,
    get: (name, subscript) => {
      const variable = find(context, name)
      const value = subscript === undefined ? scalar(variable) : elementOf(context, variable, subscript)
      if (value === undefined && has(state, 'u') && dialect !== 'busybox') throw unsetError(context, name)
      return value ?? ''
    },
    set: (name, subscript, value) => {
      if (subscript === undefined) setVariable(state, name, value)
      else assignElement(context, name, subscript, value)
    },
  }
}

/** What `set -u` says. */
export function unsetError({ dialect }: ExpandContext, name: string): ExpansionError {
  return dialect === 'bash'
    ? new ExpansionError(`${name}: unbound variable`, 127)
    : new ExpansionError(`${name}: parameter not set`)
}

/** How file names and patterns are matched here. */
export function patternOptions({ state, dialect }: ExpandContext): GlobOptions {
  if (dialect !== 'bash') return {}
  const { extglob = false, nocasematch = false } = state.shopt ?? {}
  return { extglob, ignoreCase: nocasematch }
}

function matchFiles(context: ExpandContext, field: Field, out: string[]): void {
  const { state } = context
  const { nullglob, failglob, globstar, dotglob, nocaseglob, extglob } = state.shopt ?? {}
  if (!field.glob || has(state, 'f') || !wildcard.test(field.pattern.replace(/\\[\s\S]/g, ''))) {
    out.push(field.text)
    return
  }
  const found = once(context, () =>
    glob(context.p, field.pattern, {
      globstar: globstar === true,
      dotglob: dotglob === true,
      ignoreCase: nocaseglob === true,
      extglob: extglob === true,
    }),
  ) as string[]
  if (found.length > 0) for (const name of found) out.push(name)
  else if (failglob) throw new ExpansionError(`no match: ${field.text}`, 1)
  else if (!nullglob) out.push(field.text)
}
