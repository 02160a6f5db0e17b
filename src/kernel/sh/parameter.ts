/** `$name` and `${name…}`: values, defaults, parts of values, arrays. */
import { assignElement, assignScalar, elementOf, entriesOf } from './arrays.ts'
import type { Parameter, Word } from './ast.ts'
import { specialParameter } from './dynamic.ts'
import {
  arithmetic,
  type ExpandContext,
  ExpansionError,
  expandPattern,
  expandString,
  find,
  patternOptions,
  pieces,
  unsetError,
} from './expand.ts'
import type { Piece } from './fields.ts'
import { once } from './memo.ts'
import { compilePattern, type Pattern } from './pattern.ts'
import { quoteForReuse } from './quoting.ts'
import { declared, getVariable, has, scalar, type Variable } from './state.ts'

/** What a parameter stands for: one value or, for `@` and `*`, several. */
interface Value {
  text: string | undefined
  list?: string[]
  joined?: '@' | '*'
}

/** The pieces that a parameter becomes. */
export function parameter(context: ExpandContext, part: Parameter, fields: boolean): Piece[] {
  if (part.bad !== undefined)
    throw new ExpansionError(badSubstitution(context, part.bad), context.dialect === 'bash' ? 1 : 2)
  if (part.form === 'indirect') return parameter(context, indirect(context, part), fields)
  const { state } = context
  const { op, quoted } = part
  const value = part.form ? namesOf(context, part) : valueOf(context, part)
  const one = (text: string): Piece[] => [{ text, quoted, split: !quoted }]
  if (part.length) {
    if (value.text === undefined && !value.list && has(state, 'u')) throw unsetError(context, shownName(part))
    const { list } = value
    if (!list) return one(String(lengthOf(context, value.text ?? '')))
    // ash and dash measure the arguments, joined.
    return one(String(context.dialect === 'bash' ? list.length : list.join(' ').length))
  }
  if (op !== undefined) {
    const handled = choose(context, part, value, fields)
    if (handled) return handled
  }
  if (value.text === undefined && !value.list && has(state, 'u') && !/^:?[-=?+]$/.test(op ?? ''))
    throw unsetError(context, shownName(part))
  const list = value.list
  if (list) return listed(context, changeList(context, part, list), value.joined ?? '@', quoted, fields)
  return one(op === undefined || /^:?[-=?+]$/.test(op) ? (value.text ?? '') : change(context, part, value.text))
}

/** UTF-8 is counted by characters in bash alone. */
function lengthOf(context: ExpandContext, text: string): number {
  return context.dialect === 'bash' && /[\x80-\xff]/.test(text) && utf8(context)
    ? [...Buffer.from(text, 'latin1').toString()].length
    : text.length
}

const utf8 = ({ state }: ExpandContext): boolean =>
  /utf-?8/i.test(['LC_ALL', 'LC_CTYPE', 'LANG'].map(name => getVariable(state, name)?.value).find(Boolean) ?? '')

const badSubstitution = ({ dialect }: ExpandContext, text: string): string =>
  dialect === 'bash' ? `\${${text}}: bad substitution` : 'Bad substitution'

const shownName = (part: Parameter): string => part.name + (part.index ? `[${part.index.fixed ?? ''}]` : '')

function valueOf(context: ExpandContext, part: Parameter): Value {
  const { name, index } = part
  if (name === '@' || name === '*') return { text: undefined, list: context.state.args, joined: name }
  if (!/^[A-Za-z_]/.test(name)) return { text: specialParameter(context, name) }
  const variable = find(context, name)
  if (!index) return { text: scalar(variable) }
  if (index.fixed === '@' || index.fixed === '*')
    return { text: undefined, list: entriesOf(variable).map(([, value]) => value), joined: index.fixed }
  return { text: elementOf(context, variable, expandString(context, index)) }
}

