/** The simulated machine and its daemon as the environment wants them. */
import { invalid } from '../errors.ts'
import { sizeMachine } from '../kernel/machine-facts.ts'
import { userNamespaces } from '../kernel/user-namespaces.ts'
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

/** `MINIDOCK_ROOTLESS=1` and `MINIDOCK_USERNS_REMAP=default`: how the daemon is set up. Throws EngineError for other values. */
export function remapUsersBy(env: Readonly<Record<string, string | undefined>>): void {
  const { MINIDOCK_ROOTLESS: rootless, MINIDOCK_USERNS_REMAP: remap } = env
  if (rootless && rootless !== '0' && rootless !== '1')
    throw invalid(`MINIDOCK_ROOTLESS: "${rootless}" is neither 1 nor 0`)
  if (remap && remap !== 'default') throw invalid(`MINIDOCK_USERNS_REMAP: "${remap}" is not "default"`)
  if (rootless === '1' && remap) throw invalid('MINIDOCK_ROOTLESS and MINIDOCK_USERNS_REMAP exclude each other')
  userNamespaces.remapping = rootless === '1' ? 'rootless' : remap ? 'remap' : 'none'
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
