/** What a builtin is, how it reads its options, and how it answers. */
import type { Block } from '../../program.ts'
import { CommandError, type Shell } from '../machine.ts'
import type { Frame } from '../state.ts'

/** Runs one builtin: sets `state.status`; one that waits leaves a frame of its own, or returns a block. */
export type Builtin = (sh: Shell, args: string[], frame: Frame) => Block | undefined | void

/** What a variable may be called. */
export const namePattern = /^[A-Za-z_][A-Za-z0-9_]*$/

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

/** How bash says what a builtin takes. */
const usages: Record<string, string> = {
  '.': '. filename [arguments]',
  alias: 'alias [-p] [name[=value] ... ]',
  cd: 'cd [-L|[-P [-e]] [-@]] [dir]',
  command: 'command [-pVv] command [arg ...]',
  declare: 'declare [-aAfFgiIlnrtux] [name[=value] ...] or declare -p [-aAfFilnrtux] [name ...]',
  dirs: 'dirs [-clpv] [+N] [-N]',
  exec: 'exec [-cl] [-a name] [command [argument ...]] [redirection ...]',
  export: 'export [-fn] [name[=value] ...] or export -p',
  getopts: 'getopts optstring name [arg ...]',
  hash: 'hash [-lr] [-p pathname] [-dt] [name ...]',
  local: 'local [option] name[=value] ...',
  mapfile: 'mapfile [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]',
  printf: 'printf [-v var] format [arguments]',
  pwd: 'pwd [-LP]',
  read: 'read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]',
  readonly: 'readonly [-aAf] [name[=value] ...] or readonly -p',
  set: 'set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]',
  shopt: 'shopt [-pqsu] [-o] [optname ...]',
  trap: 'trap [-lp] [[arg] signal_spec ...]',
  type: 'type [-afptP] name [name ...]',
  typeset: 'typeset [-aAfFgiIlnrtux] name[=value] ... or typeset -p [-aAfFilnrtux] [name ...]',
  ulimit: 'ulimit [-SHabcdefiklmnpqrstuvxPRT] [limit]',
  umask: 'umask [-p] [-S] [mode]',
  unalias: 'unalias [-a] name [name ...]',
  unset: 'unset [-f] [-v] [-n] [name ...]',
  wait: 'wait [-fn] [-p var] [id ...]',
}

/** Prints on standard output, and says so when that fails. */
export function print(sh: Shell, name: string, text: string, status = 0): void {
  sh.state.status = status
  if (text !== '') sh.state.frames.push({ k: 'write', fd: 1, text, builtin: name })
}

/** A builtin's complaint, and its status. */
export function fail(sh: Shell, name: string, message: string, status = 1): void {
  sh.state.status = status
  sh.complain(name, message)
}

/** A complaint that ends a script where the builtin is a special one. */
export function problem(name: string, message: string, status = 2): CommandError {
  return new CommandError(message, status, specialBuiltins.has(name), name)
}

/**
 * Takes a builtin's options off its arguments. `letters` is as getopts has it: a colon after those with a value.
 * Throws what the shell says of an option that is none.
 */
export function options(
  sh: Shell,
  name: string,
  args: readonly string[],
  letters: string,
): { given: Map<string, string>; rest: string[] } {
  const given = new Map<string, string>()
  let at = 0
  for (; at < args.length; at++) {
    const arg = args[at] ?? ''
    if (arg === '--') {
      at++
      break
    }
    if (!/^-./.test(arg)) break
    for (let place = 1; place < arg.length; place++) {
      const letter = arg[place] ?? ''
      const known = letter === ':' ? -1 : letters.indexOf(letter)
      if (known < 0) throw badOption(sh, name, letter)
      if (letters[known + 1] !== ':') {
        given.set(letter, '')
        continue
      }
      const value = arg.slice(place + 1) || args[++at]
      if (value === undefined) throw missingValue(sh, name, letter)
      given.set(letter, value)
      break
    }
  }
  return { given, rest: args.slice(at) }
}

function badOption(sh: Shell, name: string, letter: string): CommandError {
  if (sh.dialect !== 'bash') return problem(name, `${sh.dialect === 'dash' ? 'I' : 'i'}llegal option -${letter}`)
  return usage(sh, name, `-${letter}: invalid option`)
}

function missingValue(sh: Shell, name: string, letter: string): CommandError {
  if (sh.dialect !== 'bash') return problem(name, `No arg for -${letter} option`)
  return usage(sh, name, `-${letter}: option requires an argument`)
}

/** bash's complaint with the usage below it. */
export function usage(sh: Shell, name: string, message: string): CommandError {
  const text = usages[name]
  const more = text === undefined ? '' : `\n${name}: usage: ${text}`
  return new CommandError(`${message}${more}`, 2, false, sh.dialect === 'bash' ? name : undefined)
}

/** A number as dash and ash demand it. Throws `Illegal number`. */
export function naturalNumber(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw problem(name, `Illegal number: ${text}`)
  return Number(text)
}
