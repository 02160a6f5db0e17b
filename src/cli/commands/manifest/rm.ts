/** `docker manifest rm`: forgets lists in the making. */
import { fullString } from '../../../image/reference.ts'
import type { Command } from '../../command.ts'
import { normalized, readList, removeList } from './lists.ts'

export const command: Command = {
  async run(ctx, targets) {
    const errors: string[] = []
    for (const text of targets) {
      const list = normalized(text)
      if (readList(ctx, list)) removeList(ctx, list)
      else errors.push(`No such manifest: ${fullString(list)}`)
    }
    if (errors.length > 0) throw new Error(errors.join('\n'))
  },
}
