/** A shell's whole state as plain data, and how its variables are read and written. */
import type { Json } from '../program.ts'

export interface Variable {
  value: string
  exported?: boolean
  readonly?: boolean
  /** Declared (`local x`, `export x`) without a value. */
  unset?: boolean
}

export interface Job {
  id: number
  pids: number[]
  /** Process ids that have not ended yet. */
  running: number[]
  /** Exit statuses by position in the pipeline. */
  statuses: number[]
  command: string
  stopped: boolean
  pgid: number
}

/** What the shell is in the middle of; see `frames.ts` for each kind. */
export type Frame = { k: string; [key: string]: Json | undefined }

export interface ShellState {
  v: 1
  frames: Frame[]
  /** By name with a leading `$`, so that no name is special to JavaScript. */
  vars: Record<string, Variable>
  /** Functions: source number, offset, node number. */
  functions: Record<string, [source: number, offset: number, node: number]>
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
  lastBackground: number
  jobs: Job[]
  interactive: boolean
  /** A child that runs a single command, which it may replace itself by. */
  subshell: boolean
  /** Line of the command under way. */
  line: number
  /** In what way a script is read: its lines are told in messages. */
  script: boolean
  optionIndex: number
  optionOffset: number
  caught: string[]
  exiting: boolean
  history: string[]
}

export const has = (state: ShellState, option: string): boolean => state.options.includes(option)

export function getVariable(state: ShellState, name: string): Variable | undefined {
  const found = Object.hasOwn(state.vars, `$${name}`) ? state.vars[`$${name}`] : undefined
  return found?.unset ? undefined : found
}

/** Throws `ReadOnly` for a variable that may not be changed. */
export function setVariable(state: ShellState, name: string, value: string): void {
  const key = `$${name}`
  const old = Object.hasOwn(state.vars, key) ? state.vars[key] : undefined
  if (old?.readonly) throw new ReadOnly(name)
  if (old) {
    old.value = value
    delete old.unset
    if (state.options.includes('a')) old.exported = true
  } else state.vars[key] = { value, ...(state.options.includes('a') && { exported: true }) }
}

export function unsetVariable(state: ShellState, name: string): void {
  const key = `$${name}`
  if (Object.hasOwn(state.vars, key) && state.vars[key]?.readonly) throw new ReadOnly(name)
  delete state.vars[key]
}

export class ReadOnly extends Error {
  override readonly name = 'ReadOnly'
  readonly variable: string
  constructor(variable: string) {
    super(`${variable}: is read only`)
    this.variable = variable
  }
}

/** The environment that commands get. */
export function exported(state: ShellState): Map<string, string> {
  const env = new Map<string, string>()
  for (const [key, variable] of Object.entries(state.vars))
    if (variable.exported && !variable.unset) env.set(key.slice(1), variable.value)
  return env
}
