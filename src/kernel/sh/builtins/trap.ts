/** `trap`: what is run at a signal, and at the end. */
import { parseSignal, signalNames, signalNumber } from '../../signals.ts'
import type { Shell } from '../machine.ts'
import { type Builtin, fail, print } from './builtin.ts'

export const trap: Record<string, Builtin> = { trap: trapBuiltin }

function trapBuiltin(sh: Shell, args: string[]): void {
  const { state, p } = sh
  state.status = 0
  const words = args[0] === '--' ? args.slice(1) : args
  if (words.length === 0) {
    const order = (name: string): number => (name === 'EXIT' ? 0 : signalNumber(name))
    const names = Object.keys(state.traps).sort((a, b) => order(a) - order(b))
    return print(
      sh,
      'trap',
      names.map(name => `trap -- '${(state.traps[name] ?? '').replaceAll("'", "'\\''")}' ${name}\n`).join(''),
    )
  }
  if (words[0] === '-l')
    return print(sh, 'trap', signalNames.map((name, at) => `${String(at + 1).padStart(2)}) ${name}\n`).join(''))
  const reset = words[0] === '-' || (words.length === 1 && toTrap(words[0] ?? '') !== undefined)
  const text = words[0] ?? ''
  for (const word of words.slice(words.length === 1 && reset && words[0] !== '-' ? 0 : 1)) {
    const name = toTrap(word)
    if (name === undefined) {
      fail(sh, 'trap', `${word}: invalid signal specification`)
      continue
    }
    if (reset) delete state.traps[name]
    else state.traps[name] = text
    if (name === 'EXIT' || name === 'KILL' || name === 'STOP') continue
    p.sigaction(name, reset ? 'default' : text === '' ? 'ignore' : 'catch')
  }
}

function toTrap(word: string): string | undefined {
  if (word === '0' || word.toUpperCase() === 'EXIT') return 'EXIT'
  return parseSignal(word)
}
