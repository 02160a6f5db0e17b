/** `set` and the shell's options. */
import { CommandError, type Shell } from '../machine.ts'
import { has } from '../state.ts'
import { type Builtin, print } from './builtin.ts'

const optionNames: Record<string, string> = {
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

export const options: Record<string, Builtin> = { set: setBuiltin }

function setBuiltin(sh: Shell, args: string[]): void {
  const { state } = sh
  state.status = 0
  if (args.length === 0) {
    const rows = Object.entries(state.vars)
      .filter(([, variable]) => !variable.unset)
      .map(([key, variable]) => `${key.slice(1)}='${variable.value.replaceAll("'", "'\\''")}'\n`)
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
          const known = Object.entries(optionNames).find(([, long]) => long === name)
          if (!known)
            throw new CommandError(
              `set: ${sh.dialect === 'busybox' ? `line ${state.script ? state.line : 0}: ` : ''}illegal option ${arg[0]}o ${name}`,
              2,
              true,
            )
          setOption(sh, known[0], on)
        }
      } else if (Object.hasOwn(optionNames, letter) || letter === 'h' || letter === 'B' || letter === 'E')
        setOption(sh, letter, on)
      else
        throw new CommandError(
          `set: ${sh.dialect === 'busybox' ? `line ${state.script ? state.line : 0}: ` : ''}illegal option ${arg[0]}${letter}`,
          2,
          true,
        )
    }
  }
}

function setOption(sh: Shell, letter: string, on: boolean): void {
  const others = sh.state.options.replaceAll(letter, '')
  sh.state.options = on ? others + letter : others
}

function optionList(sh: Shell, table: boolean): string {
  const rows: [string, boolean][] = [
    ...Object.entries(optionNames).map(([letter, name]): [string, boolean] => [name, has(sh.state, letter)]),
    ['pipefail', sh.state.pipefail],
  ]
  return table
    ? `Current option settings\n${rows.map(([name, on]) => `${name.padEnd(16)}${on ? 'on' : 'off'}\n`).join('')}`
    : rows.map(([name, on]) => `set ${on ? '-' : '+'}o ${name}\n`).join('')
}
