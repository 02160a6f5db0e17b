/** bash's declare, typeset, local, export and readonly: variables with attributes, arrays, functions. */
import { arrayOf, assignElement, assignScalar, entriesOf } from '../arrays.ts'
import { type ListValue, storeList } from '../assign.ts'
import { CommandError, type Shell } from '../machine.ts'
import { attributes } from '../parameter.ts'
import { quoteForReuse } from '../quoting.ts'
import { declared, type Frame, getVariable, ReadOnly, type Variable } from '../state.ts'
import { type Builtin, fail, namePattern, print, usage } from './builtin.ts'
import { context, innermostCall, makeLocal } from './variables.ts'

export const declarations: Record<string, Builtin> = {
  declare: (sh, args, frame) => declare(sh, 'declare', args, frame),
  typeset: (sh, args, frame) => declare(sh, 'typeset', args, frame),
  local: (sh, args, frame) => {
    if (!innermostCall(sh)) return fail(sh, 'local', 'can only be used in a function')
    declare(sh, 'local', args, frame)
  },
  export: (sh, args, frame) => declare(sh, 'export', args, frame),
  readonly: (sh, args, frame) => declare(sh, 'readonly', args, frame),
}

type Kind = 'declare' | 'typeset' | 'local' | 'export' | 'readonly'

const letters: Record<Kind, string> = {
  declare: 'aAfFgiIlnrtuxp',
  typeset: 'aAfFgiIlnrtuxp',
  local: 'aAfFgiIlnrtuxp',
  export: 'fnp',
  readonly: 'aAfp',
}

/** Flags by letter: `-x` sets one, `+x` takes it away. */
function flags(
  sh: Shell,
  kind: Kind,
  args: readonly string[],
): { set: Set<string>; unset: Set<string>; rest: string[] } {
  const set = new Set<string>()
  const unset = new Set<string>()
  let at = 0
  for (; at < args.length; at++) {
    const arg = args[at] ?? ''
    if (arg === '--') {
      at++
      break
    }
    if (!/^[-+]./.test(arg)) break
    for (const letter of arg.slice(1)) {
      if (!letters[kind].includes(letter)) throw usage(sh, kind, `${arg[0]}${letter}: invalid option`)
      ;(arg.startsWith('-') ? set : unset).add(letter)
    }
  }
  return { set, unset, rest: args.slice(at) }
}

function declare(sh: Shell, kind: Kind, args: readonly string[], frame: Frame): void {
  const { state } = sh
  const { set, unset, rest } = flags(sh, kind, args)
  state.status = 0
  if (set.has('f') || set.has('F')) return functions(sh, kind, rest, set)
  if (kind === 'export' && set.delete('n')) unset.add('x')
  else if (kind === 'export') set.add('x')
  if (kind === 'readonly') set.add('r')
  if (rest.length === 0 || set.has('p')) return show(sh, kind, rest, set)
  const lists = (frame.lists as unknown as ListValue[] | undefined) ?? []
  const call = set.has('g') || kind === 'export' || kind === 'readonly' ? undefined : innermostCall(sh)
  for (const word of rest) {
    const match = /^([A-Za-z_]\w*)(?:\[([^\]]*)\])?(?:(\+?)=([\s\S]*))?$/.exec(word)
    if (!match) {
      fail(sh, kind, `\`${word}': not a valid identifier`)
      continue
    }
    const [, name = '', subscript, plus, value] = match
    const list = lists.find(each => each.name === name)
    try {
      one(sh, name, { set, unset, call, list, subscript, append: plus === '+', value })
    } catch (error) {
      if (!(error instanceof ReadOnly)) throw error
      sh.state.status = 1
      sh.complain(kind, `${name}: readonly variable`)
    }
  }
}

interface Wanted {
  set: ReadonlySet<string>
  unset: ReadonlySet<string>
  call: Frame | undefined
  list: ListValue | undefined
  subscript: string | undefined
  append: boolean
  value: string | undefined
}

