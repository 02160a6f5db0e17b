/** Compose's questions: without `[y/N]` off a terminal, where `y`, `yes`, `t`, `true` and `1` agree. */
import type { CliContext } from '../../command.ts'
import { ask, confirm } from '../../prompt.ts'
import { yes } from './create-options.ts'

export async function agreed(ctx: CliContext, question: string): Promise<boolean> {
  if (ctx.in.isTTY && ctx.out.isTTY) return confirm(ctx, question)
  return yes((await ask(ctx, question))?.trim())
}
