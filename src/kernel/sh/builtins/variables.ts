/** export, readonly, local, unset, shift, let. */
import type { Json } from '../../program.ts'
import { arithmetic } from '../expand.ts'
import { CommandError, type Shell } from '../machine.ts'
import { ReadOnly, setVariable, unsetVariable } from '../state.ts'
import { type Builtin, fail, namePattern, print } from './builtin.ts'

export const variables: Record<string, Builtin> = {
  export: (sh, args) => declare(sh, 'export', args),
  readonly: (sh, args) => declare(sh, 'readonly', args),
  local: localBuiltin,
  unset: (sh, args) => {
    const functions = args[0] === '-f'
    sh.state.status = 0
    for (const name of args.filter(arg => !/^-[vf]$/.test(arg))) {
      if (functions) delete sh.state.functions[`$${name}`]
      else if (!namePattern.test(name)) return fail(sh, 'unset', `${name}: bad variable name`, 2)
      else unsetVariable(sh.state, name)
    }
  },
  shift: (sh, args) => {
    const count = args[0] === undefined ? 1 : Number(args[0])
    if (count > sh.state.args.length) {
      if (sh.dialect === 'dash') throw new CommandError("shift: can't shift that many", 2, true)
      sh.state.status = 1
      return
    }
    sh.state.args = sh.state.args.slice(count)
    sh.state.status = 0
  },
  let: (sh, args) => {
    let value = '0'
    for (const arg of args) value = arithmetic({ p: sh.p, state: sh.state, dialect: sh.dialect, memo: [], at: 0 }, arg)
    sh.state.status = value === '0' ? 1 : 0
  },
}

function declare(sh: Shell, kind: 'export' | 'readonly', args: string[]): void {
  const { state } = sh
  state.status = 0
  const remove = args[0] === '-n'
  const names = args.filter(arg => !/^-[pn]$/.test(arg))
  if (names.length === 0) {
    const rows = Object.entries(state.vars)
      .filter(([, variable]) => (kind === 'export' ? variable.exported : variable.readonly))
      .map(
        ([key, variable]) =>
          `${kind} ${key.slice(1)}${variable.unset ? '' : `='${variable.value.replaceAll("'", "'\\''")}'`}\n`,
      )
    return print(sh, kind, rows.sort().join(''))
  }
  for (const word of names) {
    const equals = word.indexOf('=')
    const name = equals < 0 ? word : word.slice(0, equals)
    if (!namePattern.test(name)) {
      if (sh.dialect === 'bash') {
        fail(sh, kind, `\`${word}': not a valid identifier`)
        continue
      }
      throw new CommandError(
        `${kind}: ${sh.dialect === 'busybox' ? `line ${state.script ? state.line : 0}: ` : ''}${name}: bad variable name`,
        2,
        true,
      )
    }
    if (equals >= 0) setVariable(state, name, word.slice(equals + 1))
    const variable = (state.vars[`$${name}`] ??= { value: '', unset: true })
    if (kind === 'readonly') variable.readonly = true
    else if (remove) delete variable.exported
    else variable.exported = true
  }
}

function localBuiltin(sh: Shell, args: string[]): void {
  const { state } = sh
  const call = state.frames.findLast(frame => frame.k === 'call')
  if (!call)
    throw new CommandError(
      sh.dialect === 'bash'
        ? 'local: can only be used in a function'
        : `local: line ${state.script ? state.line : 0}: not in a function`,
      sh.dialect === 'bash' ? 1 : 2,
      sh.dialect !== 'bash',
    )
  state.status = 0
  const locals = call.locals as [string, Json][]
  for (const word of args.filter(arg => !arg.startsWith('-') || arg === '-')) {
    const equals = word.indexOf('=')
    const name = equals < 0 ? word : word.slice(0, equals)
    const key = `$${name}`
    const old = Object.hasOwn(state.vars, key) ? state.vars[key] : undefined
    if (!locals.some(([known]) => known === name)) locals.push([name, (old ? { ...old } : null) as Json])
    if (old?.readonly) throw new ReadOnly(name)
    const value = equals < 0 ? (sh.dialect === 'busybox' ? old?.value : undefined) : word.slice(equals + 1)
    state.vars[key] = {
      value: value ?? '',
      ...(old?.exported && { exported: true }),
      ...(value === undefined && { unset: true }),
    }
  }
}
