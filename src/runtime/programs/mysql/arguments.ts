/** Options of the clients, read as MySQL's own option parser does: -pSECRET, --password=, --host name, unique beginnings. */
import type { Proc, Routine } from '../../../kernel/program.ts'
import { Lines } from '../../../kernel/userland/lib/input.ts'
import { emptyTarget, type Target } from './connect.ts'
import { say } from './log.ts'
import { optionFiles, plainName } from './settings.ts'
import type { Flavour } from './types.ts'

/** Long name, letter, and whether it takes a value: always, or only with `=`. */
export type OptionRow = readonly [name: string, letter: string, value?: 'value' | 'maybe']

const common: readonly OptionRow[] = [
  ['host', 'h', 'value'],
  ['port', 'P', 'value'],
  ['socket', 'S', 'value'],
  ['user', 'u', 'value'],
  ['password', 'p', 'maybe'],
  ['protocol', '', 'value'],
  ['default_character_set', '', 'value'],
  ['defaults_file', '', 'value'],
  ['defaults_extra_file', '', 'value'],
  ['no_defaults', ''],
  ['ssl_mode', '', 'value'],
  ['ssl', '', 'maybe'],
  ['skip_ssl', ''],
  ['ssl_ca', '', 'value'],
  ['ssl_verify_server_cert', ''],
  ['skip_ssl_verify_server_cert', ''],
  ['get_server_public_key', ''],
  ['connect_timeout', '', 'value'],
  ['login_path', '', 'value'],
  ['default_auth', '', 'value'],
  ['plugin_dir', '', 'value'],
  ['compress', 'C'],
  ['force', 'f'],
  ['silent', 's'],
  ['verbose', 'v'],
  ['version', 'V'],
  ['help', '?'],
  ['wait', 'w', 'maybe'],
]

export interface Arguments {
  target: Target
  /** Given options by name; those without a value have an empty one. */
  options: Map<string, string[]>
  operands: string[]
  /** A password stood on the command line, or is to be asked for. */
  passwordShown: boolean
  passwordAsked: boolean
}

/** The command line over option files; a text: what is wrong with it. */
export function readArguments(
  p: Proc,
  flavour: Flavour,
  rows: readonly OptionRow[],
  groups: readonly string[],
): Arguments | { problem: string } {
  const table = [...rows, ...common]
  const given: [string, string][] = []
  const operands: string[] = []
  const args = p.argv.slice(1).map(each => Buffer.from(each, 'latin1').toString('utf8'))
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? ''
    if (word === '--') {
      operands.push(...args.slice(at + 1))
      break
    }
    const long = /^--([\w-]+)(?:=([\s\S]*))?$/.exec(word)
    if (long) {
      const name = plainName(long[1] ?? '')
      const row = table.find(each => each[0] === name) ?? table.find(each => each[0].startsWith(name))
      if (!row) {
        const what = long[2] === undefined ? `unknown option '${word}'` : `unknown variable '${word.slice(2)}'`
        return { problem: flavour.maria ? what : `[ERROR] ${what}.` }
      }
      if (row[2] === 'value' && long[2] === undefined) given.push([row[0], args[++at] ?? ''])
      else given.push([row[0], long[2] ?? (row[0] === 'password' ? '\u0000' : '')])
    } else if (word.startsWith('-') && word.length > 1) {
      for (let letter = 1; letter < word.length; letter++) {
        const row = table.find(each => each[1] === word[letter])
        if (!row)
          return {
            problem: flavour.maria ? `unknown option '-${word[letter]}'` : `[ERROR] unknown option '-${word[letter]}'.`,
          }
        const rest = word.slice(letter + 1)
        if (row[2] === undefined) {
          given.push([row[0], ''])
          continue
        }
        given.push([row[0], rest !== '' ? rest : row[2] === 'value' ? (args[++at] ?? '') : '\u0000'])
        break
      }
    } else operands.push(word)
  }
  const options = new Map<string, string[]>()
  for (const [name, value] of given) options.set(name, [...(options.get(name) ?? []), value])
  const last = (name: string): string | undefined => options.get(name)?.at(-1)
  const files = options.has('no_defaults')
    ? new Map<string, string>()
    : optionFiles(p, groups, last('defaults_file'), last('defaults_extra_file'))
  const target = emptyTarget(p)
  const value = (name: string): string | undefined => last(name) ?? files.get(name)
  target.host = value('host')
  target.port = Number(value('port') ?? 3306)
  target.socket = value('socket') ?? target.socket
  target.user = value('user') ?? target.user
  const password = value('password')
  target.password =
    password === undefined || password === '\u0000'
      ? password === undefined
        ? (p.env.get('MYSQL_PWD') ?? '')
        : ''
      : password
  target.tcp = /^tcp$/i.test(value('protocol') ?? '')
  const shown = last('password')
  return {
    target,
    options,
    operands,
    passwordShown: shown !== undefined && shown !== '\u0000' && shown !== '',
    passwordAsked: shown === '\u0000',
  }
}

/** Asks for a password where one is to be typed, and warns of one that stood in the command. */
export function* passwordOf(p: Proc, flavour: Flavour, given: Arguments): Routine<void> {
  if (given.passwordShown && !flavour.maria)
    yield say(2, `${p.name}: [Warning] Using a password on the command line interface can be insecure.\n`)
  if (!given.passwordAsked) return
  yield say(p.isatty(0) ? 1 : 2, 'Enter password: ')
  const terminal = p.isatty(0)
  const before = terminal ? p.termios(0, { echo: false }) : undefined
  given.target.password = (yield* new Lines(p, 0).next()) ?? ''
  if (before) {
    p.termios(0, { echo: before.echo })
    yield say(1, '\n')
  }
}
