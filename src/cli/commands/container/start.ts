/** `docker start`. */
import type { CliContext, Command } from '../../command.ts'
import { errorText, StatusError } from '../../errors.ts'
import type { Flags } from '../../flags.ts'
import { proxySignals, pump } from './attached.ts'
import { checkAttachKeys } from './detach-keys.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    if (flags.bool('attach') || flags.bool('interactive')) return startAttached(ctx, args, flags)
    const { containers } = await ctx.engine()
    const failed: string[] = []
    const errors: string[] = []
    for (const id of args) {
      try {
        await containers.start(id)
        ctx.out.write(`${id}\n`)
      } catch (error) {
        errors.push(errorText(error))
        failed.push(id)
      }
    }
    if (failed.length > 0)
      throw new StatusError(1, `${errors.join('\n')}\nError: failed to start containers: ${failed.join(', ')}`)
    return 0
  },
}

async function startAttached(ctx: CliContext, args: readonly string[], flags: Flags): Promise<number> {
  const [id = '', ...more] = args
  if (more.length > 0) throw new StatusError(1, 'you cannot start and attach multiple containers at once')
  const engine = await ctx.engine()
  const { Config: config } = await engine.containers.inspect(id)
  const stdin = flags.bool('interactive') && config.OpenStdin
  if (stdin && config.Tty && !ctx.in.isTTY) throw new StatusError(1, 'the input device is not a TTY')
  checkAttachKeys(flags.string('detach-keys'))
  const session = await engine.containers.attach(id, { stdin, stdout: true, stderr: true })
  const stopProxy = !config.Tty ? proxySignals(ctx, engine, id) : undefined
  try {
    await engine.containers.start(id)
  } catch (error) {
    await session.close()
    stopProxy?.()
    throw error
  }
  const detached = await pump(ctx, session, {
    stdin,
    stdout: true,
    stderr: true,
    tty: config.Tty,
    detachKeys: flags.string('detach-keys'),
  })
  stopProxy?.()
  return detached ? 0 : (await engine.containers.wait(id, { condition: 'next-exit' })).StatusCode
}
