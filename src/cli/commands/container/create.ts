/** `docker create`. */
import { EngineError } from '../../../errors.ts'
import type { CliContext, Command } from '../../command.ts'
import { errorText, StatusError } from '../../errors.ts'
import type { Flags } from '../../flags.ts'
import { createFromFlags, runError } from './create-container.ts'
import { parseRun, type RunOptions } from './run-options.ts'

function optionsOf(ctx: CliContext, args: readonly string[], flags: Flags): RunOptions {
  try {
    return parseRun(args, flags, { cwd: ctx.cwd, env: ctx.env })
  } catch (error) {
    throw runError(ctx, 'create', error)
  }
}

export const command: Command = {
  async run(ctx, args, flags) {
    const options = optionsOf(ctx, args, flags)
    try {
      ctx.out.write(`${await createFromFlags(ctx, options, flags)}\n`)
    } catch (error) {
      // Unlike run, what comes after the flags fails bare, with status 1 (behaviours.md 36).
      throw error instanceof EngineError || error instanceof StatusError ? error : new StatusError(1, errorText(error))
    }
  },
}
