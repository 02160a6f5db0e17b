/** `docker rmi`, `docker image rm`. */
import { EngineError } from '../../../errors.ts'
import type { Command } from '../../command.ts'
import { errorText, StatusError } from '../../errors.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    if (flags.list('platform').length > 0)
      throw new StatusError(1, '--platform is not modelled: minidock keeps one platform of an image; leave it out')
    const engine = await ctx.engine()
    const force = flags.bool('force')
    const errors: unknown[] = []
    for (const name of args) {
      try {
        for (const item of await engine.images.remove(name, { force, noPrune: flags.bool('no-prune') })) {
          ctx.out.write('Deleted' in item ? `Deleted: ${item.Deleted}\n` : `Untagged: ${item.Untagged}\n`)
        }
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length === 0) return undefined
    const text = errors.map(errorText).join('\n')
    const fatal = errors.some(error => !(error instanceof EngineError && error.kind === 'notFound'))
    if (!force || fatal) throw new StatusError(1, text)
    ctx.err.write(`${text}\n`)
    return undefined
  },
}
