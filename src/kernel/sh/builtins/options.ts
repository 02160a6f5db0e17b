/** `set` and the shell's options. */
import type { Dialect } from '../dialect.ts'
import type { Shell } from '../machine.ts'
import { quoteAsh } from '../quoting.ts'
import { has } from '../state.ts'
import { type Builtin, fail, print, problem, usage } from './builtin.ts'

export const optionNames: Record<string, string> = {
  e: 'errexit',
  f: 'noglob',
  I: 'ignoreeof',
  i: 'interactive',
  m: 'monitor',
  n: 'noexec',
  s: 'stdin',
  x: 'xtrace',
  v: 'verbose',
  C: 'noclobber',
  a: 'allexport',
  b: 'notify',
  u: 'nounset',
  V: 'vi',
}

/** The letter of an option's long name. */
export const optionLetter = (name: string): string | undefined =>
  Object.entries(optionNames).find(([, long]) => long === name)?.[0]

/** Whether a shell has an option of one letter. */
export const isOption = (letter: string, dialect: Dialect): boolean =>
  Object.hasOwn(optionNames, letter) || 'cl'.includes(letter) || (dialect === 'bash' && 'hkprtBDEHOPT'.includes(letter))

export const options: Record<string, Builtin> = { set: setBuiltin }

function setBuiltin(sh: Shell, args: string[]): void {
  const { state } = sh
  state.status = 0
  if (args.length === 0) {
    const rows = Object.entries(state.vars)
      .filter(([, variable]) => !variable.unset)
      .map(([key, variable]) => `${key.slice(1)}=${quoteAsh(variable.value)}\n`)
    return print(sh, 'set', rows.sort().join(''))
  }
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? ''
    if (arg === '--' || arg === '-') {
      state.args = args.slice(at + 1)
      return
    }
    if (!/^[-+]./.test(arg)) {
      state.args = args.slice(at)
      return
    }
    const on = arg.startsWith('-')
    for (const letter of arg.slice(1)) {
      if (letter === 'o') {
        const name = args[++at]
        if (name === undefined) return print(sh, 'set', optionList(sh, on))
        if (name === 'pipefail') state.pipefail = on
        else {
          const known = optionLetter(name)
          if (!known) return badName(sh, `${arg[0]}o`, name)
          setOption(sh, known, on)
        }
      } else if (letter !== 'c' && isOption(letter, sh.dialect)) setOption(sh, letter, on)
      else if (sh.dialect === 'bash') throw usage(sh, 'set', `${arg[0]}${letter}: invalid option`)
      else throw problem('set', `${sh.dialect === 'dash' ? 'I' : 'i'}llegal option ${arg[0]}${letter}`)
    }
  }
}

function badName(sh: Shell, option: string, name: string): void {
  if (sh.dialect === 'bash') return fail(sh, 'set', `${name}: invalid option name`, 1)
  if (sh.dialect === 'dash') throw problem('set', `Illegal option ${option} ${name}`)
  fail(sh, 'set', `illegal option ${option} ${name}`, 1)
}

function setOption(sh: Shell, letter: string, on: boolean): void {
  const others = sh.state.options.replaceAll(letter, '')
  sh.state.options = on ? others + letter : others
}

/** bash's options that no letter of the others stands for, and whether they are on. */
const bashOnly: Record<string, boolean> = {
  braceexpand: true,
  emacs: false,
  errtrace: false,
  functrace: false,
  hashall: true,
  histexpand: false,
  history: false,
  'interactive-comments': true,
  keyword: false,
  nolog: false,
  onecmd: false,
  physical: false,
  posix: false,
  privileged: false,
}

function optionList(sh: Shell, table: boolean): string {
  const rows: [string, boolean][] = [
    ...Object.entries(optionNames).map(([letter, name]): [string, boolean] => [name, has(sh.state, letter)]),
    ['pipefail', sh.state.pipefail],
  ]
  if (sh.dialect === 'busybox') {
    // ash does not tell of two, and has a trap for errors in functions.
    const shown = rows.filter(([name]) => name !== 'interactive' && name !== 'stdin')
    shown.splice(-2, 0, ['errtrace', has(sh.state, 'E')])
    return listed(shown, table)
  }
  if (sh.dialect === 'bash') {
    const all = rows.filter(([name]) => !['interactive', 'stdin'].includes(name))
    const sorted = [...all, ...Object.entries(bashOnly)].sort(([a], [b]) => (a < b ? -1 : 1))
    return sorted
      .map(([name, on]) => (table ? `${name.padEnd(15)}\t${on ? 'on' : 'off'}\n` : `set ${on ? '-' : '+'}o ${name}\n`))
      .join('')
  }
  return `${table && sh.dialect === 'dash' ? 'Current option settings\n' : ''}${listed(rows, table)}`
}

const listed = (rows: readonly [string, boolean][], table: boolean): string =>
  rows
    .map(([name, on]) => (table ? `${name.padEnd(16)}${on ? 'on' : 'off'}\n` : `set ${on ? '-' : '+'}o ${name}\n`))
    .join('')
