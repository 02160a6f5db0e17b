/** Contexts: the one that there is. minidock's engine is where its store is. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { CliContext } from '../../command.ts'

export const DEFAULT = 'default'
export const DESCRIPTION = 'Current DOCKER_HOST based configuration'

/** The address shown for the engine. */
export const endpoint = (ctx: CliContext): string => ctx.globals.host || 'unix:///var/run/docker.sock'

/** What Docker says of a context that does not exist. */
export function absent(ctx: Pick<CliContext, 'globals'>, name: string): Error {
  const id = createHash('sha256').update(name).digest('hex')
  const file = join(ctx.globals.config, 'contexts', 'meta', id, 'meta.json')
  return new Error(`context "${name}": context not found: open ${file}: no such file or directory`)
}
