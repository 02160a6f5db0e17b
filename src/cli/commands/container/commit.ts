/** `docker commit`. */
import type { Command } from '../../command.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const [id = '', repo] = args
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
