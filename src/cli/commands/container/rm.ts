/** `docker rm`. */
import { EngineError } from '../../../errors.ts'
import type { Command } from '../../command.ts'
import { errorText, StatusError } from '../../errors.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const { containers } = await ctx.engine()
    const force = flags.bool('force')
    const errors: string[] = []
    let failed = false
    for (const given of args) {
      const id = given.replace(/^\/+/, '')
      if (id === '') {
        errors.push('container name cannot be empty')
        failed = true
        continue
      }
      try {
        await containers.remove(id, { force, volumes: flags.bool('volumes'), link: flags.bool('link') })
        ctx.out.write(`${given}\n`)
      } catch (error) {
        errors.push(errorText(error))
        // With -f a missing container is told, but is no failure.
        if (!(force && error instanceof EngineError && error.kind === 'notFound')) failed = true
      }
    }
    if (failed) throw new StatusError(1, errors.join('\n'))
    if (errors.length > 0) ctx.err.write(`${errors.join('\n')}\n`)
  },
}
