/** A shell's whole state as plain data, and how its variables are read and written. */
import type { Json } from '../program.ts'
import type { Dialect } from './dialect.ts'

export interface Variable {
  /** Of an array: its element 0. */
  value: string
  /** An indexed array, by number. */
  items?: Record<string, string>
  /** An associative array, by `$key`. */
  map?: Record<string, string>
  exported?: boolean
  readonly?: boolean
  /** Declared (`local x`, `export x`) without a value. */
  unset?: boolean
  /** Attributes of bash's declare: -i, -l, -u, and -n, whose value is another variable's name. */
  integer?: boolean
  lower?: boolean
  upper?: boolean
  reference?: boolean
}

export interface Job {
  id: number
  pids: number[]
  /** Process ids that have not ended yet. */
  running: number[]
  /** Exit statuses by position in the pipeline. */
  statuses: number[]
  /** What each process runs, for people. */
  commands: string[]
  /** The signal that stopped it; '' while it runs. */
  stopped: string
  /** Ended or stopped since it was last told. */
  changed: boolean
  pgid: number
  /** It has ended, and `wait` has told of it. */
  waited?: boolean
  /** The parent's, which a subshell can only show. */
  foreign?: boolean
}

/** What the shell is in the middle of; see `frames/index.ts` for each kind. */
export type Frame = { k: string; [key: string]: Json | undefined }

export interface ShellState {
  v: 1
  frames: Frame[]
  /** By name with a leading `$`, so that no name is special to JavaScript. */
  vars: Record<string, Variable>
  /** Functions: source number, offset, node number, and the line that the command with them begins at. */
  functions: Record<string, [source: number, offset: number, node: number, line?: number]>
  aliases: Record<string, string>
  traps: Record<string, string>
  sources: Record<string, string>
  nextSource: number
  args: string[]
  arg0: string
  options: string
  pipefail: boolean
  status: number
  /** Exit status of the last command substitution. */
  substStatus: number
  /** `$$`, which a subshell keeps. */
  mainPid: number
  /** `$PPID`, in subshells too. */
  mainParent: number
  lastBackground: number
  jobs: Job[]
  /** Commands for which `exit` goes with stopped jobs, after the warning. */
  warned?: number
  interactive: boolean
  /** It, or the shell that it is a child of, is at a terminal: messages have no line numbers. */
  atTerminal?: boolean
  /** A child that runs a single command, which it may replace itself by. */
  subshell: boolean
  /** Line of the command under way. */
  line: number
  /** In what way a script is read: its lines are told in messages. */
  script: boolean
  optionIndex: number
  optionOffset: number
  /** OPTIND as getopts last set it. */
  optionShown?: string
  caught: string[]
  exiting: boolean
  history: string[]
  /** bash: exit statuses of the last pipeline, `pushd`'s folders, `shopt`'s options that are not as at the start, `$_`. */
  pipeStatus?: number[]
  folders?: string[]
  shopt?: Record<string, boolean>
  lastArgument?: string
  /** Descriptors of process substitutions that are open. */
  processFds?: number[]
  /** Where commands were found, for a PATH. */
  hashed?: { path: string; files: Record<string, string> }
  /** When it began, in ms, and how many subshells deep it is. */
  startedAt?: number
  depth?: number
}

export const has = (state: ShellState, option: string): boolean => state.options.includes(option)

/** How many references lead on to another one at most. */
const maxReferences = 8

/** The variable that a name stands for: another one where it is a reference. */
export function targetName(state: ShellState, name: string): string {
  let target = name
  for (let hops = 0; hops < maxReferences; hops++) {
    const variable = own(state, target)
    if (!variable?.reference || variable.value === '') break
    target = variable.value
  }
  return target
}

const own = (state: ShellState, name: string): Variable | undefined => {
  const key = `$${name}`
  return Object.hasOwn(state.vars, key) ? state.vars[key] : undefined
}

/** A variable, set or only declared. */
export function declared(state: ShellState, name: string): Variable | undefined {
  const found = own(state, name)
  return found?.reference ? own(state, targetName(state, name)) : found
}

export function getVariable(state: ShellState, name: string): Variable | undefined {
  const found = declared(state, name)
  return found?.unset ? undefined : found
}

/** What `$name` is: for an array its element 0; undefined when that is not set. */
export function scalar(variable: Variable | undefined): string | undefined {
  if (!variable || variable.unset) return undefined
  if (variable.items) return variable.items['0']
  if (variable.map) return variable.map.$0
  return variable.value
}

