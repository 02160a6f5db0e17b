/** The shell's builtins by name, and the frames of those that wait. */
import type { Dialect } from '../dialect.ts'
import type { Handler } from '../machine.ts'
import { onlyBash } from './bash.ts'
import type { Builtin } from './builtin.ts'
import { declarations } from './declare.ts'
import { directories } from './directories.ts'
import { flow } from './flow.ts'
import { folders } from './folders.ts'
import { getopts } from './getopts.ts'
import { jobs, waiting } from './jobs.ts'
import { kill } from './kill.ts'
import { limits } from './limits.ts'
import { lookup } from './lookup.ts'
import { mapfile, mapping } from './mapfile.ts'
import { options } from './options.ts'
import { output } from './output.ts'
import { read, reading } from './read.ts'
import { shopt } from './shopt.ts'
import { trap } from './trap.ts'
import { variables } from './variables.ts'

const everywhere: Record<string, Builtin> = {
  ...output,
  ...directories,
  ...flow,
  ...variables,
  ...options,
  ...trap,
  ...jobs,
  ...kill,
  ...read,
  ...limits,
  ...getopts,
  ...lookup,
}
/** What bash has in place of, or beside, the others' own. */
const inBash: Record<string, Builtin> = { ...declarations, ...shopt, ...folders, ...mapfile, ...onlyBash }
const busyboxOnly: ReadonlySet<string> = new Set(['[['])
const all: ReadonlyMap<string, Builtin> = new Map(Object.entries(everywhere))
const without = (names: ReadonlySet<string>): ReadonlyMap<string, Builtin> =>
  new Map([...all].filter(([name]) => !names.has(name)))
const tables: Record<Dialect, ReadonlyMap<string, Builtin>> = {
  busybox: all,
  dash: without(new Set([...busyboxOnly, 'history', 'let', 'source'])),
  bash: new Map([...without(busyboxOnly), ...Object.entries(inBash)]),
}

/** The builtins that a shell has. */
export const builtinsOf = (dialect: Dialect): ReadonlyMap<string, Builtin> => tables[dialect]

export const builtinFrames: Readonly<Record<string, Handler>> = { waiting, reading, mapping }
