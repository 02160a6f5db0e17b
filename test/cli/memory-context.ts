/** A CliContext over memory: what a command prints, without a process around it. */

import type { CliContext, Input, Output } from '../../src/cli/command.ts'
import { dispatch } from '../../src/cli/dispatch.ts'
import { report } from '../../src/cli/errors.ts'
import { noFlags } from '../../src/cli/flags.ts'
import { defaultGlobals } from '../../src/cli/globals.ts'
import { virtualClock } from '../../src/clock.ts'
import type { Engine } from '../../src/engine/engine.ts'

export interface Memory extends CliContext {
  readonly stdout: () => string
  readonly stderr: () => string
}

export interface MemoryOptions {
  engine?: Engine
  input?: string | Uint8Array
  env?: Record<string, string>
  cwd?: string
  now?: number
}

/** A context whose engine is `engine`, whose input is a text, and whose outputs are kept. */
export function memoryContext(options: MemoryOptions = {}, call: Partial<CliContext> = {}): Memory {
  const env = { HOME: '/home/me', ...options.env }
  const output = (): Output & { text: () => string } => {
    const parts: string[] = []
    return {
      isTTY: false,
      colors: false,
      columns: 80,
      rows: 24,
      write: data => parts.push(typeof data === 'string' ? data : Buffer.from(data).toString()),
      text: () => parts.join(''),
    }
  }
  const out = output()
  const err = output()
  const clock = virtualClock(options.now ?? 0)
  return {
    name: 'docker',
    path: [],
    parent: noFlags([]),
    globals: defaultGlobals(env),
    out,
    err,
    in: memoryInput(options.input ?? ''),
    env,
    cwd: options.cwd ?? '/',
    engine: async () => {
      if (!options.engine) throw new Error('the engine was asked for')
      return options.engine
    },
    internals: async () => {
      throw new Error('the internals were asked for')
    },
    clock: async () => clock,
    advance: ms => clock.sleep(ms),
    onSignal: () => () => {},
    ...call,
    stdout: out.text,
    stderr: err.text,
  }
}

function memoryInput(given: string | Uint8Array): Input {
  let rest: Buffer = typeof given === 'string' ? Buffer.from(given) : Buffer.from(given)
  const all = (): Buffer => {
    const taken = rest
    rest = Buffer.alloc(0)
    return taken
  }
  return {
    isTTY: false,
    async *read() {
      if (rest.length > 0) yield all()
    },
    readAll: async () => all(),
    async readLine() {
      if (rest.length === 0) return undefined
      const end = rest.indexOf(10)
      const line = rest.subarray(0, end < 0 ? rest.length : end).toString()
      rest = end < 0 ? Buffer.alloc(0) : rest.subarray(end + 1)
      return line
    },
    setRaw() {},
  }
}

export interface Outcome {
  stdout: string
  stderr: string
  status: number
}

/** Runs a whole command line, as main.ts does. */
export async function runLine(argv: readonly string[], options: MemoryOptions = {}): Promise<Outcome> {
  let context: Memory | undefined
  const env = { HOME: '/home/me', ...options.env }
  try {
    const status = await dispatch(argv, 'docker', env, call => (context = memoryContext(options, call)))
    return { stdout: context?.stdout() ?? '', stderr: context?.stderr() ?? '', status }
  } catch (error) {
    const { text, status } = report(error, 'docker', false)
    return { stdout: context?.stdout() ?? '', stderr: (context?.stderr() ?? '') + text, status }
  }
}
