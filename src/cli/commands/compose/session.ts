/** What compose operations are handed: the engine, the clock, and progress on standard error. */
import type { Project } from '../../../compose/file/project.ts'
import type { Session } from '../../../compose/session.ts'
import type { CliContext } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { type ProgressMode, progressWriter } from '../../format/progress/compose.ts'
import { warner } from './log.ts'
import { separatorOf } from './project.ts'

/** How progress is to be shown. @throws StatusError for words that mean nothing, or contradict one another */
export function progressMode(ctx: CliContext): ProgressMode {
  const flags = ctx.parent
  const ansi = flags.changed('ansi') ? flags.string('ansi') : (ctx.env.COMPOSE_ANSI ?? 'auto')
  const mode = flags.string('progress') || ctx.env.COMPOSE_PROGRESS || ''
  switch (mode) {
    case '':
    case 'auto':
      return ansi === 'never' || ctx.env.NO_COLOR ? 'plain' : ansi === 'always' ? 'tty' : 'auto'
    case 'tty':
      if (ansi === 'never') throw new StatusError(1, "can't use --progress tty while ANSI support is disabled")
      return 'tty'
    case 'plain':
      if (ansi === 'always') throw new StatusError(1, "can't use --progress plain while ANSI support is forced")
      return 'plain'
    case 'quiet':
    case 'none':
      return 'quiet'
    case 'json':
      return 'json'
    default:
      throw new StatusError(1, `unsupported --progress value ${JSON.stringify(mode)}`)
  }
}

export interface WorkOptions {
  /** What is being done, above the list on a terminal. */
  title?: string
  project?: Project | undefined
  dryRun?: boolean
  /** Shows nothing. */
  silent?: boolean
}

/** Does some work with progress on standard error. */
export async function working<T>(
  ctx: CliContext,
  options: WorkOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const mode = options.silent ? 'quiet' : progressMode(ctx)
  const clock = await ctx.clock()
  const { title = 'Running', dryRun = false } = options
  const writer = progressWriter(ctx.err, { mode, title, dryRun, now: () => clock.now() })
  const session: Session = {
    engine: await ctx.engine(),
    clock,
    report: event => writer.event(event),
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
