/** GET /images/get. */
import { EngineError, notFound } from '../../errors.ts'
import { type ArchiveImage, writeArchive } from '../../image/archive.ts'
import { diffIDs, platformOf } from '../../image/config.ts'
import { configOf, findImage, imageRow } from '../../image/images.ts'
import { layerTarOf } from '../../image/layer-tars.ts'
import { parsePlatform, platformFits, platformText } from '../../image/platform.ts'
import { fullName, fullString, parseAnyReference, parseReference, type Reference } from '../../image/reference.ts'
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
    for (const { id, tag } of meanings(ctx, text)) {
      const record = findImage(ctx.store, id)
      checkPlatform(platformOf(configOf(record)), options.platform)
      const known = images.get(id) ?? { id, config: record.config, tags: [] }
      if (tag && !known.tags.some(other => fullString(other) === fullString(tag))) known.tags.push(tag)
      images.set(id, known)
    }
  }
  const list: ArchiveImage[] = [...images.values()]
  if (list.some(({ id }) => diffIDs(configOf(findImage(ctx.store, id))).length === 0))
    throw new EngineError('system', 'empty export - not implemented')
  yield* writeArchive(list, diffID => layerTarOf(ctx.store, ctx.content, diffID))
  await ctx.machine.change(live => {
    for (const { id } of list) live.emit(imageEvent(live.tx, 'save', id, id))
  })
}

/** What a word of `docker save` means: a repository without a tag is all of its tags (moby tarexport parseNames). */
function meanings(ctx: EngineContext, text: string): { id: string; tag?: Reference }[] {
  const reference = parseAnyReference(text)
  if ('id' in reference) {
    if (!imageRow(ctx.store, reference.id)) throw notFound(`No such image: ${text}`)
    return [{ id: reference.id }]
  }
  const named = lookupTag(ctx.store, reference)
  if (reference.digest !== undefined && named !== undefined) return [{ id: named }]
  if (reference.tag !== undefined && named !== undefined) return [{ id: named, tag: reference }]
  if (reference.tag === undefined && reference.digest === undefined) {
    const all = allTags(ctx.store)
      .map(tag => ({ id: tag.id, tag: parseReference(tag.reference) }))
      .filter(({ tag }) => fullName(tag) === fullName(reference))
    if (all.length > 0) return all.map(({ id, tag }) => (tag.digest === undefined ? { id, tag } : { id }))
  }
  try {
    return [{ id: findImage(ctx.store, text).id }]
  } catch {
    throw notFound(`No such image: ${text}`)
  }
}

function checkPlatform(own: ReturnType<typeof platformOf>, wanted: string | undefined): void {
  if (!wanted) return
  const platform = parsePlatform(wanted)
  if (platformFits(own, platform)) return
  throw notFound(`no suitable export target found for platform ${platformText(platform)}`)
}
