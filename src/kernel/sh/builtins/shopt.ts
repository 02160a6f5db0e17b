/** bash's shopt: options with names. */
import type { Shell } from '../machine.ts'
import { has } from '../state.ts'
import { type Builtin, fail, options, print } from './builtin.ts'
import { optionLetter } from './options.ts'

/** The options, and whether they are on at the start. */
const known: Record<string, boolean> = {
  autocd: false,
  assoc_expand_once: false,
  cdable_vars: false,
  cdspell: false,
  checkhash: false,
  checkjobs: false,
  checkwinsize: true,
  cmdhist: true,
  compat31: false,
  compat32: false,
  compat40: false,
  compat41: false,
  compat42: false,
  compat43: false,
  compat44: false,
  complete_fullquote: true,
  direxpand: false,
  dirspell: false,
  dotglob: false,
  execfail: false,
  expand_aliases: false,
  extdebug: false,
  extglob: false,
  extquote: true,
  failglob: false,
  force_fignore: true,
  globasciiranges: true,
  globskipdots: true,
  globstar: false,
  gnu_errfmt: false,
  histappend: false,
  histreedit: false,
  histverify: false,
  hostcomplete: true,
  huponexit: false,
  inherit_errexit: false,
  interactive_comments: true,
  lastpipe: false,
  lithist: false,
  localvar_inherit: false,
  localvar_unset: false,
  login_shell: false,
  mailwarn: false,
  no_empty_cmd_completion: false,
  nocaseglob: false,
  nocasematch: false,
  noexpand_translation: false,
  nullglob: false,
  patsub_replacement: true,
  progcomp: true,
  progcomp_alias: false,
  promptvars: true,
  restricted_shell: false,
  shift_verbose: false,
  sourcepath: true,
  varredir_close: false,
  xpg_echo: false,
}

export const shopt: Record<string, Builtin> = { shopt: shoptBuiltin }

function shoptBuiltin(sh: Shell, args: string[]): void {
  const { given, rest } = options(sh, 'shopt', args, 'pqsuo')
  const { state } = sh
  const change = given.has('s') ? true : given.has('u') ? false : undefined
  const isOn = (name: string): boolean =>
    given.has('o')
      ? name === 'pipefail'
        ? state.pipefail
        : has(state, optionLetter(name) ?? ' ')
      : (state.shopt?.[name] ?? known[name] ?? false)
  const exists = (name: string): boolean =>
    given.has('o') ? name === 'pipefail' || optionLetter(name) !== undefined : Object.hasOwn(known, name)
  state.status = 0
  const names =
    rest.length > 0 ? rest : Object.keys(known).filter(name => change === undefined || isOn(name) === change)
  const line = (name: string): string =>
    given.has('p') ? `shopt -${isOn(name) ? 's' : 'u'} ${name}\n` : `${name.padEnd(15)}\t${isOn(name) ? 'on' : 'off'}\n`
  let text = ''
  for (const name of names) {
    if (!exists(name)) fail(sh, 'shopt', `${name}: invalid ${given.has('o') ? 'option' : 'shell option'} name`)
    else if (rest.length > 0 && change !== undefined) set(sh, name, change, given.has('o'))
    else {
      if (rest.length > 0 && !isOn(name)) state.status = 1
      text += line(name)
    }
  }
  if (!given.has('q')) print(sh, 'shopt', text, state.status)
}

function set(sh: Shell, name: string, on: boolean, option: boolean): void {
  const { state } = sh
  if (!option) {
    state.shopt ??= {}
    state.shopt[name] = on
  } else if (name === 'pipefail') state.pipefail = on
  else {
    const letter = optionLetter(name) ?? ''
    state.options = state.options.replaceAll(letter, '') + (on ? letter : '')
  }
}
