/** Signals as kill(1) and its like write them: names and numbers both ways. */
import { signalName as nameOf, signalNumber as numberOf, parseSignal } from '../../signals.ts'

export const lastSignal = 31

/** The number of a signal named in any case, with or without SIG, or by its number; EXIT is 0. Undefined for none. */
export function signalNumber(text: string): number | undefined {
  if (/^(0|(SIG)?EXIT)$/i.test(text)) return 0
  if (/^\d+$/.test(text)) return Number(text) <= 64 ? Number(text) : undefined
  const name = parseSignal(text)
  return name === undefined ? undefined : numberOf(name)
}

/** The name without SIG; EXIT for 0, the number itself when it has none. */
export function signalName(number: number): string {
  return number === 0 ? 'EXIT' : (nameOf(number) ?? String(number))
}
