/** GET /images/get. */
import { notFound } from '../../errors.ts'
import { type ArchiveImage, writeArchive } from '../../image/archive.ts'
import { platformOf } from '../../image/config.ts'
import { configOf, findImage, imageRow } from '../../image/images.ts'
import { layerTarOf } from '../../image/layer-tars.ts'
import { parsePlatform, platformFits, platformText } from '../../image/platform.ts'
import { parseAnyReference, parseReference, type Reference, withDefaultTag } from '../../image/reference.ts'
import { allTags, lookupTag } from '../../image/tags.ts'
import type { EngineContext } from '../context.ts'
import { imageEvent } from './events.ts'

/**
 * An archive of images: by tag with that tag, by id without names, by repository with all of its tags.
 * Everything is looked up before the first byte.
 */
export async function* saveImages(
  ctx: EngineContext,
  references: readonly string[],
  options: { platform?: string } = {},
): AsyncGenerator<Uint8Array, void> {
  const images = new Map<string, { id: string; config: string; tags: Reference[] }>()
  for (const text of references) {
    const { id, tags } = meaning(ctx, text)
    const record = findImage(ctx.store, id)
    checkPlatform(text, platformOf(configOf(record)), options.platform)
    const known = images.get(id) ?? { id, config: record.config, tags: [] }
    for (const tag of tags)
      if (!known.tags.some(other => other.tag === tag.tag && other.path === tag.path && other.domain === tag.domain))
        known.tags.push(tag)
    images.set(id, known)
  }
  const list: ArchiveImage[] = [...images.values()]
  yield* writeArchive(list, diffID => layerTarOf(ctx.store, ctx.content, diffID))
  await ctx.machine.change(live => {
    for (const { id } of list) live.emit(imageEvent(live.tx, 'save', id, id))
  })
}

/** What a word of `docker save` means (moby tarexport parseNames). */
function meaning(ctx: EngineContext, text: string): { id: string; tags: Reference[] } {
  const reference = parseAnyReference(text)
  if ('id' in reference) {
    if (!imageRow(ctx.store, reference.id)) throw notFound(`No such image: ${text}`)
    return { id: reference.id, tags: [] }
  }
  const named = lookupTag(ctx.store, reference)
  if (named !== undefined) {
    if (reference.digest !== undefined) return { id: named, tags: [] }
    if (reference.tag !== undefined) return { id: named, tags: [reference] }
  }
  // Without a tag: every tag of the repository that this one's image has.
  if (reference.tag === undefined && reference.digest === undefined) {
    const tags = allTags(ctx.store)
      .map(tag => ({ id: tag.id, reference: parseReference(tag.reference) }))
      .filter(
        tag =>
          tag.reference.domain === reference.domain &&
          tag.reference.path === reference.path &&
          tag.reference.tag !== undefined,
      )
    if (tags.length > 0) {
      const id = named ?? tags[0]?.id ?? ''
      return { id, tags: tags.filter(tag => tag.id === id).map(tag => withDefaultTag(tag.reference)) }
    }
  }
  try {
    return { id: findImage(ctx.store, text).id, tags: [] }
  } catch {
    throw notFound(`No such image: ${text}`)
  }
}

function checkPlatform(text: string, own: ReturnType<typeof platformOf>, wanted: string | undefined): void {
  if (!wanted) return
  const platform = parsePlatform(wanted)
  if (platformFits(own, platform)) return
  throw notFound(
    `image with reference ${text} was found but its platform (${platformText(own)}) does not match the specified platform (${platformText(platform)})`,
  )
}
