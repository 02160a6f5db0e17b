/** `docker commit`. */
import { messageOf } from '../../../errors.ts'
import { parseReference } from '../../../image/reference.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const [id = '', repo] = args
    if (repo !== undefined) check(repo)
    const { Id } = await (await ctx.engine()).containers.commit(id, {
      ...(repo !== undefined && { repo }),
      comment: flags.string('message'),
      author: flags.string('author'),
      pause: flags.bool('pause'),
      changes: [...flags.list('change')],
    })
    ctx.out.write(`${Id}\n`)
  },
}

/** The client looks at the new name itself. */
function check(repo: string): void {
  try {
    parseReference(repo)
  } catch (error) {
    throw new StatusError(1, messageOf(error))
  }
}
