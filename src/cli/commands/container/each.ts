/** Verbs that take several containers: all are tried, the good ones printed, the errors told at the end. */
import type { CliContext } from '../../command.ts'
import { errorText, StatusError } from '../../errors.ts'

/**
 * Runs `act` for each argument in turn. What succeeded is printed at once, as it was given; the errors follow on
 * stderr, a line each, and the status is 1 (docker/cli joins them the same way).
 */
export async function forEachArgument(
  ctx: CliContext,
  args: readonly string[],
  act: (argument: string) => Promise<string | undefined | void>,
): Promise<void> {
  const errors: string[] = []
  for (const argument of args) {
    try {
      ctx.out.write(`${(await act(argument)) ?? argument}\n`)
    } catch (error) {
      errors.push(errorText(error))
    }
  }
  if (errors.length > 0) throw new StatusError(1, errors.join('\n'))
}
