/** Where the code of each command that is built lies, by `noun/verb`: the only list of commands' modules. */
import type { Command } from './command.ts'

export const loaders: Readonly<Record<string, (() => Promise<{ command: Command }>) | undefined>> = {
  'system/version': () => import('./commands/system/version.ts'),
}
