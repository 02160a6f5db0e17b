/** `docker run`. */
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { proxySignals, pump } from './attached.ts'
import { createFromFlags, runError } from './create-container.ts'
import { checkAttachKeys } from './detach-keys.ts'
import { parseRun, type RunOptions } from './run-options.ts'

/** Creates a container, starts it, and stays with it unless it is to run in the background. */
export const command: Command = {
  async run(ctx, args, flags) {
    const detach = flags.bool('detach')
    let options: RunOptions
    let id: string
    try {
      options = parseRun(args, flags, { cwd: ctx.cwd, env: ctx.env })
      if (detach && flags.list('attach').length > 0)
        throw new StatusError(1, 'conflicting options: cannot specify both --attach and --detach')
      const { AttachStdin, Tty } = options.request
      if (!detach && AttachStdin && Tty && !ctx.in.isTTY) throw new StatusError(1, 'the input device is not a TTY')
      id = await createFromFlags(ctx, options, flags)
    } catch (error) {
      throw runError(ctx, 'run', error)
    }
    const engine = await ctx.engine()
    if (detach) {
      try {
        await engine.containers.start(id)
      } catch (error) {
        throw runError(ctx, 'run', error)
      } finally {
        // Docker prints it even when the start fails.
        ctx.out.write(`${id}\n`)
      }
      return 0
    }
    const {
      AttachStdin: stdin = false,
      AttachStdout: stdout = false,
      AttachStderr: stderr = false,
      Tty: tty = false,
    } = options.request
    const attached = stdin || stdout || stderr
    if (attached) checkAttachKeys(flags.string('detach-keys'))
    const session = attached ? await engine.containers.attach(id, { stdin, stdout, stderr }) : undefined
    const stopProxy = flags.bool('sig-proxy') && !tty ? proxySignals(ctx, engine, id) : undefined
    const ended = engine.containers.wait(id, {
      condition: options.request.HostConfig?.AutoRemove ? 'removed' : 'next-exit',
    })
    ended.catch(() => undefined)
    try {
      await engine.containers.start(id)
    } catch (error) {
      await session?.close()
      stopProxy?.()
      throw runError(ctx, 'run', error)
    }
    if (!session) {
      ctx.out.write(`${id}\n`)
      stopProxy?.()
      return 0
    }
    const detached = await pump(ctx, session, { stdin, stdout, stderr, tty, detachKeys: flags.string('detach-keys') })
    if (detached) {
      stopProxy?.()
      return 0
    }
    const { StatusCode } = await engine.containers.wait(id, { condition: 'next-exit' })
    stopProxy?.()
    return StatusCode
  },
}
