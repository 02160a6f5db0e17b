/** What a name stands for: type, command, hash, alias, history. */
import type { Block } from '../../program.ts'
import { execute, locate } from '../launch.ts'
import type { Shell } from '../machine.ts'
import type { Frame } from '../state.ts'
import { type Builtin, fail, print } from './builtin.ts'

export const lookup: Record<string, Builtin> = {
  type: (sh, args) => typeBuiltin(sh, args, true),
  command: commandBuiltin,
  hash: sh => void (sh.state.status = 0),
  alias: aliasBuiltin,
  unalias: (sh, args) => {
    if (args[0] === '-a') sh.state.aliases = {}
    for (const name of args) delete sh.state.aliases[name]
    sh.state.status = 0
  },
  history: sh =>
    print(sh, 'history', sh.state.history.map((line, at) => `${String(at + 1).padStart(5)} ${line}\n`).join('')),
}

/** Builtins whose errors end a script, and whose assignments stay (POSIX 2.14). */
export const specialBuiltins: ReadonlySet<string> = new Set([
  ':',
  '.',
  'break',
  'continue',
  'eval',
  'exec',
  'exit',
  'export',
  'readonly',
  'return',
  'set',
  'shift',
  'times',
  'trap',
  'unset',
  'local',
  'source',
])

const keywords = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'for',
  'while',
  'until',
  'do',
  'done',
  'case',
  'esac',
  '{',
  '}',
  '!',
  'in',
])

function typeBuiltin(sh: Shell, args: string[], verbose: boolean): void {
  let text = ''
  let status = 0
  for (const name of args) {
    const found = describe(sh, name, verbose)
    if (found === undefined) {
      status = 127
      if (verbose) text += sh.dialect === 'bash' ? '' : `${name}: not found\n`
      if (verbose && sh.dialect === 'bash') sh.complain('type', `${name}: not found`)
    } else text += `${found}\n`
  }
  print(sh, 'type', text, sh.dialect === 'bash' && status ? 1 : status)
}

function describe(sh: Shell, name: string, verbose: boolean): string | undefined {
  const { state } = sh
  if (keywords.has(name)) return verbose ? `${name} is a shell keyword` : name
  if (Object.hasOwn(state.aliases, name))
    return verbose ? `${name} is an alias for ${state.aliases[name]}` : `alias ${name}='${state.aliases[name]}'`
  if (Object.hasOwn(state.functions, `$${name}`))
    return verbose ? `${name} is a ${sh.dialect === 'bash' ? '' : 'shell '}function` : name
  if (sh.builtins.has(name))
    return verbose
      ? `${name} is a ${specialBuiltins.has(name) && sh.dialect !== 'bash' ? 'special ' : ''}shell builtin`
      : name
  try {
    const path = locate(sh, name)
    return verbose ? `${name} is ${path}` : path
  } catch {
    return undefined
  }
}

function commandBuiltin(sh: Shell, args: string[], frame: Frame): Block | undefined {
  const words = [...args]
  while (words[0] === '-p' || words[0] === '--') words.shift()
  if (words[0] === '-v' || words[0] === '-V') {
    typeBuiltin(sh, words.slice(1), words[0] === '-V')
    return undefined
  }
  const [name] = words
  sh.state.status = 0
  if (name === undefined) return undefined
  const own = sh.builtins.get(name)
  if (own) return own(sh, words.slice(1), frame) ?? undefined
  return execute(sh, frame, words, frame.assigned as [string, string][]) ?? undefined
}

function aliasBuiltin(sh: Shell, args: string[]): void {
  const { aliases } = sh.state
  const show = (name: string): string =>
    `${sh.dialect === 'bash' ? 'alias ' : ''}${name}=${quoteAlways(aliases[name] ?? '')}\n`
  if (args.length === 0) return print(sh, 'alias', Object.keys(aliases).sort().map(show).join(''))
  sh.state.status = 0
  for (const word of args) {
    const equals = word.indexOf('=')
    if (equals > 0) aliases[word.slice(0, equals)] = word.slice(equals + 1)
    else if (Object.hasOwn(aliases, word)) print(sh, 'alias', show(word))
    else fail(sh, 'alias', `${word} not found`)
  }
}

const quoteAlways = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