/** Makes one variable what is wanted of it. */
function one(sh: Shell, name: string, { set, unset, call, list, subscript, append, value }: Wanted): void {
  const { vars } = sh.state
  const key = `$${name}`
  if (call) {
    const known = (call.locals as [string, unknown][]).some(([each]) => each === name)
    const old = makeLocal(sh, call, name)
    if (!known) {
      if (old?.readonly) throw new ReadOnly(name)
      vars[key] = { value: '', unset: true, ...(old?.exported && { exported: true }) }
    }
  }
  const variable = (vars[key] ??= { value: '', unset: true })
  if (variable.readonly && (value !== undefined || list)) throw new ReadOnly(name)
  if (set.has('n')) {
    variable.reference = true
    variable.value = value ?? variable.value
    delete variable.unset
    return
  }
  if (set.has('A') && !variable.map) Object.assign(variable, { map: {} })
  else if ((set.has('a') || subscript !== undefined) && !variable.items && !variable.map)
    variable.items = variable.unset ? {} : { 0: variable.value }
  const target = declared(sh.state, name) ?? variable
  change(target, set, unset)
  if (list) storeList(context(sh), list)
  else if (value !== undefined && subscript !== undefined) assignElement(context(sh), name, subscript, value, append)
  else if (value !== undefined) assignScalar(context(sh), name, value, append)
  else if (set.has('A') || set.has('a')) arrayOf(context(sh), name)
  if (set.has('r')) target.readonly = true
}

const attributeNames = { i: 'integer', l: 'lower', u: 'upper', x: 'exported' } as const

function change(variable: Variable, set: ReadonlySet<string>, unset: ReadonlySet<string>): void {
  for (const letter of ['i', 'l', 'u', 'x'] as const) {
    if (set.has(letter)) variable[attributeNames[letter]] = true
    if (unset.has(letter)) delete variable[attributeNames[letter]]
  }
  if (set.has('l')) delete variable.upper
  if (set.has('u')) delete variable.lower
  if (unset.has('n')) delete variable.reference
}

/** `declare -p`: variables as commands that make them. */
function show(sh: Shell, kind: Kind, names: readonly string[], set: ReadonlySet<string>): void {
  const { vars } = sh.state
  if (names.length > 0) {
    let text = ''
    for (const name of names) {
      const variable = Object.hasOwn(vars, `$${name}`) ? vars[`$${name}`] : undefined
      if (variable) text += declaration(name, variable)
      else fail(sh, kind, `${name}: not found`)
    }
    return print(sh, kind, text, sh.state.status)
  }
  const wanted = (variable: Variable): boolean =>
    [...set].filter(letter => letter !== 'p').every(letter => attributes(variable).includes(letter))
  const rows = Object.entries(vars)
    .filter(([, variable]) => wanted(variable))
    .map(([key, variable]) => declaration(key.slice(1), variable))
  print(sh, kind, rows.sort().join(''))
}

const inQuotes = (text: string): string =>
  /[\x00-\x1f\x7f]/.test(text) ? quoteForReuse(text) : `"${text.replace(/[\\"$`]/g, '\\$&')}"`

function declaration(name: string, variable: Variable): string {
  const given = attributes(variable)
  const head = `declare -${given === '' ? '-' : given} ${name}`
  if (variable.unset) return `${head}\n`
  if (!variable.items && !variable.map) return `${head}=${inQuotes(variable.value)}\n`
  const key = (text: string): string => (variable.map && !/^\w+$/.test(text) ? inQuotes(text) : text)
  const items = entriesOf(variable).map(([each, value]) => `[${key(each)}]=${inQuotes(value)}`)
  return `${head}=(${items.join(' ')}${variable.map && items.length > 0 ? ' ' : ''})\n`
}

/** `declare -f` and -F: functions by name; a name that is none fails without a word. */
function functions(sh: Shell, kind: Kind, names: readonly string[], set: ReadonlySet<string>): void {
  const known = Object.keys(sh.state.functions).map(key => key.slice(1))
  if (kind === 'export' || kind === 'readonly') return
  const missing = names.filter(name => !known.includes(name))
  const chosen = names.length > 0 ? names.filter(name => known.includes(name)) : known.sort()
  const text = chosen.map(name =>
    set.has('F') ? (names.length > 0 ? `${name}\n` : `declare -f ${name}\n`) : `${functionText(sh, name)}\n`,
  )
  print(sh, kind, text.join(''), missing.length > 0 ? 1 : 0)
}

/** A function as it was written: bash writes it anew, in its own layout. */
export function functionText(sh: Shell, name: string): string {
  const found = sh.state.functions[`$${name}`]
  if (!found) return ''
  const [source, at] = found
  const node = sh.unit(source, at).nodes.find(each => each.t === 'function' && each.name === name)
  return node?.t === 'function' ? node.source.trim() : ''
}

/** Whether a word can be a variable's name, as `printf -v` and `read -a` ask. */
export function checkName(sh: Shell, builtin: string, name: string): void {
  if (!namePattern.test(name.replace(/\[.*\]$/s, '')))
    throw new CommandError(`\`${name}': not a valid identifier`, builtin === 'printf' ? 2 : 1, false, builtin)
  if (getVariable(sh.state, name)?.readonly) throw new ReadOnly(name)
}
