/**
 * Command lines. A command declares its options as data (the documentation is made from the same table):
 *
 *     export const options = { all: '-a --all  names that begin with a dot too', width: '-w --width=COLS', … }
 *
 * One text an option: `-x`, `--long`, or both; `=ARG` for an argument, `[=ARG]` for an optional one; two spaces,
 * then words for the documentation. `busybox: ` or `gnu: ` in front limits it to that flavour. Parsing and
 * messages follow getopt_long (permutation, abbreviated long options, bundled short ones).
 */
import { UsageError } from './failure.ts'

export type OptionTable = Readonly<Record<string, string>>

export type Flavour = 'busybox' | 'gnu'

interface Option {
  key: string
  short: string[]
  long: string[]
  argument: 'none' | 'required' | 'optional'
}

/** What a command line gave. Keys are those of the table. */
export class Options<T extends OptionTable> {
  /** In the order given; options without an argument have ''. */
  readonly given: readonly { key: keyof T & string; value: string }[]
  readonly operands: string[]

  constructor(given: { key: keyof T & string; value: string }[], operands: string[]) {
    this.given = given
    this.operands = operands
  }

  has(key: keyof T & string): boolean {
    return this.given.some(one => one.key === key)
  }

  count(key: keyof T & string): number {
    return this.given.filter(one => one.key === key).length
  }

  /** The last argument given. */
  value(key: keyof T & string): string | undefined {
    return this.given.findLast(one => one.key === key)?.value
  }

  values(key: keyof T & string): string[] {
    return this.given.filter(one => one.key === key).map(one => one.value)
  }

  /** Which of some options that override one another came last. */
  last<K extends keyof T & string>(...keys: K[]): K | undefined {
    return this.given.findLast(one => (keys as string[]).includes(one.key))?.key as K | undefined
  }
}

/** Settings of the parser that differ from command to command. */
export interface ParseSettings {
  flavour: Flavour
  /** Options end at the first operand (xargs, env, nohup, …). */
  stopAtOperand?: boolean
  /** The command knows no long options, not even to complain about: `--x` is the short option `-`. */
  shortOnly?: boolean
  /** `-5` is the option with this key and value 5 (head, tail, fold, …). */
  digits?: string
}

/** Splits `args` (without argv[0]) into options and operands. Throws UsageError in getopt's words. */
export function parseOptions<T extends OptionTable>(
  table: T,
  args: readonly string[],
  settings: ParseSettings,
): Options<T> {
  const known = readTable(table, settings.flavour)
  const given: { key: keyof T & string; value: string }[] = []
  const operands: string[] = []
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? ''
    if (arg === '--') {
      operands.push(...args.slice(at + 1))
      break
    }
    if (arg.startsWith('--') && !settings.shortOnly) {
      at += parseLong(known, arg, args[at + 1], given)
    } else if (settings.digits !== undefined && /^-\d/.test(arg)) {
      given.push({ key: settings.digits, value: arg.slice(1) })
    } else if (arg.startsWith('-') && arg !== '-') {
      at += parseShort(known, arg, args[at + 1], given)
    } else if (settings.stopAtOperand) {
      operands.push(...args.slice(at))
      break
    } else operands.push(arg)
  }
  return new Options(given, operands)
}

type Given = { key: string; value: string }[]

/** Returns how many further arguments were used up. */
function parseLong(known: Option[], arg: string, next: string | undefined, given: Given): number {
  const equals = arg.indexOf('=')
  const name = equals === -1 ? arg.slice(2) : arg.slice(2, equals)
  const option = findLong(known, name, arg)
  const full = option.long.find(long => long === name) ?? option.long.find(long => long.startsWith(name)) ?? name
  if (equals !== -1) {
    if (option.argument === 'none') throw new UsageError(`option '--${full}' doesn't allow an argument`)
    given.push({ key: option.key, value: arg.slice(equals + 1) })
    return 0
  }
  if (option.argument !== 'required') {
    given.push({ key: option.key, value: '' })
    return 0
  }
  if (next === undefined) throw new UsageError(`option '--${full}' requires an argument`)
  given.push({ key: option.key, value: next })
  return 1
}

function findLong(known: Option[], name: string, arg: string): Option {
  const exact = known.find(option => option.long.includes(name))
  if (exact) return exact
  const starts = known.flatMap(option => option.long.filter(l => l.startsWith(name)).map(long => ({ option, long })))
  const first = starts[0]
  if (!first) throw new UsageError(`unrecognized option '${arg}'`)
  if (starts.some(({ option }) => option !== first.option)) {
    const all = starts.map(({ long }) => `'--${long}'`).join(' ')
    throw new UsageError(`option '${arg}' is ambiguous; possibilities: ${all}`)
  }
  return first.option
}

function parseShort(known: Option[], arg: string, next: string | undefined, given: Given): number {
  for (let at = 1; at < arg.length; at++) {
    const letter = arg.charAt(at)
    const option = known.find(one => one.short.includes(letter))
    if (!option) throw new UsageError(`invalid option -- '${letter}'`)
    if (option.argument === 'none') {
      given.push({ key: option.key, value: '' })
      continue
    }
    const rest = arg.slice(at + 1)
    if (rest !== '' || option.argument === 'optional') {
      given.push({ key: option.key, value: rest })
      return 0
    }
    if (next === undefined) throw new UsageError(`option requires an argument -- '${letter}'`)
    given.push({ key: option.key, value: next })
    return 1
  }
  return 0
}

const tables: Record<Flavour, WeakMap<OptionTable, Option[]>> = { busybox: new WeakMap(), gnu: new WeakMap() }

/** A table's options, read once. */
function readTable(table: OptionTable, flavour: Flavour): Option[] {
  let options = tables[flavour].get(table)
  if (!options) tables[flavour].set(table, (options = parseTable(table, flavour)))
  return options
}

function parseTable(table: OptionTable, flavour: Flavour): Option[] {
  const options: Option[] = []
  for (const key of Object.keys(table)) {
    const text = table[key] ?? ''
    const limited = /^(busybox|gnu): (.*)$/s.exec(text)
    if (limited && limited[1] !== flavour) continue
    const spec = ((limited?.[2] ?? text).split('  ')[0] ?? '').trim()
    const option: Option = { key, short: [], long: [], argument: 'none' }
    for (const word of spec.split(/[ ,]+/)) {
      const match = /^(--?)(.[^=[]*)(\[?=)?/.exec(word)
      if (!match) continue
      ;(match[1] === '--' ? option.long : option.short).push(match[2] ?? '')
      if (match[3]) option.argument = match[3] === '=' ? 'required' : 'optional'
    }
    options.push(option)
  }
  return options
}
