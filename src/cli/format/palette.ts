/** Colours of what minidock shows and Docker does not have; plain text where none are wanted. */
import type { ChalkInstance } from 'chalk'
import type { Output } from '../command.ts'

/** Text as it is, whatever it is asked to look like: chalk need not be loaded for it. */
const plain: ChalkInstance = new Proxy((...words: unknown[]) => words.join(' '), {
  // A promise asks what it resolves to for `then`: it is none.
  get: (_, key) => (key === 'then' ? undefined : plain),
}) as unknown as ChalkInstance

/** chalk for a stream: 16 colours on a terminal, none elsewhere and with NO_COLOR. Loaded by its first use. */
export async function palette(out: Output): Promise<ChalkInstance> {
  if (!out.colors) return plain
  const { Chalk } = await import('chalk')
  return new Chalk({ level: 1 })
}
