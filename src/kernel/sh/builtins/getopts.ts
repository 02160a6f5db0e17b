/** `getopts`. */
import type { Shell } from '../machine.ts'
import { getVariable, setVariable, unsetVariable } from '../state.ts'
import { type Builtin, fail, usage } from './builtin.ts'

export const getopts: Record<string, Builtin> = { getopts: getoptsBuiltin }

function getoptsBuiltin(sh: Shell, args: string[]): void {
  const { state } = sh
  const [spec = '', name = '', ...given] = args
  if (args.length < 2) {
    if (sh.dialect === 'bash') throw usage(sh, 'getopts', '')
    return fail(
      sh,
      'getopts',
      sh.dialect === 'dash' ? 'Usage: getopts optstring var [arg]' : 'usage: getopts optstring var [arg]',
      2,
    )
  }
  const words = args.length > 2 ? given : state.args
  const silent = spec.startsWith(':')
  // OPTIND counts where the script has set it.
  const shown = getVariable(state, 'OPTIND')?.value ?? '1'
  let index = state.optionIndex
  if (shown !== (state.optionShown ?? '1') || sh.dialect === 'bash') {
    index = Number(shown)
    if (index !== state.optionIndex || shown !== (state.optionShown ?? '1')) state.optionOffset = 0
  }
  const word = words[index - 1]
  const finish = (letter: string, status: number): void => {
    setVariable(state, name, letter)
    setVariable(state, 'OPTIND', String(index))
    state.optionShown = String(index)
    state.optionIndex = index
    state.status = status
  }
  if (state.optionOffset === 0 && (word === undefined || word === '-' || !word.startsWith('-'))) return finish('?', 1)
  if (state.optionOffset === 0 && word === '--') {
    index++
    return finish('?', 1)
  }
  const offset = state.optionOffset || 1
  const letter = word?.[offset] ?? ''
  const at = letter === ':' ? -1 : spec.indexOf(letter, silent ? 1 : 0)
  const last = offset + 1 >= (word?.length ?? 0)
  const advance = (): void => {
    if (last) {
      index++
      state.optionOffset = 0
    } else state.optionOffset = offset + 1
  }
  if (at < 0) {
    advance()
    if (silent) setVariable(state, 'OPTARG', letter)
    else {
      unsetVariable(state, 'OPTARG')
      sh.write(
        2,
        sh.dialect === 'bash' ? `${state.arg0}: illegal option -- ${letter}\n` : `Illegal option -${letter}\n`,
      )
    }
    return finish('?', 0)
  }
  if (spec[at + 1] !== ':') {
    advance()
    if (sh.dialect === 'bash') unsetVariable(state, 'OPTARG')
    else setVariable(state, 'OPTARG', '')
    return finish(letter, 0)
  }
  state.optionOffset = 0
  const value = last ? words[index] : word?.slice(offset + 1)
  index += last ? 2 : 1
  if (value === undefined) {
    index--
    if (silent) {
      setVariable(state, 'OPTARG', letter)
      return finish(':', 0)
    }
    sh.write(
      2,
      sh.dialect === 'bash'
        ? `${state.arg0}: option requires an argument -- ${letter}\n`
        : `No arg for -${letter} option\n`,
    )
    return finish('?', 0)
  }
  setVariable(state, 'OPTARG', value)
  finish(letter, 0)
}
