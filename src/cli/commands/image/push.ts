/** `docker push`. */
import { EngineError, messageOf } from '../../../errors.ts'
import { parsePlatform } from '../../../image/platform.ts'
import { fullString, parseReference, type Reference, withDefaultTag } from '../../../image/reference.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { showPull } from '../../format/progress/pull.ts'
import { authFor } from './auth.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const all = flags.bool('all-tags')
    const quiet = flags.bool('quiet')
    const platform = flags.string('platform')
    const given = parse(args[0] ?? '')
    const nameOnly = given.tag === undefined && given.digest === undefined
    if (all && !nameOnly) throw new StatusError(1, "tag can't be used with --all-tags/-a")
    const reference = all ? given : withDefaultTag(given)
    if (!all && nameOnly && !quiet) ctx.out.write('Using default tag: latest\n')
    if (reference.digest !== undefined) throw new StatusError(1, 'cannot push a digest reference')
    if (platform !== '') {
      checkPlatform(platform)
      if (!quiet) ctx.out.write(INFO)
    }
    const engine = await ctx.engine()
    try {
      await showPull(
        ctx,
        engine.images.push(fullString(reference), {
          all,
          ...(platform !== '' && { platform }),
          ...(await authFor(ctx, reference)),
        }),
        { quiet },
      )
    } catch (error) {
      if (error instanceof EngineError) throw error
      throw new StatusError(1, messageOf(error))
    }
    if (quiet) ctx.out.write(`${fullString(reference)}\n`)
    return undefined
  },
}

const INFO =
  '\n Info -> Using --platform pushes only the specified platform manifest of a multi-platform image index.\n  Other components, like attestations, will not be included.\n  To push the complete multi-platform image, remove the --platform flag.\n\n'

/** @throws StatusError as Docker's client words it, without a blank between */
function checkPlatform(text: string): void {
  try {
    parsePlatform(text)
  } catch (error) {
    throw new StatusError(1, `Invalid platform ${text}${messageOf(error)}`)
  }
}

/** What is no reference is the client's error, which has no prefix. */
function parse(text: string): Reference {
  try {
    return parseReference(text)
  } catch (error) {
    throw new StatusError(1, messageOf(error))
  }
}
