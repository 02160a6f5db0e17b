/** What compose operations are handed: the engine, the clock, and progress on standard error. */
import type { Project } from '../../../compose/file/project.ts'
import type { ProgressEvent, Session } from '../../../compose/session.ts'
import type { CliContext } from '../../command.ts'
import { progressWriter } from '../../format/progress/compose.ts'
import { warner } from './log.ts'
import { progressMode } from './mode.ts'
import { separatorOf } from './project.ts'

export interface WorkOptions {
  /** What is being done, above the list on a terminal. */
  title?: string
  project?: Project | undefined
  /** Shows nothing. */
  silent?: boolean
  /** Shows each step instead of the list. */
  show?: (event: ProgressEvent) => void
}

/** Does some work with progress on standard error. */
export async function working<T>(
  ctx: CliContext,
  options: WorkOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const mode = options.silent || options.show ? 'quiet' : progressMode(ctx)
  const clock = await ctx.clock()
  const { title = 'Running' } = options
  const writer = progressWriter(ctx.err, {
    mode,
    title,
    dryRun: ctx.dryRun ?? false,
    now: () => clock.now(),
    idle: (ms, signal) => clock.idle(ms, signal),
  })
  const session: Session = {
    engine: await ctx.engine(),
    clock,
    report: options.show ?? (event => writer.event(event)),
    warn: await warner(ctx),
    separator: separatorOf(ctx, options.project),
    parallel: ctx.parent.number('parallel'),
  }
  try {
    return await work(session)
  } finally {
    writer.end()
  }
}

/** Seconds of `--timeout`, when it was given. */
export const timeoutOf = (flags: {
  changed(name: string): boolean
  number(name: string): number
}): { timeout?: number } => (flags.changed('timeout') ? { timeout: flags.number('timeout') } : {})
