/** The JSON form of `explain layers`. */
import { z } from 'zod'

export const layersData = z.strictObject({
  image: z.strictObject({ id: z.string(), names: z.array(z.string()), platform: z.string() }),
  /** Oldest first; `layer`: number in `layers`, absent for metadata. */
  history: z.array(z.strictObject({ createdBy: z.string(), layer: z.int().optional() })),
  /** Lowest first. */
  layers: z.array(
    z.strictObject({
      diffID: z.string(),
      chainID: z.string(),
      createdBy: z.string(),
      /** Numbers of files. */
      added: z.int(),
      changed: z.int(),
      removed: z.int(),
      size: z.int(),
      /** Bytes that a later layer overwrites or removes. */
      wasted: z.int(),
      blob: z.strictObject({ digest: z.string(), size: z.int() }).optional(),
      sharedWith: z.array(z.string()),
    }),
  ),
  size: z.int(),
  wasted: z.int(),
  efficiency: z.number(),
  /** The files of the layer that was asked for. */
  files: z
    .strictObject({
      layer: z.int(),
      entries: z.array(
        z.strictObject({
          path: z.string(),
          change: z.enum(['added', 'changed', 'removed']),
          size: z.int(),
        }),
      ),
    })
    .optional(),
})
export type LayersData = z.infer<typeof layersData>
