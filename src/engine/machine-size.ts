/** The size of the simulated machine, from the environment. */
import { invalid } from '../errors.ts'
import { sizeMachine } from '../kernel/machine-facts.ts'
import { parseBytes } from '../util/ram-bytes.ts'

/** `MINIDOCK_CPUS` and `MINIDOCK_MEMORY`: the simulated machine's size. Throws EngineError for what is none. */
export function sizeMachineBy(env: Readonly<Record<string, string | undefined>>): void {
  const { MINIDOCK_CPUS: cpus, MINIDOCK_MEMORY: memory } = env
  const size: { cpus?: number; memory?: number } = {}
  if (cpus) {
    if (!/^[1-9]\d{0,2}$/.test(cpus)) throw invalid(`MINIDOCK_CPUS: "${cpus}" is no number of processors`)
    size.cpus = Number(cpus)
  }
  if (memory) {
    const bytes = bytesOr(memory)
    if (bytes === undefined || bytes < leastMemory)
      throw invalid(`MINIDOCK_MEMORY: "${memory}" is no size of memory, such as 8g (512m at least)`)
    size.memory = bytes
  }
  sizeMachine(size)
}

/** A machine with less could not hold its own daemons. */
const leastMemory = 512 * 1024 * 1024

function bytesOr(text: string): number | undefined {
  try {
    return parseBytes(text)
  } catch {
    return undefined
  }
}