/** `${!a[@]}` and `${!prefix*}`. */
function namesOf(context: ExpandContext, part: Parameter): Value {
  const joined = part.index?.fixed === '*' ? '*' : '@'
  if (part.form === 'keys')
    return { text: undefined, list: entriesOf(find(context, part.name)).map(([key]) => key), joined }
  const names = Object.entries(context.state.vars)
    .filter(([key, variable]) => key.startsWith(`$${part.name}`) && !variable.unset)
    .map(([key]) => key.slice(1))
  return { text: undefined, list: names.sort(), joined }
}

/** `${!name}`: the parameter that the value names; of a reference, the name itself. */
function indirect(context: ExpandContext, part: Parameter): Parameter {
  const { form, ...rest } = part
  const own = context.state.vars[`$${part.name}`]
  if (form && own?.reference)
    return { ...rest, op: '-', name: '_minidock_reference', arg: { parts: [], fixed: own.value } }
  const { index, op, arg, arg2, length, ...plain } = rest
  const target = valueOf(context, { ...plain, ...(index && { index }) }).text
  const match = /^([A-Za-z_]\w*|\d+|[@*#?$!-])(?:\[(.+)\])?$/s.exec(target ?? '')
  if (!match) {
    if (target === undefined || target === '') throw new ExpansionError(`${part.name}: invalid indirect expansion`, 1)
    throw new ExpansionError(`${target}: invalid variable name`, 1)
  }
  return {
    ...rest,
    name: match[1] ?? '',
    ...(match[2] !== undefined && { index: { parts: [{ t: 'text', text: match[2], quoted: true }], fixed: match[2] } }),
  }
}

/** `-`, `=`, `?`, `+` and their colon forms where the operand is what counts; undefined where the value is. */
function choose(context: ExpandContext, part: Parameter, value: Value, fields: boolean): Piece[] | undefined {
  const { op = '', arg = { parts: [] }, quoted } = part
  if (!/^:?[-=?+]$/.test(op)) return undefined
  const { list, text } = value
  const isSet = list
    ? list.length > 0 && !(op.length > 1 && list.join('') === '')
    : text !== undefined && !(op.length > 1 && text === '')
  const operand = (): Piece[] => {
    const found =
      arg.fixed !== undefined && arg.parts.length === 0
        ? [{ text: arg.fixed, quoted, split: !quoted }]
        : pieces(context, arg.parts, fields)
    // An operand that is not quoted is split like the value it stands for.
    return found.map(piece => (piece.quoted || piece.cut ? piece : { ...piece, split: !quoted, quoted }))
  }
  switch (op.at(-1)) {
    case '-':
      return isSet ? undefined : operand()
    case '+':
      if (isSet) return operand()
      // In quotes it is an empty word, but in bash for no parameters at all.
      return quoted && (context.dialect !== 'bash' || part.name !== '@') ? [{ text: '', quoted, split: false }] : []
    case '=': {
      // Whether it was set is noted: it is by the time that the expansion is run again.
      if (once(context, () => isSet)) return undefined
      if (!/^[A-Za-z_]/.test(part.name)) throw new ExpansionError(cannotAssign(context, part.name), 1)
      const given = expandString(context, arg)
      once(context, () => {
        if (part.index) assignElement(context, part.name, expandString(context, part.index), given)
        else assignScalar(context, part.name, given, false)
        return null
      })
      return [{ text: given, quoted, split: !quoted }]
    }
    default: {
      if (isSet) return undefined
      const given = expandString(context, arg)
      throw new ExpansionError(
        `${shownName(part)}: ${given !== '' ? given : unsetWords(context, op)}`,
        context.dialect === 'bash' ? 127 : 2,
      )
    }
  }
}

const cannotAssign = ({ dialect }: ExpandContext, name: string): string =>
  dialect === 'bash'
    ? `$${name}: cannot assign in this way`
    : dialect === 'dash'
      ? 'Bad substitution'
      : 'bad variable name'

const unsetWords = ({ dialect }: ExpandContext, op: string): string =>
  op === '?' ? 'parameter not set' : dialect === 'bash' ? 'parameter null or not set' : 'parameter not set or null'

function listed(
  context: ExpandContext,
  args: readonly string[],
  joined: '@' | '*',
  quoted: boolean,
  fields: boolean,
): Piece[] {
  if (!fields || (quoted && joined === '*')) {
    const ifs = getVariable(context.state, 'IFS')?.value ?? ' \t\n'
    return [{ text: args.join(joined === '*' ? ifs.slice(0, 1) : ' '), quoted, split: false }]
  }
  if (quoted && args.length === 0) return [{ text: '', quoted: false, split: false }]
  return args.flatMap((arg, at): Piece[] => [
    ...(at > 0 ? [{ text: '', quoted, split: false, cut: true }] : []),
    { text: arg, quoted, split: !quoted },
  ])
}

/** What an operator makes of a list: a slice, or the same for each. */
function changeList(context: ExpandContext, part: Parameter, list: string[]): string[] {
  const { op } = part
  if (op === undefined || /^:?[-=?+]$/.test(op)) return list
  if (op === ':') return sliceList(context, part, list)
  if (op === '@' && (part.arg?.fixed === 'A' || part.arg?.fixed === 'K' || part.arg?.fixed === 'k')) {
    const variable = find(context, part.name)
    if (part.arg.fixed === 'A') return [declaration(part.name, variable)]
    return [
      entriesOf(variable)
        .map(([key, value]) => `${key} "${value}"`)
        .join(' '),
    ]
  }
  return list.map(text => change(context, part, text))
}

function sliceList(context: ExpandContext, part: Parameter, list: string[]): string[] {
  const offset = number(context, part.arg)
  const count = part.arg2 ? number(context, part.arg2) : undefined
  let all = list
  let from: number
  if (part.name === '@' || part.name === '*') {
    if (offset === 0) all = [context.state.arg0, ...list]
    from = offset === 0 ? 0 : offset > 0 ? offset - 1 : list.length + 1 + offset - 1
  } else {
    const entries = entriesOf(find(context, part.name))
    const last = Number(entries.at(-1)?.[0] ?? -1)
    const first = offset < 0 ? last + 1 + offset : offset
    from = entries.findIndex(([key]) => Number(key) >= first)
    if (from < 0 || first < 0) return []
  }
  if (from < 0) return []
  if (count !== undefined && count < 0)
    throw new ExpansionError(`${part.arg2?.fixed ?? count}: substring expression < 0`, 1)
  return count === undefined ? all.slice(from) : all.slice(from, from + count)
}

const number = (context: ExpandContext, word: Word | undefined): number =>
  word ? Number(arithmetic(context, expandString(context, word))) : 0

/** What an operator makes of a value. */
function change(context: ExpandContext, part: Parameter, text: string | undefined): string {
  const { op = '' } = part
  const value = text ?? ''
  switch (op[0]) {
    case ':':
      return substring(context, part, value)
    case '/':
      return replace(context, part, value)
    case '^':
    case ',':
      return changeCase(context, part, value)
    case '@':
      return transform(context, part, text)
    default:
      return trim(context, part, value)
  }
}

function substring(context: ExpandContext, part: Parameter, value: string): string {
  const offset = number(context, part.arg)
  const from = offset < 0 ? value.length + offset : offset
  const count = part.arg2 ? number(context, part.arg2) : undefined
  if (from < 0) return ''
  if (count === undefined) return value.slice(from)
  if (count >= 0) return value.slice(from, from + count)
  const end = value.length + count
  if (end < from && context.dialect === 'bash' && from <= value.length)
    throw new ExpansionError(`${part.arg2?.fixed ?? count}: substring expression < 0`, 1)
  return value.slice(from, Math.max(from, end))
}

const patternOf = (context: ExpandContext, word: Word | undefined): Pattern =>
  compilePattern(word ? expandPattern(context, word) : '', { extglob: patternOptions(context).extglob ?? false })

/** `#`, `##`, `%`, `%%`. */
function trim(context: ExpandContext, part: Parameter, value: string): string {
  const pattern = patternOf(context, part.arg)
  const op = part.op ?? ''
  if (op.startsWith('#')) return value.slice(pattern.prefix(value, op.length === 2) ?? 0)
  return value.slice(0, value.length - (pattern.suffix(value, op.length === 2) ?? 0))
}

/** `/`, `//`, and in front of a pattern `#` or `%` for the beginning or the end. */
function replace(context: ExpandContext, part: Parameter, value: string): string {
  const text = part.arg2 ? expandString(context, part.arg2) : ''
  const all = part.op === '//'
  const given = part.arg ? expandPattern(context, part.arg) : ''
  const anchor = context.dialect === 'bash' && !all && /^[#%]/.test(given) ? given[0] : undefined
  const pattern = compilePattern(anchor ? given.slice(1) : given, patternOptions(context))
  if (given === '') return value
  if (anchor === '#') {
    const length = pattern.prefix(value, true)
    return length === undefined ? value : text + value.slice(length)
  }
  if (anchor === '%') {
    const length = pattern.suffix(value, true)
    return length === undefined ? value : value.slice(0, value.length - length) + text
  }
  let out = ''
  let done = 0
  for (const start of pattern.starts(value)) {
    if (start < done) continue
    const length = pattern.prefix(value, true, start)
    if (!length) continue
    out += value.slice(done, start) + text
    done = start + length
    if (!all) break
  }
  return out + value.slice(done)
}

/** `^`, `^^`, `,`, `,,`: letters that match the pattern in the other case. */
function changeCase(context: ExpandContext, part: Parameter, value: string): string {
  const op = part.op ?? ''
  const pattern = part.arg && part.arg.parts.length > 0 ? patternOf(context, part.arg) : undefined
  const turn = (char: string): string =>
    pattern && !pattern.matches(char) ? char : op.startsWith('^') ? char.toUpperCase() : char.toLowerCase()
  if (op.length === 1) return value === '' ? '' : turn(value[0] ?? '') + value.slice(1)
  return value.replace(/[A-Za-z]/g, turn)
}

/** `${name@Q}` and its like. */
function transform(context: ExpandContext, part: Parameter, text: string | undefined): string {
  const value = text ?? ''
  switch (part.arg?.fixed) {
    case 'Q':
    case 'K':
      return text === undefined ? '' : quoteForReuse(value)
    case 'U':
      return value.toUpperCase()
    case 'u':
      return value.slice(0, 1).toUpperCase() + value.slice(1)
    case 'L':
      return value.toLowerCase()
    case 'a':
      return attributes(declared(context.state, part.name))
    case 'A':
      return text === undefined ? '' : declaration(part.name, find(context, part.name))
    default:
      throw new ExpansionError(`\${${part.name}@${part.arg?.fixed ?? ''}}: bad substitution`, 1)
  }
}

/** A variable's attributes by their letters, in bash's order. */
export function attributes(variable: Variable | undefined): string {
  if (!variable) return ''
  const letters: [boolean | undefined, string][] = [
    [variable.items !== undefined, 'a'],
    [variable.map !== undefined, 'A'],
    [variable.integer, 'i'],
    [variable.reference, 'n'],
    [variable.readonly, 'r'],
    [variable.exported, 'x'],
    [variable.lower, 'l'],
    [variable.upper, 'u'],
  ]
  return letters.map(([on, letter]) => (on ? letter : '')).join('')
}

/** `${name@A}`: the command that makes the variable what it is. */
function declaration(name: string, variable: Variable | undefined): string {
  const letters = attributes(variable)
  if (variable?.items || variable?.map) {
    const items = entriesOf(variable).map(([key, value]) => `[${key}]="${value.replace(/[\\"$`]/g, '\\$&')}"`)
    return `declare -${letters} ${name}=(${items.join(' ')}${variable.map && items.length > 0 ? ' ' : ''})`
  }
  const value = `${name}=${quoteForReuse(variable?.value ?? '')}`
  return letters === '' ? value : `declare -${letters} ${value}`
}
