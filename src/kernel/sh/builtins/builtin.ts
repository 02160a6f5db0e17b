/** What a builtin is, and how it answers. */
import type { Block } from '../../program.ts'
import type { Shell } from '../machine.ts'
import type { Frame } from '../state.ts'

/** Runs one builtin: sets `state.status`; one that waits leaves a frame of its own, or returns a block. */
export type Builtin = (sh: Shell, args: string[], frame: Frame) => Block | undefined | void

/** What a variable may be called. */
export const namePattern = /^[A-Za-z_][A-Za-z0-9_]*$/

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
