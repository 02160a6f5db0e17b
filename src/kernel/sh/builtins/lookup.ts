/** What a name stands for: type, command, hash, alias, history. */
import type { Block } from '../../program.ts'
import { execute, forgetLocation, isApplet, locate } from '../launch.ts'
import type { Shell } from '../machine.ts'
import { quoteAsh } from '../quoting.ts'
import { exported, type Frame } from '../state.ts'
import { type Builtin, fail, options, print, specialBuiltins } from './builtin.ts'
import { functionText } from './declare.ts'

export const lookup: Record<string, Builtin> = {
  type: (sh, args) => (sh.dialect === 'bash' ? typeOfBash(sh, args) : typeBuiltin(sh, args, true)),
  command: commandBuiltin,
  hash,
  alias: aliasBuiltin,
  unalias: (sh, args) => {
    const { given, rest } = options(sh, 'unalias', args, 'a')
    sh.state.status = 0
    if (given.has('a')) sh.state.aliases = {}
    for (const name of rest) {
      if (!Object.hasOwn(sh.state.aliases, name)) noAlias(sh, 'unalias', name)
      delete sh.state.aliases[name]
    }
  },
  history: sh =>
    print(
      sh,
      'history',
      sh.state.history
        .map((line, at) =>
          sh.dialect === 'bash' ? `${String(at + 1).padStart(5)}  ${line}\n` : `${String(at).padStart(4)} ${line}\n`,
        )
        .join(''),
    ),
}

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

function typeBuiltin(sh: Shell, args: string[], verbose: boolean, builtin = 'type'): void {
  let text = ''
  let status = 0
  for (const name of args) {
    const found = describe(sh, name, verbose)
    if (found === undefined) {
      status = 127
      if (verbose) text += sh.dialect === 'bash' ? '' : `${name}: not found\n`
      if (verbose && sh.dialect === 'bash') sh.complain(builtin, `${name}: not found`)
    } else text += `${found}\n`
  }
  // bash's succeeds where it has found anything.
  print(sh, builtin, text, sh.dialect === 'bash' && status ? (text === '' ? 1 : 0) : status)
}

const bashKeywords: ReadonlySet<string> = new Set(['[[', ']]', 'function', 'select', 'time', 'coproc'])

/** bash's type: -t the kind, -p the file, -a all of them. */
function typeOfBash(sh: Shell, args: string[]): void {
  const { given, rest } = options(sh, 'type', args, 'afptP')
  let text = ''
  let status = 0
  for (const name of rest) {
    const kinds = kindsOf(sh, name).filter(({ kind }) => !given.has('P') || kind === 'file')
    const shown = given.has('a') ? kinds : kinds.slice(0, 1)
    if (shown.length === 0) {
      status = 1
      if (!given.has('t') && !given.has('p') && !given.has('P')) sh.complain('type', `${name}: not found`)
    }
    for (const { kind, words } of shown) {
      if (given.has('t')) text += `${kind}\n`
      else if (given.has('p') || given.has('P')) text += kind === 'file' ? `${words}\n` : ''
      else text += kind === 'file' ? `${name} is ${words}\n` : `${words}\n`
    }
  }
  print(sh, 'type', text, status)
}

function kindsOf(sh: Shell, name: string): { kind: string; words: string }[] {
  const { state } = sh
  const found: { kind: string; words: string }[] = []
  if (Object.hasOwn(state.aliases, name))
    found.push({ kind: 'alias', words: `${name} is aliased to \`${state.aliases[name]}'` })
  if (keywords.has(name) || bashKeywords.has(name)) found.push({ kind: 'keyword', words: `${name} is a shell keyword` })
  if (Object.hasOwn(state.functions, `$${name}`))
    found.push({ kind: 'function', words: `${name} is a function\n${functionText(sh, name)}` })
  if (sh.builtins.has(name)) found.push({ kind: 'builtin', words: `${name} is a shell builtin` })
  const folders = (exported(state).get('PATH') ?? '').split(':')
  const files = name.includes('/') ? [name] : folders.map(folder => `${folder}/${name}`)
  for (const file of files) if (isExecutable(sh, file)) found.push({ kind: 'file', words: file })
  return found
}

