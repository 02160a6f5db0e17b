/** POST /images/load (moby image/tarexport/load.go). */
import type { ProgressMessage } from '../../api/image.ts'
import { EngineError, invalid, messageOf } from '../../errors.ts'
import { type ArchivedFile, type ArchivedImage, ArchiveFiles, imagesOf } from '../../image/archive-reader.ts'
import { diffIDs, platformOf, sha256 } from '../../image/config.ts'
import { addImage, hasLayer } from '../../image/images.ts'
import { readLayerIndex } from '../../image/layer-tars.ts'
import { type Platform, parsePlatform, platformFits } from '../../image/platform.ts'
import { familiarString, parseReference, type Reference, withDefaultTag } from '../../image/reference.ts'
import { lookupTag, setTag } from '../../image/tags.ts'
import { decompress } from '../../layer/decompress.ts'
import { importLayer } from '../../layer/import-layer.ts'
import { type LayerIndex, layerPath } from '../../layer/layer-index.ts'
import { TarReader } from '../../layer/tar-reader.ts'
import type { EngineContext } from '../context.ts'
import { blobSink, readBlob } from './blobs.ts'
import { imageEvent } from './events.ts'

/** Takes the images of an archive in. A damaged archive ends in a message with `error`; what came before it stays. */
export async function* loadImages(
  ctx: EngineContext,
  tar: AsyncIterable<Uint8Array>,
  options: { quiet?: boolean; platform?: string } = {},
): AsyncGenerator<ProgressMessage, void> {
  const platform = options.platform ? parsePlatform(options.platform) : undefined
  const files = new ArchiveFiles(() => blobSink(ctx))
  // The name of the folder that Docker unpacks into shows up in errors.
  const folder = `/var/lib/docker/tmp/docker-import-${ctx.random.below(1e9)}`
  try {
    await receive(tar, files)
    for (const image of await imagesOf(files, folder, platform))
      yield* loadImage(ctx, image, platform, options.quiet ?? false)
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    yield { error: messageOf(error) }
  } finally {
    for (const digest of files.kept()) if (!hasLayer(ctx.store, digest)) ctx.content.remove(digest)
  }
}

async function receive(tar: AsyncIterable<Uint8Array>, files: ArchiveFiles): Promise<void> {
  const reader = new TarReader(files)
  let length = 0
  try {
    for await (const bytes of decompress(tar)) {
      length += bytes.length
      reader.push(bytes)
    }
    if (length > 0) reader.finish()
    files.finish()
  } catch (error) {
    files.abort()
    throw error
  }
}

async function* loadImage(
  ctx: EngineContext,
  image: ArchivedImage,
  platform: Platform | undefined,
  quiet: boolean,
): AsyncGenerator<ProgressMessage, void> {
  const { parseConfig } = await import('../../image/foreign.ts')
  const config = parseConfig(image.config)
  // Docker passes over what is for another platform without a word.
  if (platform && !platformFits(platformOf(config), platform)) return
  const ids = diffIDs(config)
  if (ids.length !== image.layers.length)
    throw invalid(`invalid manifest, layers length mismatch: expected ${ids.length}, got ${image.layers.length}`)
  const tags = image.tags.map(text => withDefaultTag(parseReference(text)))
  const indexes = new Map<string, LayerIndex>()
  let replaced: { name: string; id: string }[] | undefined
  // Again when another process removed a layer that was here a moment ago.
  while (!replaced) {
    yield* indexLayers(ctx, image, ids, indexes, quiet)
    replaced = await store(ctx, image.config, ids, indexes, tags)
  }
  for (const { name, id } of replaced)
    yield { stream: `The image ${name} already exists, renaming the old one with ID ${id} to empty string\n` }
  for (const tag of tags) yield { stream: `Loaded image: ${familiarString(tag)}\n` }
  if (tags.length === 0) yield { stream: `Loaded image ID: ${sha256(image.config)}\n` }
}

/** Takes in the layers that are not here yet; after an error nothing of them stays. */
async function* indexLayers(
  ctx: EngineContext,
  image: ArchivedImage,
  ids: readonly string[],
  indexes: Map<string, LayerIndex>,
  quiet: boolean,
): AsyncGenerator<ProgressMessage, void> {
  try {
    for (const [position, file] of image.layers.entries()) {
      const diffID = ids[position] ?? ''
      if (hasLayer(ctx.store, diffID) || indexes.has(diffID)) continue
      const index = await indexLayer(ctx, file)
      indexes.set(index.diffID, index)
      if (index.diffID !== diffID) {
        const [expected, got] = [diffID, index.diffID].map(digest => JSON.stringify(digest))
        throw invalid(`invalid diffID for layer ${position}: expected ${expected}, got ${got}`)
      }
      if (quiet) continue
      const id = diffID.slice('sha256:'.length, 'sha256:'.length + 12)
      yield { status: 'Loading layer', progressDetail: { current: index.tarSize, total: index.tarSize }, id }
    }
  } catch (error) {
    for (const digest of indexes.keys()) if (!hasLayer(ctx.store, digest)) ctx.content.remove(digest)
    throw error
  }
}

/** Indexes a layer's tar, compressed or not, and keeps the tar as a blob. */
async function indexLayer(ctx: EngineContext, file: ArchivedFile): Promise<LayerIndex> {
  const bytes = file.bytes
  async function* source(): AsyncGenerator<Uint8Array, void> {
    if (bytes) yield bytes
    else yield* readBlob(ctx, file.digest, file.size)
  }
  return importLayer(source(), blobSink(ctx))
}

/** Stores an image with its layers and names in one step; undefined when a layer is missing. */
async function store(
  ctx: EngineContext,
  config: string,
  ids: readonly string[],
  indexes: ReadonlyMap<string, LayerIndex>,
  tags: readonly Reference[],
): Promise<{ name: string; id: string }[] | undefined> {
  return ctx.machine.change(live => {
    const { tx } = live
    if (ids.some(diffID => !indexes.has(diffID) && !hasLayer(tx, diffID))) return undefined
    const layerSizes = ids.map(diffID => {
      const index = indexes.get(diffID)
      if (index) tx.put(layerPath(diffID), index)
      return (index ?? readLayerIndex(tx, diffID)).size
    })
    const { id } = addImage(tx, { config, layerSizes })
    const replaced: { name: string; id: string }[] = []
    for (const tag of tags) {
      const before = lookupTag(tx, tag)
      setTag(tx, tag, id)
      if (before !== undefined && before !== id) replaced.push({ name: familiarString(tag), id: before })
    }
    live.emit(imageEvent(tx, 'load', id, id))
    return replaced
  })
}
