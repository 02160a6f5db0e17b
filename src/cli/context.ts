/** The CliContext of a real process: its streams, environment, signals, and the engine on first use. */
import type { CliContext } from './command.ts'
import { StatusError } from './errors.ts'
import { hostInput, hostOutput } from './streams.ts'

/** Opens the engine that this process talks to: the local one. */
async function open(ctx: Pick<CliContext, 'env' | 'err' | 'globals' | 'name'>) {
  const { openLocal } = await import('../engine/local.ts')
  const waiting = (pid: number): void => {
    ctx.err.write(`${ctx.name}: waiting for process ${pid}, which is changing the store\n`)
  }
  const damaged = (message: string): void => ctx.err.write(`${ctx.name}: ${message}\n`)
  const env = ctx.globals.rootless ? { ...ctx.env, MINIDOCK_ROOTLESS: '1' } : ctx.env
  return openLocal(env, { waiting, damaged })
}

type Call = Pick<CliContext, 'name' | 'path' | 'globals' | 'parent'>

/** A context over this process, for the call that `call` describes. */
export function hostContext(call: Call): CliContext {
  const { env } = process
  return contextOver(
    { env, out: hostOutput(1, env), err: hostOutput(2, env), in: hostInput(), cwd: process.cwd() },
    call,
  )
}

/** A context over the given streams, environment and folder. */
export function contextOver(host: Pick<CliContext, 'env' | 'out' | 'err' | 'in' | 'cwd'>, call: Call): CliContext {
  let opened: ReturnType<typeof open> | undefined
  const once = async (): ReturnType<typeof open> => {
    const wanted = call.globals.context
    if (wanted !== '' && wanted !== 'default') {
      const { absent } = await import('./commands/context/contexts.ts')
      const why = absent(call, wanted).message
      throw new StatusError(1, `Failed to initialize: unable to resolve docker endpoint: ${why}`)
    }
    const { elsewhere } = call.globals
    if (elsewhere !== '')
      throw new Error(`Cannot connect to the Docker daemon at ${elsewhere}. Is the docker daemon running?`)
    return (opened ??= open(context))
  }
  let terminations = 0
  const context: CliContext = {
    ...call,
    ...host,
    engine: async () => (await once()).engine,
    internals: async () => (await import('../engine/internals.ts')).openInternals((await once()).context),
    clock: async () => (await once()).clock,
    async advance(ms) {
      const { context: engine } = await once()
      await engine.machine.change(() => engine.clock.sleep(ms))
      await engine.machine.settle()
    },
    onSignal(signals, handler) {
      const heard = (signal: NodeJS.Signals): void => {
        if (signal === 'SIGINT' || signal === 'SIGTERM') terminations++
        if (terminations === 3) {
          context.err.write('\ngot 3 SIGTERM/SIGINTs, forcefully exiting\n')
          process.exit(1)
        }
        handler(signal)
      }
      for (const signal of signals) process.on(signal, heard)
      return () => {
        for (const signal of signals) process.off(signal, heard)
      }
    },
  }
  return context
}
