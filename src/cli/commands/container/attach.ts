/** `docker attach`. */
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { proxySignals, pump } from './attached.ts'
import { checkAttachKeys } from './detach-keys.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const [name = ''] = args
    const engine = await ctx.engine()
    const { Id: id, State: state, Config: config } = await engine.containers.inspect(name)
    if (!state.Running) throw new StatusError(1, 'You cannot attach to a stopped container, start it first')
    if (state.Paused) throw new StatusError(1, 'You cannot attach to a paused container, unpause it first')
    if (state.Restarting)
      throw new StatusError(1, 'You cannot attach to a restarting container, wait until it is running')
    const wanted = !flags.bool('no-stdin')
    if (wanted && config.Tty && !ctx.in.isTTY) throw new StatusError(1, 'the input device is not a TTY')
    const stdin = wanted && config.OpenStdin
    checkAttachKeys(flags.string('detach-keys'))
    const session = await engine.containers.attach(id, { stdin, stdout: true, stderr: true })
    // A size that it had not makes a shell draw its prompt again; `pump` sets the right one.
    if (config.Tty && ctx.out.isTTY) await session.resize(ctx.out.rows + 1, ctx.out.columns + 1)
    const stopProxy = flags.bool('sig-proxy') && !config.Tty ? proxySignals(ctx, engine, id) : undefined
    const detached = await pump(ctx, session, {
      stdin,
      stdout: true,
      stderr: true,
      tty: config.Tty,
      detachKeys: flags.string('detach-keys'),
    })
    stopProxy?.()
    if (detached) throw new StatusError(1, 'read escape sequence')
    return (await engine.containers.wait(id, { condition: 'next-exit' })).StatusCode
  },
}
