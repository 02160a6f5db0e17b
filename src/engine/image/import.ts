/** POST /images/create?fromSrc= (moby daemon/images/image_import.go). */
import type { ProgressMessage } from '../../api/image.ts'
import { invalid } from '../../errors.ts'
import { applyChanges } from '../../image/changes.ts'
import { encodeConfig, engineVersion, fullContainerConfig } from '../../image/config.ts'
import { addImage } from '../../image/images.ts'
import { hostPlatform, parsePlatform } from '../../image/platform.ts'
import { checkTag, parseReference, type Reference, withDefaultTag } from '../../image/reference.ts'
import { importLayer } from '../../layer/import-layer.ts'
import { layerPath } from '../../layer/layer-index.ts'
import { rfc3339Nano } from '../../util/time.ts'
import type { EngineContext } from '../context.ts'
import type { ImportOptions } from '../engine.ts'
import { blobSink } from './blobs.ts'
import { imageEvent } from './events.ts'
import { applyTag } from './tag.ts'

/** Makes an image of one layer from a tarball. Its last message has the image's id. */
export async function* importImage(
  ctx: EngineContext,
  tar: AsyncIterable<Uint8Array>,
  options: ImportOptions = {},
): AsyncGenerator<ProgressMessage, void> {
  const reference = nameOf(options)
  const { os, architecture, variant } = options.platform ? parsePlatform(options.platform) : hostPlatform
  if (os !== 'linux') throw invalid('operating system is not supported')
  const container = fullContainerConfig(applyChanges({}, options.changes ?? []))
  const index = await importLayer(tar, blobSink(ctx))
  const comment = options.message || 'Imported from -'
  const id = await ctx.machine.change(live => {
    const created = rfc3339Nano(live.time)
    const config = encodeConfig({
      architecture,
      comment,
      config: container,
      container_config: fullContainerConfig({}),
      created,
      docker_version: engineVersion,
      history: [{ created, comment }],
      os,
      rootfs: { type: 'layers', diff_ids: [index.diffID] },
      ...(variant && { variant }),
    })
    live.tx.put(layerPath(index.diffID), index)
    const image = addImage(live.tx, { config, layerSizes: [index.size] })
    if (reference) applyTag(live, image.id, reference)
    live.emit(imageEvent(live.tx, 'import', image.id, image.id))
    return image.id
  })
  yield { status: id }
}

/** @throws EngineError for a name that is none, or that has a digest */
function nameOf({ repo, tag }: ImportOptions): Reference | undefined {
  if (!repo) return undefined
  const reference = parseReference(repo)
  if (reference.digest !== undefined) throw invalid('cannot import digest reference')
  return withDefaultTag(tag ? { ...reference, tag: checkTag(tag) } : reference)
}
