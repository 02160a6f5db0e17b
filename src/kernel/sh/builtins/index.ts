/** The shell's builtins by name, and the frames of those that wait. */
import type { Dialect } from '../dialect.ts'
import type { Handler } from '../machine.ts'
import type { Builtin } from './builtin.ts'
import { directories } from './directories.ts'
import { flow } from './flow.ts'
import { getopts } from './getopts.ts'
import { jobs, waiting } from './jobs.ts'
import { kill } from './kill.ts'
import { limits } from './limits.ts'
import { lookup } from './lookup.ts'
import { options } from './options.ts'
import { output } from './output.ts'
import { read, reading } from './read.ts'
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
const bashOnly: ReadonlySet<string> = new Set(['history'])
const all: ReadonlyMap<string, Builtin> = new Map(Object.entries(everywhere))
const posix: ReadonlyMap<string, Builtin> = new Map([...all].filter(([name]) => !bashOnly.has(name)))

/** The builtins that a shell has. */
export const builtinsOf = (dialect: Dialect): ReadonlyMap<string, Builtin> => (dialect === 'bash' ? all : posix)

export const builtinFrames: Readonly<Record<string, Handler>> = { waiting, reading }
