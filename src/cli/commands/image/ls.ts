/** `docker images`, `docker image ls`. */
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { printList, usesColumn } from '../../format/formatter.ts'
import { imageList, imageRowsOf } from './image-list.ts'

/** Verbs of `docker image` that `docker images` takes for a name. */
const verbs = new Set('build history import inspect list load ls prune pull push rm save tag'.split(' '))

export const command: Command = {
  async run(ctx, args, flags) {
    if (flags.bool('tree')) {
      for (const name of ['quiet', 'no-trunc', 'digests', 'format']) {
        if (!flags.changed(name)) continue
        throw new StatusError(1, `--${name === 'digests' ? 'show-digest' : name} is not yet supported with --tree`)
      }
    }
    const given = flags.filters('filter')
    const [reference] = args
    const filters = reference === undefined ? given : { ...given, reference: [...(given.reference ?? []), reference] }
    const images = await (await ctx.engine()).images.list({ all: flags.bool('all'), filters })
    if (flags.bool('tree')) {
      const { printTree } = await import('./tree.ts')
      const containers = await (await ctx.engine()).containers.list({ all: true })
      const shown = flags.bool('all') ? images : images.filter(image => image.RepoTags.length > 0)
      return printTree(ctx.out, shown, new Set(containers.map(({ ImageID }) => ImageID)))
    }
    const now = (await ctx.clock()).now()
    const options = { format: flags.string('format'), quiet: flags.bool('quiet') }
    const spec = imageList({ noTrunc: flags.bool('no-trunc'), digests: flags.bool('digests'), now })
    const digests = flags.bool('digests') || (options.format !== 'json' && usesColumn(spec, options, 'Digest'))
    await printList(ctx.out, spec, imageRowsOf(images, digests), options)
    if (images.length === 0 && reference !== undefined && verbs.has(reference) && ctx.path[0] === 'images')
      ctx.err.write(
        `\nNo images found matching ${JSON.stringify(reference)}: did you mean "${ctx.name} image ${reference}"?\n`,
      )
    return undefined
  },
}
