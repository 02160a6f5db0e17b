/** `docker import`. */
import { messageOf } from '../../../errors.ts'
import { parseReference } from '../../../image/reference.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { showPull } from '../../format/progress/pull.ts'
import { readHostFile } from './host-file.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const [source = '', repository = ''] = args
    if (repository !== '') check(repository)
    if (/^https?:\/\//.test(source)) {
      const host = source.replace(/^https?:\/\//, '').replace(/[/:].*$/s, '')
      const dial = `dial tcp: lookup ${host}: no such host`
      throw new StatusError(1, `Error response from daemon: Get ${JSON.stringify(source)}: ${dial}`)
    }
    const tar = source === '-' ? ctx.in.read() : readHostFile(ctx.cwd, source)
    const platform = flags.string('platform')
    const messages = (await ctx.engine()).images.import(tar, {
      ...(repository !== '' && { repo: repository }),
      message: flags.string('message'),
      changes: [...flags.list('change')],
      ...(platform !== '' && { platform }),
    })
    await showPull(ctx, messages)
    return undefined
  },
}

function check(reference: string): void {
  try {
    parseReference(reference)
  } catch (error) {
    throw new StatusError(1, messageOf(error))
  }
}