function isExecutable(sh: Shell, file: string): boolean {
  try {
    return sh.p.stat(file).type === 'file' && sh.p.access(file, { execute: true })
  } catch {
    return false
  }
}

function describe(sh: Shell, name: string, verbose: boolean): string | undefined {
  const { state } = sh
  if (keywords.has(name) || (sh.dialect === 'bash' && bashKeywords.has(name)))
    return verbose ? `${name} is a shell keyword` : name
  if (Object.hasOwn(state.aliases, name))
    return verbose
      ? sh.dialect === 'bash'
        ? `${name} is aliased to \`${state.aliases[name]}'`
        : `${name} is an alias for ${state.aliases[name]}`
      : `alias ${name}='${state.aliases[name]}'`
  if (Object.hasOwn(state.functions, `$${name}`))
    return verbose
      ? `${name} is a ${sh.dialect === 'dash' ? 'shell ' : ''}function${sh.dialect === 'bash' ? `\n${functionText(sh, name)}` : ''}`
      : name
  if (sh.builtins.has(name))
    return verbose
      ? `${name} is a ${specialBuiltins.has(name) && sh.dialect !== 'bash' ? 'special ' : ''}shell builtin`
      : name
  try {
    const path = locate(sh, name)
    if (!name.includes('/') && isApplet(sh, path)) return verbose ? `${name} is ${name}` : name
    if (name.includes('/') && !sh.p.access(path, { execute: true })) return undefined
    return verbose ? `${name} is ${path}` : path
  } catch {
    return undefined
  }
}

function commandBuiltin(sh: Shell, args: string[], frame: Frame): Block | undefined {
  const { given, rest: words } = options(sh, 'command', args, 'pvV')
  if (given.has('v') || given.has('V')) {
    // ash looks at the first word alone.
    typeBuiltin(sh, sh.dialect === 'busybox' ? words.slice(0, 1) : words, given.has('V'), 'command')
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
    `${sh.dialect === 'bash' ? 'alias ' : ''}${name}=${sh.dialect === 'bash' ? quoteAlways(aliases[name] ?? '') : quoteAsh(aliases[name] ?? '')}\n`
  if (args.length === 0) return print(sh, 'alias', Object.keys(aliases).sort().map(show).join(''))
  sh.state.status = 0
  for (const word of args) {
    const equals = word.indexOf('=')
    if (equals > 0) aliases[word.slice(0, equals)] = word.slice(equals + 1)
    else if (Object.hasOwn(aliases, word)) print(sh, 'alias', show(word))
    else noAlias(sh, 'alias', word)
  }
}

const quoteAlways = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** ash and dash say it without their own name. */
function noAlias(sh: Shell, builtin: string, name: string): void {
  sh.state.status = 1
  if (sh.dialect !== 'bash') sh.write(2, `${builtin}: ${name} not found\n`)
  else sh.complain(builtin, `${name}: not found`)
}

/** `hash`: where commands were found. */
function hash(sh: Shell, args: string[]): void {
  const { given, rest } = options(sh, 'hash', args, sh.dialect === 'bash' ? 'rdtl' : 'r')
  const { state } = sh
  state.status = 0
  if (given.has('r')) forgetLocation(sh)
  for (const name of rest) {
    forgetLocation(sh, name)
    try {
      if (!sh.builtins.has(name)) locate(sh, name)
    } catch {
      fail(sh, 'hash', `${name}: not found`)
    }
  }
  if (rest.length > 0 || given.has('r')) return
  const files = Object.values(state.hashed?.files ?? {})
  if (sh.dialect !== 'bash') return print(sh, 'hash', files.map(file => `${file}\n`).join(''))
  if (files.length === 0) return print(sh, 'hash', 'hash: hash table empty\n')
  print(sh, 'hash', `hits\tcommand\n${files.map(file => `   1\t${file}\n`).join('')}`)
}
