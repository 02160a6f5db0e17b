/** A line that moves while something long is done; ora is loaded on a terminal only. */
import type { CliContext } from '../command.ts'

/** Does the work behind a spinner on standard error, which is gone afterwards; elsewhere in silence. */
export async function withSpinner<T>(ctx: CliContext, text: string, work: () => Promise<T>): Promise<T> {
  if (!ctx.err.colors) return work()
  const { default: ora } = await import('ora')
  const spinner = ora({ text, stream: process.stderr, discardStdin: false }).start()
  try {
    return await work()
  } finally {
    spinner.stop()
  }
}
