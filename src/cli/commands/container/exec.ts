/** `docker exec`. */
import { EngineError } from '../../../errors.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { resolveEnv } from '../../opts/env.ts'
import { readEnvFile } from '../../opts/files.ts'
import { pump } from './attached.ts'
import { checkExecKeys } from './detach-keys.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const [container = '', ...command] = args
    const detach = flags.bool('detach')
    const tty = flags.bool('tty')
    const stdin = flags.bool('interactive') && !detach
    const env = [
      ...flags.list('env-file').flatMap(file => readEnvFile(file, ctx.cwd, ctx.env)),
      ...flags
        .list('env')
        .map(text => resolveEnv(text, ctx.env))
        .filter(text => text.includes('=')),
    ]
    const engine = await ctx.engine()
    checkExecKeys(flags.string('detach-keys'))
    const { Id } = await engine.exec.create(container, {
      AttachStdin: stdin,
      AttachStdout: !detach,
      AttachStderr: !detach,
      DetachKeys: flags.string('detach-keys'),
      Tty: tty,
      Env: env,
      Cmd: command,
      Privileged: flags.bool('privileged'),
      User: flags.string('user'),
      WorkingDir: flags.string('workdir'),
    })
    if (stdin && tty && !ctx.in.isTTY) throw new StatusError(1, 'the input device is not a TTY')
    if (detach) {
      await (await engine.exec.start(Id, { detach, tty })).close()
      return 0
    }
    try {
      const size = tty && ctx.out.isTTY ? { rows: ctx.out.rows, cols: ctx.out.columns } : {}
      const session = await engine.exec.start(Id, { tty, ...size })
      const detached = await pump(ctx, session, {
        stdin,
        stdout: true,
        stderr: true,
        tty,
        detachKeys: flags.string('detach-keys'),
      })
      if (detached) throw new StatusError(1, 'read escape sequence')
    } catch (error) {
      // A failed start is what the attached stream says, on stdout (behaviours.md 9).
      if (!(error instanceof EngineError) || error.exitStatus === undefined) throw error
      ctx.out.write(`${error.message}\n`)
      return error.exitStatus
    }
    return (await engine.exec.inspect(Id).catch(() => undefined))?.ExitCode ?? 137
  },
}
