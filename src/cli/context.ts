/** The CliContext of a real process: its streams, environment, signals, and the engine on first use. */
import type { Clock } from '../clock.ts'
import type { Engine } from '../engine/engine.ts'
import type { CliContext } from './command.ts'
import { StatusError } from './errors.ts'
import { hostInput, hostOutput } from './streams.ts'

/** Opens the engine that this process talks to: the local one. */
async function open(env: Readonly<Record<string, string | undefined>>): Promise<{ engine: Engine; clock: Clock }> {
  const { openLocal } = await import('../engine/local.ts')
  return openLocal(env)
}

/** A context over this process, for the call that `call` describes. */
export function hostContext(call: Pick<CliContext, 'name' | 'path' | 'globals' | 'parent'>): CliContext {
  const env = process.env
  let opened: ReturnType<typeof open> | undefined
  const once = async (): ReturnType<typeof open> => {
    const { context } = call.globals
    if (context !== '' && context !== 'default') {
      const { absent } = await import('./commands/context/contexts.ts')
      const why = absent(call, context).message
      throw new StatusError(1, `Failed to initialize: unable to resolve docker endpoint: ${why}`)
    }
    return (opened ??= open(env))
  }
  return {
    ...call,
    env,
    out: hostOutput(1, env),
    err: hostOutput(2, env),
    in: hostInput(),
    cwd: process.cwd(),
    engine: async () => (await once()).engine,
    clock: async () => (await once()).clock,
    onSignal(signals, handler) {
      for (const signal of signals) process.on(signal, handler)
      return () => {
        for (const signal of signals) process.off(signal, handler)
      }
    },
  }
}
