/** `curl [ARG...] URL`: short for `host curl`. */
import type { Command } from '../../command.ts'
import { command as host } from './host.ts'

export const command: Command = {
  run: (ctx, args, flags) => host.run(ctx, ['curl', ...args], flags),
}
