/** The log of the simulated host's kernel, as `dmesg` shows it: what the OOM killer did. */
import type { StoreReader, Transaction } from '../../store/types.ts'

const path = 'host/kernel-log.json'
/** The kernel's buffer is a ring. */
const kept = 200

/** Its lines, oldest first. */
export const kernelLog = (reader: StoreReader): readonly string[] => reader.read<string[]>(path) ?? []

/** Adds lines, each with the seconds since the host's start. */
export function addToKernelLog(tx: Transaction, time: number, messages: readonly string[]): void {
  if (messages.length === 0) return
  const seconds = ((time % 86_400_000) / 1000).toFixed(6).padStart(12)
  tx.put(path, [...kernelLog(tx), ...messages.map(text => `[${seconds}] ${text}`)].slice(-kept))
}
