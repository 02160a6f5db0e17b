/** The shapes of the command tree's rows (`tree/<noun>.ts`): names, usage, arity and flags as data. */

/**
 * How a flag's value is read, which is also the word that help shows:
 * - `bool`: `--rm`, `--rm=false`
 * - `string`
 * - `int` (int64), `uint`, `uint16`, `float`
 * - `decimal`: a number of CPUs, kept in billionths (NanoCPUs)
 * - `duration`: Go's `1m30s`, kept in nanoseconds
 * - `bytes`: `64m`, kept in bytes
 * - `list`, `stringArray`: may be given again, each a value; `strings`: comma separated too (CSV); `map`: KEY=VALUE
 * - `filter`: KEY=VALUE, kept as API filters
 * Other words (`mount`, `network`, `ulimit`, `port`, `gpu-request`, ...) are lists whose values `check` reads.
 */
export type FlagType =
  | 'bool'
  | 'string'
  | 'int'
  | 'uint'
  | 'uint16'
  | 'float'
  | 'decimal'
  | 'duration'
  | 'bytes'
  | 'list'
  | 'stringArray'
  | 'strings'
  | 'map'
  | 'filter'

export interface FlagSpec {
  name: string
  short?: string
  type: FlagType
  /** The word that help shows instead of the type's own; '' for none. */
  shows?: string
  help: string
  /** As written on a command line; shown in help as `(default X)` unless it is the type's zero. */
  default?: string
  /** The text of `(default X)` where it differs; '' for none. */
  defaultText?: string
  /** The value when the flag is given without one (`--quiet-pull`, `--pull`); a bool has `true`. */
  bare?: string
  hidden?: boolean
  /** What an engine would have to be for the flag to work: ends `"--x" is only supported on a Docker daemon `. */
  only?: string
  /** Printed as `Flag --x has been deprecated, ...` when used; hidden from help. */
  deprecated?: string
  /**
   * Reads a value as soon as it is met: returns it (perhaps in its canonical form), or throws an Error whose message
   * ends up in `invalid argument "v" for "--x" flag: MESSAGE`.
   */
  check?: (value: string) => string
}

/** How many arguments; `message` of `args.ts` has Docker's words for each. */
export type Arity =
  | { rule: 'none' }
  | { rule: 'exactly'; n: number }
  | { rule: 'atLeast'; n: number }
  | { rule: 'atMost'; n: number }
  | { rule: 'between'; min: number; max: number }
  | { rule: 'any' }

/** What an argument names, for completion. */
export type Completes = 'containers' | 'running' | 'images' | 'networks' | 'volumes' | 'files' | 'services' | 'none'

export interface CommandSpec {
  /** The first name; others are aliases: `ls`, `['list', 'ps']`. */
  name: string
  aliases?: readonly string[]
  /** What follows the path in the usage line: `[OPTIONS] CONTAINER [CONTAINER...]`. */
  usage: string
  about: string
  /** The longer text of `--help`, where it is not `about`. */
  long?: string
  /** Every path by which the command goes, as help lists them. */
  paths?: readonly string[]
  args: Arity
  /** Whose words a wrong number of arguments gets, where that is not the plugin's habit. */
  arityBy?: 'docker' | 'cobra'
  /** A long table is a module of its own, loaded when its command is called. */
  flags: readonly FlagSpec[] | (() => Promise<readonly FlagSpec[]>)
  /** Flags end at the first argument (run, exec, create): what follows belongs to the container. */
  stopAtArgument?: boolean
  /** All words are the command's own, flags too. */
  rawFlags?: boolean
  hidden?: boolean
  completes?: Completes
  /** `commands/<file>.ts` where that is not the path's own: `container/ls`. */
  file?: string
}

/** A noun with its verbs: `docker container ...`. */
export interface NounSpec {
  name: string
  usage: string
  about: string
  /** Flags of the noun itself (compose's `-f`, `-p`), met before the verb. */
  flags?: readonly FlagSpec[]
  commands: readonly CommandSpec[]
  nouns?: readonly NounSpec[]
  hidden?: boolean
  /** Its usage line in error messages says COMMAND too, which Docker's leave out for most nouns. */
  commandInErrors?: boolean
  /** Docker's plugins report some mistakes in their own way. */
  plugin?: 'buildx' | 'compose'
  /** Not part of what minidock simulates: every command of it says so. */
  notModelled?: boolean
}
