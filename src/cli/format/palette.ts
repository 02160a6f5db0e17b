/** Colours of what minidock shows and Docker does not have; plain text where none are wanted. chalk is loaded by its first use. */
import type { ChalkInstance } from 'chalk'
import type { Output } from '../command.ts'

/** chalk for a stream: 16 colours on a terminal, none elsewhere and with NO_COLOR. */
export async function palette(out: Output): Promise<ChalkInstance> {
  const { Chalk } = await import('chalk')
  return new Chalk({ level: out.colors ? 1 : 0 })
}
