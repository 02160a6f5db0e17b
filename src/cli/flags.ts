/**
 * A command's flags: the FlagSpec table over commander. `scan.ts` gives the words their meaning by pflag's grammar,
 * commander holds and collects the values, `values.ts` reads them; the errors are pflag's, word by word.
 */
import type { Filters } from '../api/system.ts'
import { messageOf } from '../errors.ts'
import { quote } from '../util/strconv.ts'
import { StatusError } from './errors.ts'
import { type Scanned, scan } from './scan.ts'
import type { FlagSpec } from './spec.ts'
import { type FlagValue, readValue } from './values.ts'

/** The flags of one call, by long name. Asking for a flag that the command has not, or as another type, is a fault. */
export interface Flags {
  bool(name: string): boolean
  string(name: string): string
  /** int, uint, float; `decimal` in billionths, `duration` in nanoseconds, `bytes` in bytes. */
  number(name: string): number
  /** Each value of a flag that may be given again, in order. */
  list(name: string): readonly string[]
  /** KEY=VALUE pairs, the last of a key counts; a missing `=` gives ''. */
  map(name: string): Map<string, string>
  /** KEY=VALUE pairs as the API's filters. */
  filters(name: string): Filters
  /** Whether the flag was given, whatever its value. */
  changed(name: string): boolean
}

/** A flag that pflag would not accept. `message` is the first line that Docker prints. */
export class FlagError extends Error {
  override readonly name = 'FlagError'
}

/** What a command line's flags come to. */
export interface ParsedFlags {
  flags: Flags
  args: string[]
  /** `--help` was given. */
  help: boolean
  /** Lines about deprecated flags that were used; Docker prints them on stdout. */
  notices: string[]
}

const HELP: FlagSpec = { name: 'help', type: 'bool', help: 'Print usage', hidden: true }

/**
 * Parses the words after a command's name.
 * @param stopAtArgument  flags end at the first argument
 * @throws FlagError; StatusError for a flag that no engine like this one has
 */
export async function parseFlags(
  specs: readonly FlagSpec[],
  argv: readonly string[],
  stopAtArgument = false,
): Promise<ParsedFlags> {
  const help = specs.some(s => s.short === 'h') ? HELP : { ...HELP, short: 'h' }
  const all = [...specs, ...(specs.some(s => s.name === 'help') ? [] : [help])]
  const scanned = scan(all, argv, stopAtArgument)
  const unsupported = scanned.given.find(({ flag }) => flag.only !== undefined)?.flag
  if (unsupported) {
    const { name, only } = unsupported
    throw new StatusError(1, `"--${name}" is only supported on a Docker daemon ${only}`)
  }
  const values = scanned.given.length === 0 ? {} : await collect(all, scanned)
  if (scanned.error !== undefined) throw new FlagError(scanned.error)
  const notices = scanned.given.flatMap(({ flag, shorthand }) => {
    if (flag.deprecated !== undefined) return [`Flag --${flag.name} has been deprecated, ${flag.deprecated}`]
    return flag === help && shorthand ? ['Flag shorthand -h has been deprecated, use --help'] : []
  })
  return { flags: access(all, values), args: scanned.args, help: values.help === true, notices }
}

/** The flags of a call that gives none. */
export const noFlags = (specs: readonly FlagSpec[]): Flags => access(specs, {})

/** Has commander collect the values; it is loaded only for command lines that have flags. */
async function collect(specs: readonly FlagSpec[], scanned: Scanned): Promise<Record<string, FlagValue | undefined>> {
  const { Command, Option } = await import('commander')
  const command = new Command().helpOption(false).exitOverride()
  const used = new Set(scanned.given.map(g => g.flag))
  for (const spec of specs) {
    if (!used.has(spec)) continue
    const option = new Option(`--${spec.name} <value>`).argParser((text: string, previous: FlagValue | undefined) =>
      readFlag(spec, text, previous),
    )
    // Commander reads `--no-x` as "x is false"; to Docker it is a flag like any other.
    option.negate = false
    option.attributeName = () => spec.name
    command.addOption(option)
  }
  command.parse(
    scanned.given.map(g => `--${g.flag.name}=${g.value}`),
    { from: 'user' },
  )
  return command.opts()
}

/** @throws FlagError as pflag words it */
function readFlag(spec: FlagSpec, text: string, previous: FlagValue | undefined): FlagValue {
  try {
    return readValue(spec, text, previous)
  } catch (error) {
    const shown = spec.short === undefined || spec.name === 'help' ? `--${spec.name}` : `-${spec.short}, --${spec.name}`
    throw new FlagError(`invalid argument ${quote(text)} for ${quote(shown)} flag: ${messageOf(error)}`)
  }
}

function access(specs: readonly FlagSpec[], values: Readonly<Record<string, FlagValue | undefined>>): Flags {
  const value = (name: string): FlagValue | undefined => {
    if (Object.hasOwn(values, name)) return values[name]
    const spec = specs.find(s => s.name === name)
    if (!spec) throw new TypeError(`no flag --${name} in the command's table`)
    return spec.default === undefined ? undefined : readValue({ ...spec, check: text => text }, spec.default, undefined)
  }
  const typed = <T extends FlagValue>(name: string, test: (v: FlagValue) => v is T, zero: T): T => {
    const found = value(name) ?? zero
    if (!test(found)) throw new TypeError(`flag --${name} is a ${typeof found}`)
    return found
  }
  const list = (name: string): readonly string[] => typed(name, v => Array.isArray(v), [] as readonly string[])
  const pairs = (name: string): [string, string][] =>
    list(name).map(text => {
      const equals = text.indexOf('=')
      return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)]
    })
  return {
    bool: name => typed(name, v => typeof v === 'boolean', false as boolean),
    string: name => typed(name, v => typeof v === 'string', '' as string),
    number: name => typed(name, v => typeof v === 'number', 0 as number),
    list,
    map: name => new Map(pairs(name)),
    filters(name) {
      const filters: Record<string, string[]> = Object.create(null)
      for (const [key, text] of pairs(name)) (filters[key] ??= []).push(text)
      return filters
    },
    changed: name => Object.hasOwn(values, name),
  }
}
