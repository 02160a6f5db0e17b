/**
 * Word expansion (POSIX 2.6). It is a function of the shell's state and of a memo: whatever has an effect or takes
 * time is done once, noted, and read from the memo when the expansion is run again. A command substitution that
 * is not in the memo yet ends it with `NeedSubstitution`.
 */
import type { Json, MachineProc } from '../program.ts'
import { fnmatch } from '../userland/lib/fnmatch.ts'
import { ArithError, evaluate } from './arith.ts'
import type { Word, WordPart } from './ast.ts'
import type { Dialect } from './dialect.ts'
import { getVariable, has, type ShellState, setVariable } from './state.ts'

export class NeedSubstitution extends Error {
  readonly source: string
  constructor(source: string) {
    super('substitution')
    this.source = source
  }
}

/** An expansion that fails ends the command, and a script. The message has no prefix. */
export class ExpansionError extends Error {
  override readonly name = 'ExpansionError'
}

export interface ExpandContext {
  p: MachineProc
  state: ShellState
  dialect: Dialect
  memo: Json[]
  /** Position in the memo; starts at 0 with every run. */
  at: number
}

/** A piece of an expanded word: whether it may still be split, and whether its wildcards are wildcards. */
interface Piece {
  text: string
  quoted: boolean
  /** From an unquoted expansion: split at IFS. */
  split: boolean
  /** A field ends here ("$@"). */
  cut?: boolean
}

/** Does something once, however often the expansion runs. */
function once<T extends Json>(context: ExpandContext, act: () => T): T {
  if (context.at < context.memo.length) return context.memo[context.at++] as T
  const value = act()
  context.memo.push(value)
  context.at++
  return value
}

/** Words as a command gets them: expanded, split, matched against file names. */
export function expandWords(context: ExpandContext, words: readonly Word[]): string[] {
  return words.flatMap(word => {
    const only = word.parts.length === 1 ? word.parts[0] : undefined
    if (only?.t === 'text' && only.quoted) return [only.text]
    if (only?.t === 'text' && !/[*?[\\]/.test(only.text)) return [only.text]
    return splitFields(context, pieces(context, word.parts, true)).flatMap(field => matchFiles(context, field))
  })
}

/** A word as one string: assignments, redirection targets, case words, here-documents. */
export function expandString(context: ExpandContext, word: Word): string {
  return pieces(context, word.parts, false)
    .map(piece => (piece.cut ? ' ' : piece.text))
    .join('')
}

/** A pattern: quoted characters are escaped. */
export function expandPattern(context: ExpandContext, word: Word): string {
  return pieces(context, word.parts, false)
    .map(piece => (piece.quoted ? escapePattern(piece.text) : piece.text))
    .join('')
}

const escapePattern = (text: string): string => text.replace(/[\\*?[\]]/g, '\\$&')

function pieces(context: ExpandContext, parts: readonly WordPart[], fields: boolean): Piece[] {
  return parts.flatMap((part): Piece[] => {
    switch (part.t) {
      case 'text':
        return [{ text: part.text, quoted: part.quoted, split: false }]
      case 'tilde':
        return [{ text: home(context, part.user), quoted: true, split: false }]
      case 'command': {
        if (context.at >= context.memo.length) throw new NeedSubstitution(part.source)
        const text = String(context.memo[context.at++])
        return [{ text, quoted: part.quoted, split: !part.quoted }]
      }
      case 'arith':
        return [
          {
            text: arithmetic(context, expandString(context, part.expression)),
            quoted: part.quoted,
            split: !part.quoted,
          },
        ]
      case 'param':
        return parameter(context, part, fields)
      default:
        return []
    }
  })
}

function home(context: ExpandContext, user: string): string {
  if (user === '') return getVariable(context.state, 'HOME')?.value ?? '~'
  const found = once(context, () => {
    try {
      const fd = context.p.open('/etc/passwd', { read: true })
      context.p.close(fd)
      return homes(context.p).find(([name]) => name === user)?.[1] ?? null
    } catch {
      return null
    }
  })
  return found ?? `~${user}`
}

/** Names and home directories; the file is small, and its directory entries are enough for `~user`. */
function homes(p: MachineProc): [string, string][] {
  return ['root', ...names(p, '/home')].map(name => [name, name === 'root' ? '/root' : `/home/${name}`])
}

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
      const value = evaluate(text, {
        get: name => special(context, name) ?? getVariable(context.state, name)?.value ?? '',
        set: (name, value) => setVariable(context.state, name, value),
      })
      return String(value)
    } catch (error) {
      if (error instanceof ArithError)
        throw new ExpansionError(
          context.dialect === 'bash' && error.message === 'divide by zero'
            ? `${text}: division by 0 (error token is "0")`
            : error.message,
        )
      throw error
    }
  })
}

