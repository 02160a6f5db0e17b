/** `rewrite-timestamp=true`: the layers that a build has made, without times after SOURCE_DATE_EPOCH. */
import type { BuiltImage } from '../../build/build.ts'
import { encodeConfig, type ImageConfig } from '../../image/config.ts'
import { layerTarOf } from '../../image/layer-tars.ts'
import { clampTimes } from '../../layer/clamp-times.ts'
import { importLayer } from '../../layer/import-layer.ts'
import type { LayerIndex } from '../../layer/layer-index.ts'
import type { EngineContext } from '../context.ts'
import { blobSink } from '../image/blobs.ts'

/** The image with its own layers made anew, and the indexes of these, which the caller stores; the base's layers stay. */
export async function clampLayers(
  ctx: EngineContext,
  built: BuiltImage,
  epoch: number,
): Promise<{ built: BuiltImage; indexes: LayerIndex[] }> {
  const indexes: LayerIndex[] = []
  for (const diffID of built.diffIDs.slice(built.baseLayers)) {
    const tar = clampTimes(layerTarOf(ctx.store, ctx.content, diffID).bytes(), epoch)
    indexes.push(await importLayer(pieces(tar), blobSink(ctx)))
  }
  const kept = built.baseLayers
  const diffIDs = [...built.diffIDs.slice(0, kept), ...indexes.map(index => index.diffID)]
  const config = JSON.parse(built.config) as ImageConfig
  return {
    built: {
      ...built,
      diffIDs,
      layerSizes: [...built.layerSizes.slice(0, kept), ...indexes.map(index => index.size)],
      config: encodeConfig({ ...config, rootfs: { type: 'layers', diff_ids: diffIDs } }),
    },
    indexes,
  }
}

async function* pieces(tar: Iterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  yield* tar
}