/** Throws `ReadOnly` for a variable that may not be changed. */
export function setVariable(state: ShellState, name: string, value: string): void {
  let key = `$${name}`
  let old = Object.hasOwn(state.vars, key) ? state.vars[key] : undefined
  if (!old) {
    state.vars[key] = state.options.includes('a') ? { value, exported: true } : { value }
    return
  }
  if (old.reference) {
    key = `$${targetName(state, name)}`
    old = state.vars[key] ??= { value: '' }
  }
  if (old.readonly) throw new ReadOnly(name)
  old.value = old.lower ? value.toLowerCase() : old.upper ? value.toUpperCase() : value
  if (old.items) old.items['0'] = old.value
  if (old.map) old.map.$0 = old.value
  if (old.unset) delete old.unset
  if (state.options.includes('a')) old.exported = true
}

export function unsetVariable(state: ShellState, name: string): void {
  const key = `$${name}`
  if (Object.hasOwn(state.vars, key) && state.vars[key]?.readonly) throw new ReadOnly(name, 'unset')
  delete state.vars[key]
}

export class ReadOnly extends Error {
  override readonly name = 'ReadOnly'
  readonly variable: string
  readonly attempt: 'set' | 'unset'
  constructor(variable: string, attempt: 'set' | 'unset' = 'set') {
    super(`${variable}: is read only`)
    this.variable = variable
    this.attempt = attempt
  }
}

const isExported = (variable: Variable): boolean =>
  variable.exported === true && !variable.unset && !variable.items && !variable.map

/** The variables that commands get. */
export function exported(state: ShellState): Map<string, string> {
  const env = new Map<string, string>()
  for (const key of Object.keys(state.vars)) {
    const variable = state.vars[key]
    if (variable && isExported(variable)) env.set(key.slice(1), variable.value)
  }
  return env
}

/**
 * A command's environment: what is exported, and what is assigned before the command. ash and dash list it in the order of
 * their table of variables.
 */
export function environment(
  { dialect, state }: { dialect: Dialect; state: ShellState },
  assigned: readonly [string, string][],
): Map<string, string> {
  const env = exported(state)
  for (const [name, value] of assigned) env.set(name, value)
  if (dialect === 'bash') return env
  const names = [...env.keys()].sort((a, b) => slot(a) - slot(b))
  const sorted = new Map<string, string>()
  for (const name of names) sorted.set(name, env.get(name) ?? '')
  return sorted
}

const slots = new Map<string, number>()

/** Where ash's hash table holds a variable (ash.c hashvar, VTABSIZE). */
function slot(name: string): number {
  const known = slots.get(name)
  if (known !== undefined) return known
  let hash = name.charCodeAt(0) << 4
  for (let at = 0; at < name.length; at++) hash += name.charCodeAt(at)
  slots.set(name, hash % 39)
  return hash % 39
}

/** A variable of its own, as a subshell or a `local` keeps it. */
export function copyVariable(variable: Variable): Variable {
  return {
    ...variable,
    ...(variable.items && { items: { ...variable.items } }),
    ...(variable.map && { map: { ...variable.map } }),
  }
}

/** The state of a child that goes on with the given frames: nothing that it changes is seen by its parent. */
export function childState(state: ShellState, frames: Frame[]): ShellState {
  const vars: Record<string, Variable> = {}
  for (const key of Object.keys(state.vars)) {
    const variable = state.vars[key]
    if (variable) vars[key] = variable.items || variable.map ? copyVariable(variable) : { ...variable }
  }
  const traps: Record<string, string> = {}
  // What is ignored stays ignored; the rest is as at the start.
  for (const name of Object.keys(state.traps)) if (state.traps[name] === '') traps[name] = ''
  return {
    ...state,
    frames,
    vars,
    traps,
    functions: { ...state.functions },
    aliases: { ...state.aliases },
    sources: { ...state.sources },
    jobs: state.jobs.map(job => ({ ...job, foreign: true })),
    history: [],
    ...(state.hashed && { hashed: { path: state.hashed.path, files: { ...state.hashed.files } } }),
    ...(state.processFds && { processFds: [] }),
    caught: [...state.caught],
    interactive: false,
    subshell: true,
    depth: (state.depth ?? 0) + 1,
  }
}
