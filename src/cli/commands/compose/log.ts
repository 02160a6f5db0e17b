/** Compose's own warnings, as logrus prints them: a line of `key=value` off a terminal, `WARN[0000]` on one. */
import { quote } from '../../../util/strconv.ts'
import type { CliContext } from '../../command.ts'
import { paint } from '../../format/ansi.ts'

/** What prints a warning on standard error. */
export async function warner(ctx: CliContext): Promise<(message: string) => void> {
  const clock = await ctx.clock()
  return message => {
    if (ctx.err.isTTY) {
      const level = ctx.err.colors ? `${paint('33', 'WARN')}[0000]` : 'WARN[0000]'
      ctx.err.write(`${level} ${message.padEnd(44)} \n`)
    } else {
      const time = `${new Date(clock.now()).toISOString().slice(0, 19)}Z`
      ctx.err.write(`time="${time}" level=warning msg=${quote(message)}\n`)
    }
  }
}
