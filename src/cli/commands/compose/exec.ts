/** `docker compose exec`. */
import type { Command } from '../../command.ts'
import { command as exec } from '../container/exec.ts'
import { borrow, fixedFlags } from './borrowed.ts'
import { serviceContainer } from './service-container.ts'

export const command: Command = {
  async run(ctx, [service = '', ...words], flags) {
    const { Id } = await serviceContainer(ctx, service, flags)
    // Without a terminal on standard output there is none for the command, unless it is asked for.
    const asked = flags.changed('tty')
      ? flags.bool('tty')
      : flags.changed('no-tty')
        ? !flags.bool('no-tty')
        : ctx.out.isTTY
    return borrow(
      exec,
      ctx,
      [Id, ...words],
      fixedFlags({
        detach: flags.bool('detach'),
        env: flags.list('env'),
        interactive: flags.bool('interactive'),
        privileged: flags.bool('privileged'),
        tty: asked && ctx.in.isTTY,
        user: flags.string('user'),
        workdir: flags.string('workdir'),
      }),
    )
  },
}