/** Parameters that are not variables; undefined for those that are, or that are not set. */
function special(context: ExpandContext, name: string): string | undefined {
  const { state, p } = context
  if (/^\d+$/.test(name)) return name === '0' ? state.arg0 : state.args[Number(name) - 1]
  switch (name) {
    case '?':
      return String(state.status)
    case '$':
      return String(state.mainPid)
    case '!':
      return state.lastBackground === 0 ? undefined : String(state.lastBackground)
    case '#':
      return String(state.args.length)
    case '-':
      return state.options
    case 'LINENO':
      return String(state.line)
    case 'PPID':
      return getVariable(state, 'PPID')?.value ?? String(once(context, () => p.ppid))
    case 'RANDOM':
      return context.dialect === 'dash'
        ? undefined
        : String(
            once(context, () => {
              const [high = 0, low = 0] = p.random(2)
              return ((high << 8) | low) & 0x7fff
            }),
          )
    case 'SECONDS':
      return context.dialect === 'dash' ? undefined : String(once(context, () => Math.floor(p.uptimeMs() / 1000)))
    default:
      return undefined
  }
}

function valueOf(context: ExpandContext, name: string): string | undefined {
  return special(context, name) ?? getVariable(context.state, name)?.value
}

function parameter(context: ExpandContext, part: WordPart & { t: 'param' }, fields: boolean): Piece[] {
  const { state } = context
  const { name, quoted, op } = part
  const plain = (text: string): Piece[] => [{ text, quoted, split: !quoted }]
  if (name === '@' || name === '*') {
    if (part.length) return plain(String(state.args.length))
    const isSet =
      op?.startsWith(':') && op.length > 1 ? state.args.length > 0 && state.args.join('') !== '' : state.args.length > 0
    const handled =
      op === undefined || op === ':' || /[#%/]/.test(op) ? undefined : choose(context, part, isSet, fields)
    if (handled) return handled
    let args = state.args
    if (op === ':') {
      const offset = Number(arithmetic(context, part.arg ? expandString(context, part.arg) : '0'))
      const count = part.arg2 ? Number(arithmetic(context, expandString(context, part.arg2))) : undefined
      const all = offset === 0 ? [state.arg0, ...args] : args
      const from = offset === 0 ? 0 : offset > 0 ? offset - 1 : Math.max(0, args.length + offset)
      args = count === undefined ? all.slice(from) : all.slice(from, from + count)
    } else if (op !== undefined && /[#%/]/.test(op)) args = args.map(arg => trim(context, part, arg))
    return positional(context, args, name, quoted, fields)
  }
  const value = valueOf(context, name)
  if (part.length) {
    if (value === undefined && has(state, 'u')) throw unsetError(context, name)
    return plain(String((value ?? '').length))
  }
  if (op === undefined) {
    if (value === undefined && has(state, 'u')) throw unsetError(context, name)
    return plain(value ?? '')
  }
  const isSet = op.startsWith(':') && op.length > 1 ? value !== undefined && value !== '' : value !== undefined
  const handled = choose(context, part, isSet, fields)
  if (handled) return handled
  if (/[-=?]$/.test(op)) return plain(value ?? '')
  if (value === undefined && has(state, 'u')) throw unsetError(context, name)
  if (op === ':') return plain(substring(context, part, value ?? ''))
  return plain(trim(context, part, value ?? ''))
}

/** `-`, `=`, `?`, `+` and their colon forms where the operand is what counts; undefined where the value is. */
function choose(
  context: ExpandContext,
  part: WordPart & { t: 'param' },
  isSet: boolean,
  fields: boolean,
): Piece[] | undefined {
  const { op = '', arg = { parts: [] }, name, quoted } = part
  const operand = (): Piece[] => {
    const found = pieces(context, arg.parts, fields)
    // An operand that is not quoted is split like the value it stands for.
    return found.map(piece => (piece.quoted || piece.cut ? piece : { ...piece, split: !quoted, quoted }))
  }
  switch (op.at(-1)) {
    case '-':
      return isSet ? undefined : operand()
    case '+':
      return isSet ? operand() : []
    case '=': {
      if (isSet) return undefined
      const text = expandString(context, arg)
      once(context, () => {
        setVariable(context.state, name, text)
        return null
      })
      return [{ text, quoted, split: !quoted }]
    }
    case '?': {
      if (isSet) return undefined
      const text = expandString(context, arg)
      throw new ExpansionError(
        `${name}: ${text !== '' ? text : op === '?' ? 'parameter not set' : 'parameter not set or null'}`,
      )
    }
    default:
      return undefined
  }
}

function unsetError(context: ExpandContext, name: string): ExpansionError {
  return new ExpansionError(context.dialect === 'bash' ? `${name}: unbound variable` : `${name}: parameter not set`)
}

function positional(
  context: ExpandContext,
  args: readonly string[],
  name: string,
  quoted: boolean,
  fields: boolean,
): Piece[] {
  const ifs = getVariable(context.state, 'IFS')?.value ?? ' \t\n'
  if (quoted && (name === '*' || !fields))
    return [{ text: args.join(name === '*' ? ifs.slice(0, 1) : ' '), quoted: true, split: false }]
  if (quoted && args.length === 0) return [{ text: '', quoted: false, split: false }]
  return args.flatMap((arg, at): Piece[] => [
    ...(at > 0 ? [{ text: '', quoted, split: false, cut: true }] : []),
    { text: arg, quoted, split: !quoted },
  ])
}

function substring(context: ExpandContext, part: WordPart & { t: 'param' }, value: string): string {
  const read = (word: Word): number => Number(arithmetic(context, expandString(context, word)))
  const offset = part.arg ? read(part.arg) : 0
  const from = offset < 0 ? Math.max(0, value.length + offset) : offset
  if (!part.arg2) return value.slice(from)
  const count = read(part.arg2)
  return count < 0 ? value.slice(from, Math.max(from, value.length + count)) : value.slice(from, from + count)
}

/** `#`, `##`, `%`, `%%`, `/`, `//`. */
function trim(context: ExpandContext, part: WordPart & { t: 'param' }, value: string): string {
  const pattern = part.arg ? expandPattern(context, part.arg) : ''
  const op = part.op ?? ''
  if (op.startsWith('/')) return replace(context, part, value, pattern, op === '//')
  const longest = op.length === 2
  const lengths = Array.from({ length: value.length + 1 }, (_, at) => at)
  if (longest) lengths.reverse()
  // A pattern that is plain text is compared at once; long values must not cost their square.
  if (!/[*?[\\]/.test(pattern)) {
    if (op.startsWith('#')) return value.startsWith(pattern) ? value.slice(pattern.length) : value
    return value.endsWith(pattern) && pattern !== '' ? value.slice(0, -pattern.length) : value
  }
  for (const length of lengths) {
    const piece = op.startsWith('#') ? value.slice(0, length) : value.slice(value.length - length)
    if (fnmatch(pattern, piece)) return op.startsWith('#') ? value.slice(length) : value.slice(0, value.length - length)
  }
  return value
}

function replace(
  context: ExpandContext,
  part: WordPart & { t: 'param' },
  value: string,
  given: string,
  all: boolean,
): string {
  const text = part.arg2 ? expandString(context, part.arg2) : ''
  const anchor = !all && /^[#%]/.test(given) ? given[0] : undefined
  const pattern = anchor ? given.slice(1) : given
  if (pattern === '') return value
  let out = ''
  for (let at = 0; at <= value.length; ) {
    let end = -1
    if (!(anchor === '#' && at > 0))
      for (let stop = value.length; stop > at; stop--)
        if ((anchor !== '%' || stop === value.length) && fnmatch(pattern, value.slice(at, stop))) {
          end = stop
          break
        }
    if (end < 0) {
      out += value[at] ?? ''
      at++
      continue
    }
    out += text
    at = end
    if (!all) return out + value.slice(at)
  }
  return out
}

/** A field with, for each character, whether it is quoted: what pathname expansion needs to know. */
interface Field {
  text: string
  pattern: string
  glob: boolean
}

function splitFields(context: ExpandContext, all: readonly Piece[]): Field[] {
  const ifs = getVariable(context.state, 'IFS')?.value ?? ' \t\n'
  const blank = (char: string): boolean => ifs.includes(char) && /[ \t\n]/.test(char)
  const fields: Field[] = []
  let current: Field | undefined
  const add = (text: string, quoted: boolean): void => {
    current ??= { text: '', pattern: '', glob: false }
    current.text += text
    current.pattern += quoted ? escapePattern(text) : text
    if (!quoted && /[*?[]/.test(text)) current.glob = true
  }
  const end = (): void => {
    if (current) fields.push(current)
    current = undefined
  }
  for (const piece of all) {
    if (piece.cut) {
      // Between the arguments of "$@" a field ends even when it is empty.
      if (!current && piece.quoted) current = { text: '', pattern: '', glob: false }
      end()
      continue
    }
    if (!piece.split || ifs === '') {
      if (piece.text !== '' || piece.quoted) add(piece.text, piece.quoted)
      continue
    }
    let text = ''
    let afterBlank = false
    for (let at = 0; at < piece.text.length; at++) {
      const char = piece.text[at] ?? ''
      if (!ifs.includes(char)) {
        text += char
        afterBlank = false
        continue
      }
      if (text !== '') add(text, false)
      text = ''
      if (blank(char)) {
        end()
        afterBlank = true
        continue
      }
      // A separator that is no blank also ends an empty field, unless it only closes the one before it.
      if (!current && !(afterBlank && fields.length > 0 && at > 0 && blank(piece.text[at - 1] ?? ''))) add('', false)
      end()
      while (blank(piece.text[at + 1] ?? '\0')) at++
    }
    if (text !== '') add(text, false)
  }
  end()
  return fields
}

const maxMatches = 100_000

function matchFiles(context: ExpandContext, field: Field): string[] {
  if (!field.glob || has(context.state, 'f')) return [field.text]
  const found = once(context, () => glob(context.p, field.pattern))
  return found.length > 0 ? (found as string[]) : [field.text]
}

/** Names that match a pattern with escapes, sorted by bytes. */
function glob(p: MachineProc, pattern: string): string[] {
  const absolute = pattern.startsWith('/')
  let bases = [absolute ? '/' : '']
  const segments = pattern.split('/').filter((segment, at, all) => segment !== '' || at === all.length - 1)
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1
    if (segment === '') {
      bases = bases.filter(base => isFolder(p, base)).map(base => (base.endsWith('/') ? base : `${base}/`))
      continue
    }
    const next: string[] = []
    for (const base of bases) {
      const join = (name: string): string => (base === '' || base.endsWith('/') ? base + name : `${base}/${name}`)
      if (!/[*?[]/.test(segment.replace(/\\./g, ''))) {
        const path = join(segment.replace(/\\(.)/g, '$1'))
        if (exists(p, path)) next.push(path)
        continue
      }
      for (const { name, type } of entries(p, base || '.')) {
        if (!fnmatch(segment, name, { period: true })) continue
        if (last || type === 'dir' || type === 'symlink') next.push(join(name))
      }
      if (next.length > maxMatches) return []
    }
    bases = next
  }
  return bases.sort()
}

function entries(p: MachineProc, path: string): { name: string; type: string }[] {
  try {
    const found = p.readdir(path).map(({ name, type }) => ({ name, type: type as string }))
    return [{ name: '.', type: 'dir' }, { name: '..', type: 'dir' }, ...found]
  } catch {
    return []
  }
}

function exists(p: MachineProc, path: string): boolean {
  try {
    p.lstat(path)
    return true
  } catch {
    return false
  }
}

function isFolder(p: MachineProc, path: string): boolean {
  try {
    return p.stat(path || '.').type === 'dir'
  } catch {
    return false
  }
}
