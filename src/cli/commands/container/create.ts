/** `docker create`. */
import { EngineError } from '../../../errors.ts'
import type { Command } from '../../command.ts'
import { createFromFlags, runError } from './create-container.ts'
import { parseRun } from './run-options.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    try {
      const options = parseRun(args, flags, { cwd: ctx.cwd, env: ctx.env })
      ctx.out.write(`${await createFromFlags(ctx, options, flags)}\n`)
    } catch (error) {
      // Unlike run, the daemon's errors come bare, with status 1 (behaviours.md 36).
      throw error instanceof EngineError ? error : runError(ctx, 'create', error)
    }
  },
}
