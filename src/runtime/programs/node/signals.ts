/** The signals that programs may name. */
import { signalNames, signalNumber } from '../../../kernel/signals.ts'

export const signalNumbers: Readonly<Record<string, number>> = Object.fromEntries(
  signalNames.filter(each => /^[A-Z][A-Z0-9]*$/.test(each)).map(each => [`SIG${each}`, signalNumber(each)]),
)
