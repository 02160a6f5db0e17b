/** `docker tag`. */
import { messageOf } from '../../../errors.ts'
import { parseAnyReference, parseReference } from '../../../image/reference.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'

export const command: Command = {
  async run(ctx, args) {
    const [source = '', target = ''] = args
    check(source, parseAnyReference)
    const { digest } = check(target, parseReference)
    if (digest !== undefined) throw new StatusError(1, 'refusing to create a tag with a digest reference')
    await (await ctx.engine()).images.tag(source, target)
    return undefined
  },
}

/** The client looks at both references itself. */
function check<T>(text: string, parse: (text: string) => T): T {
  try {
    return parse(text)
  } catch (error) {
    const message = `Error parsing reference: ${JSON.stringify(text)} is not a valid repository/tag: ${messageOf(error)}`
    throw new StatusError(1, message)
  }
}
