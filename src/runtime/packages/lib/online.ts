/**
 * Whether package managers reach their servers. Their indexes are minidock's own and need no network, but a container
 * that has none must not get packages either: with `--network none` and on internal networks there is no way out.
 */
import type { Proc, Routine } from '../../../kernel/program.ts'
import { textOf } from '../../../kernel/userland/lib/interfaces.ts'

/** Whether there is a default route. */
export function* online(p: Proc): Routine<boolean> {
  const routes = yield* textOf(p, '/proc/net/route')
  return routes.split('\n').some(line => line.split('\t')[1] === '00000000')
}
