/** The layers of an image as a report: not a part of Docker's API. */
import { configOf } from '../../image/images.ts'
import { type ImageReport, layerReport } from '../../image/layer-report.ts'
import { readLayerIndex } from '../../image/layer-tars.ts'
import type { EngineContext } from '../context.ts'
import { findForPlatform } from './inspect.ts'

/** Throws EngineError for an image that is not there, or not for the platform. */
export async function imageLayers(
  ctx: EngineContext,
  reference: string,
  options: { platform?: string } = {},
): Promise<ImageReport> {
  const { history = [], rootfs } = configOf(findForPlatform(ctx, reference, options.platform))
  const made = history.filter(entry => !entry.empty_layer)
  return layerReport(
    (rootfs.diff_ids ?? []).map((diffID, at) => ({
      index: readLayerIndex(ctx.store, diffID),
      createdBy: made[at]?.created_by ?? '',
    })),
  )
}
