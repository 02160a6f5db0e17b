/** `docker compose images`. */
import type { ImageInspect } from '../../../api/image.ts'
import { LABEL } from '../../../compose/labels.ts'
import { nameOf } from '../../../compose/observed.ts'
import { familiarName, parseReference, withDefaultTag } from '../../../image/reference.ts'
import { parseRfc3339 } from '../../../util/time.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { align, SECTION_WIDTH } from '../../format/tabwriter.ts'
import { ago, humanSize, shortId } from '../../format/units.ts'
import { projectName } from './service-container.ts'

export const command: Command = {
  async run(ctx, services, flags) {
    const format = flags.string('format')
    const project = await projectName(ctx)
    const engine = await ctx.engine()
    const found = await engine.containers.list({ all: true, filters: { label: [`${LABEL.project}=${project}`] } })
    const rows: { container: string; repository: string; tag: string; image: ImageInspect }[] = []
    for (const one of found) {
      if (services.length > 0 && !services.includes(one.Labels[LABEL.service] ?? '')) continue
      const image = await engine.images.inspect(one.Image)
      rows.push({ container: nameOf(one), ...named(one.Image), image })
    }
    rows.sort((a, b) => (a.container < b.container ? -1 : 1))
    const created = (image: ImageInspect): string => image.Metadata?.LastTagTime ?? image.Created ?? ''
    if (flags.bool('quiet')) {
      const ids = new Set(rows.map(row => row.image.Id.replace(/^[^:]*:/, '')))
      ctx.out.write([...ids].map(id => `${id}\n`).join(''))
    } else if (format === 'json') {
      const shown = rows.map(({ container, repository, tag, image }) => ({
        ID: image.Id,
        ContainerName: container,
        Repository: repository,
        Tag: tag,
        Platform: platform(image),
        Size: image.Size,
        LastTagTime: created(image),
      }))
      ctx.out.write(`${shown.length > 0 ? JSON.stringify(shown) : 'null'}\n`)
    } else if (format !== 'table' && format !== 'pretty' && format !== '') {
      throw new StatusError(1, `format value ${JSON.stringify(format)} could not be parsed: parsing failed`)
    } else {
      const now = (await ctx.clock()).now()
      const lines = rows.map(({ container, repository, tag, image }) => [
        container,
        repository || '<none>',
        tag || '<none>',
        platform(image),
        shortId(image.Id),
        humanSize(image.Size, 3),
        ago(parseRfc3339(created(image)), now),
      ])
      const head = ['CONTAINER', 'REPOSITORY', 'TAG', 'PLATFORM', 'IMAGE ID', 'SIZE', 'CREATED']
      ctx.out.write(align([head, ...lines].map(line => `${line.join('\t')}\n`).join(''), SECTION_WIDTH))
    }
  },
}

const platform = ({ Os, Architecture, Variant }: ImageInspect): string =>
  [Os, Architecture, Variant].filter(Boolean).join('/')

/** An image's repository and tag; an id has neither. */
function named(image: string): { repository: string; tag: string } {
  try {
    const reference = withDefaultTag(parseReference(image))
    return { repository: familiarName(reference), tag: reference.tag ?? '' }
  } catch {
    return { repository: '', tag: '' }
  }
}
