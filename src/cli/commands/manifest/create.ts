/** `docker manifest create`: a list of manifests of a registry, to be annotated and pushed. */
import { fullString } from '../../../image/reference.ts'
import type { Command } from '../../command.ts'
import { imageManifest, normalized, readList, readListed, saveListed } from './lists.ts'

export const command: Command = {
  async run(ctx, [target = '', ...sources], flags) {
    const list = normalized(target, `error parsing name for manifest list ${target}: `)
    if (readList(ctx, list) && !flags.bool('amend'))
      throw new Error('refusing to amend an existing manifest list with no --amend flag')
    for (const text of sources) {
      const reference = normalized(text)
      const known = readListed(ctx, list, reference)
      saveListed(ctx, list, reference, known ?? (await imageManifest(ctx, reference, flags.bool('insecure'))))
    }
    ctx.out.write(`Created manifest list ${fullString(list)}\n`)
    return undefined
  },
}
