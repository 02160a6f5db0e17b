/** `trap`: what is run at a signal, and at the end. */
import { parseSignal, signalNumber } from '../../signals.ts'
import type { Shell } from '../machine.ts'
import { quoteAsh } from '../quoting.ts'
import { type Builtin, fail, options, print, usage } from './builtin.ts'
import { signalTable } from './kill.ts'

export const trap: Record<string, Builtin> = { trap: trapBuiltin }

function trapBuiltin(sh: Shell, args: string[]): void {
  const { state, p } = sh
  state.status = 0
  const bash = sh.dialect === 'bash'
  const { given, rest: words } =
    args[0] === '-' ? { given: new Map(), rest: args } : options(sh, 'trap', args, bash ? 'lp' : '')
  if (given.has('l')) return print(sh, 'trap', signalTable())
  if (words.length === 0 || given.has('p')) {
    const order = (name: string): number =>
      name === 'EXIT' ? 0 : conditions.has(name) ? 100 + name.charCodeAt(0) : signalNumber(name)
    const wanted = given.has('p') && words.length > 0 ? words.map(toTrap) : undefined
    const names = Object.keys(state.traps)
      .filter(name => !wanted || wanted.includes(name))
      .sort((a, b) => order(a) - order(b))
    return print(sh, 'trap', names.map(name => trapLine(name, state.traps[name] ?? '', bash)).join(''))
  }
  if (bash && words.length === 1 && words[0] !== '-' && toTrap(words[0] ?? '') === undefined)
    throw usage(sh, 'trap', '')
  const reset = words[0] === '-' || words.length === 1
  const text = words[0] ?? ''
  for (const word of words.slice(words.length === 1 && reset && words[0] !== '-' ? 0 : 1)) {
    const name = toTrap(word)
    if (name === undefined) {
      if (sh.dialect === 'dash') {
        sh.state.status = 1
        sh.write(2, `trap: ${word}: bad trap\n`)
      } else fail(sh, 'trap', `${word}: invalid signal specification`)
      continue
    }
    if (reset) delete state.traps[name]
    else state.traps[name] = text
    if (!parseSignal(name) || name === 'EXIT' || name === 'KILL' || name === 'STOP') continue
    p.sigaction(name, reset ? 'default' : text === '' ? 'ignore' : 'catch')
  }
}

/** bash writes SIGINT, and EXIT as it is. */
function trapLine(name: string, text: string, bash: boolean): string {
  if (!bash) return `trap -- ${quoteAsh(text)} ${name}\n`
  return `trap -- '${text.replaceAll("'", "'\\''")}' ${parseSignal(name) && name !== 'EXIT' ? `SIG${name}` : name}\n`
}

/** Names of traps that are no signals. */
const conditions: ReadonlySet<string> = new Set(['EXIT', 'ERR', 'DEBUG', 'RETURN'])

function toTrap(word: string): string | undefined {
  if (word === '0') return 'EXIT'
  if (conditions.has(word.toUpperCase())) return word.toUpperCase()
  return parseSignal(word)
}
