/** The table that `kill -l` prints. */
import { lastSignal, signalName } from './signal-names.ts'

/** Busybox: one numbered name a line. procps: the names in two lines. */
export function signalList(gnu: boolean): string {
  const numbers = Array.from({ length: lastSignal }, (_, i) => i + 1)
  if (!gnu) return numbers.map(n => `${String(n).padStart(2)}) ${signalName(n)}\n`).join('')
  const names = numbers.map(signalName)
  return `${names.slice(0, 16).join(' ')}\n${names.slice(16).join(' ')}\n`
}
