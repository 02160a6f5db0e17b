/** export, readonly, local, unset, shift, let. */
import { elementOf } from '../arrays.ts'
import { arithmetic, type ExpandContext } from '../expand.ts'
import { CommandError, type Shell } from '../machine.ts'
import { quoteAsh } from '../quoting.ts'
import { copyVariable, type Frame, ReadOnly, setVariable, targetName, unsetVariable, type Variable } from '../state.ts'
import { type Builtin, fail, namePattern, naturalNumber, options, print, problem } from './builtin.ts'

export const variables: Record<string, Builtin> = {
  export: (sh, args) => mark(sh, 'export', args),
  readonly: (sh, args) => mark(sh, 'readonly', args),
  local: localBuiltin,
  unset,
  shift: (sh, args) => {
    const { state, dialect } = sh
    const [text] = args
    if (dialect === 'bash' && text !== undefined && !/^[+-]?\d+$/.test(text))
      return fail(sh, 'shift', `${text}: numeric argument required`)
    const count = text === undefined ? 1 : dialect === 'bash' ? Number(text) : naturalNumber('shift', text)
    if (count < 0) return fail(sh, 'shift', `${text}: shift count out of range`)
    if (count > state.args.length) {
      if (dialect === 'dash') throw new CommandError("can't shift that many", 2, true, 'shift')
      state.status = 1
      return
    }
    state.args = state.args.slice(count)
    state.status = 0
  },
  let: (sh, args) => {
    if (args.length === 0) {
      if (sh.dialect === 'bash') return fail(sh, 'let', 'expression expected')
      throw problem('let', 'expression expected')
    }
    let value = '0'
    for (const arg of args) value = arithmetic(context(sh), arg)
    sh.state.status = value === '0' ? 1 : 0
  },
}

/** What a builtin that expands or assigns works on. */
export const context = (sh: Shell): ExpandContext => ({
  p: sh.p,
  state: sh.state,
  dialect: sh.dialect,
  memo: [],
  at: 0,
})

/** `export` and `readonly` of ash and dash; bash's are its declare. */
function mark(sh: Shell, kind: 'export' | 'readonly', args: string[]): void {
  const { state } = sh
  state.status = 0
  const { given, rest } = options(sh, kind, args, kind === 'export' && sh.dialect === 'busybox' ? 'np' : 'p')
  if (rest.length === 0) {
    const rows = Object.entries(state.vars)
      .filter(([, variable]) => (kind === 'export' ? variable.exported : variable.readonly))
      .map(([key, variable]) => `${kind} ${key.slice(1)}${variable.unset ? '' : `=${quoteAsh(variable.value)}`}\n`)
    return print(sh, kind, rows.sort().join(''))
  }
  for (const word of rest) {
    const { name, value } = parted(word)
    if (!namePattern.test(name)) throw problem(kind, `${name}: bad variable name`)
    if (value !== undefined) setVariable(state, name, value)
    const variable = (state.vars[`$${name}`] ??= { value: '', unset: true })
    if (kind === 'readonly') variable.readonly = true
    else if (given.has('n')) delete variable.exported
    else variable.exported = true
  }
}

/** `name` or `name=value`. */
export function parted(word: string): { name: string; value: string | undefined } {
  const equals = word.indexOf('=')
  return equals < 0 ? { name: word, value: undefined } : { name: word.slice(0, equals), value: word.slice(equals + 1) }
}

function localBuiltin(sh: Shell, args: string[]): void {
  const { state } = sh
  const call = innermostCall(sh)
  if (!call) throw problem('local', 'not in a function')
  state.status = 0
  for (const word of args) {
    // `-`: the options, which are put back as well.
    if (word === '-') continue
    const { name, value } = parted(word)
    if (!namePattern.test(name)) throw problem('local', `${name}: bad variable name`)
    const old = makeLocal(sh, call, name)
    if (old?.readonly) throw new ReadOnly(name)
    state.vars[`$${name}`] = {
      value: value ?? (sh.dialect === 'dash' ? (old?.value ?? '') : ''),
      ...(old?.exported && { exported: true }),
      ...(value === undefined && (sh.dialect !== 'dash' || !old || old.unset) && { unset: true }),
    }
  }
}

/** The function that is being run. */
export const innermostCall = (sh: Shell): Frame | undefined =>
  sh.state.frames.findLast(frame => frame.k === 'call' && frame.name !== undefined)

/** Keeps a variable as it is until the function ends; returns what it was. */
export function makeLocal(sh: Shell, call: Frame, name: string): Variable | undefined {
  const key = `$${name}`
  const old = Object.hasOwn(sh.state.vars, key) ? sh.state.vars[key] : undefined
  const locals = call.locals as [string, unknown][]
  if (!locals.some(([known]) => known === name)) locals.push([name, old ? copyVariable(old) : null])
  return old
}

function unset(sh: Shell, args: string[]): void {
  const { state, dialect } = sh
  const { given, rest } = options(sh, 'unset', args, dialect === 'bash' ? 'fnv' : 'fv')
  state.status = 0
  for (const name of rest) {
    const element = dialect === 'bash' ? /^([A-Za-z_]\w*)\[(.+)\]$/s.exec(name) : null
    if (given.has('f')) delete state.functions[`$${name}`]
    else if (element) unsetElement(sh, element[1] ?? '', element[2] ?? '')
    else if (!namePattern.test(name)) {
      if (dialect !== 'bash') {
        throw problem('unset', `${name}: bad variable name`)
      }
      // bash takes it for the name of a function.
      delete state.functions[`$${name}`]
    } else unsetName(sh, given.has('n') ? name : targetName(state, name), given.has('v'))
  }
}

function unsetName(sh: Shell, name: string, variableOnly: boolean): void {
  const { state } = sh
  // In bash a name that is no variable may be a function.
  if (sh.dialect === 'bash' && !variableOnly && !state.vars[`$${name}`]) delete state.functions[`$${name}`]
  if (sh.dialect === 'bash' && state.vars[`$${name}`]?.readonly)
    return fail(sh, 'unset', `${name}: cannot unset: readonly variable`)
  unsetVariable(state, name)
}

function unsetElement(sh: Shell, name: string, subscript: string): void {
  const variable = sh.state.vars[`$${targetName(sh.state, name)}`]
  if (!variable) return
  if (variable.readonly) return fail(sh, 'unset', `${name}: cannot unset: readonly variable`)
  if (variable.map) {
    delete variable.map[`$${subscript}`]
    return
  }
  if (subscript === '@' || subscript === '*') {
    delete sh.state.vars[`$${name}`]
    return
  }
  const { items } = variable
  if (!items || elementOf(context(sh), variable, subscript) === undefined) return
  const index = Number(arithmetic(context(sh), subscript))
  const last = Math.max(-1, ...Object.keys(items).map(Number))
  delete items[index < 0 ? last + 1 + index : index]
  if (index === 0) variable.value = ''
}
