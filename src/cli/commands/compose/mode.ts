/** `--progress` and `--ansi`: how what happens is shown. */
import type { CliContext } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import type { ProgressMode } from '../../format/progress/compose.ts'

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
