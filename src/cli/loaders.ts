/** Where the code of each command that is built lies, by `noun/verb`: the only list of commands' modules. */
import type { Command } from './command.ts'

export const loaders: Readonly<Record<string, (() => Promise<{ command: Command }>) | undefined>> = {
  'container/run': () => import('./commands/container/run.ts'),
  'network/connect': () => import('./commands/network/connect.ts'),
  'network/create': () => import('./commands/network/create.ts'),
  'network/disconnect': () => import('./commands/network/disconnect.ts'),
  'network/inspect': () => import('./commands/network/inspect.ts'),
  'network/ls': () => import('./commands/network/ls.ts'),
  'network/prune': () => import('./commands/network/prune.ts'),
  'network/rm': () => import('./commands/network/rm.ts'),
  'own/complete': () => import('./commands/own/complete.ts'),
  'own/completion': () => import('./commands/own/completion.ts'),
  'own/shim': () => import('./commands/own/shim.ts'),
  'system/df': () => import('./commands/system/df.ts'),
  'system/events': () => import('./commands/system/events.ts'),
  'system/info': () => import('./commands/system/info.ts'),
  'system/inspect': () => import('./commands/system/inspect.ts'),
  'system/prune': () => import('./commands/system/prune.ts'),
  'system/version': () => import('./commands/system/version.ts'),
  'volume/create': () => import('./commands/volume/create.ts'),
  'volume/inspect': () => import('./commands/volume/inspect.ts'),
  'volume/ls': () => import('./commands/volume/ls.ts'),
  'volume/prune': () => import('./commands/volume/prune.ts'),
  'volume/rm': () => import('./commands/volume/rm.ts'),
}
