/** The JSON form of `explain overlay`. */
import { z } from 'zod'

const kind = z.enum(['file', 'directory', 'symlink', 'device'])

export const overlayData = z.strictObject({
  container: z.strictObject({ id: z.string(), name: z.string(), image: z.string(), state: z.string() }),
  /** Lowest first; the last is the upper directory. `sheet` is its name in `rows`. */
  sheets: z.array(
    z.strictObject({
      sheet: z.string(),
      kind: z.enum(['layer', 'init', 'upper']),
      directory: z.string(),
      diffID: z.string(),
      createdBy: z.string(),
      files: z.int(),
      size: z.int(),
      off: z.boolean(),
    }),
  ),
  merged: z.string(),
  work: z.string(),
  /** The path that was asked for; '' for what is worth a look. */
  path: z.string(),
  rows: z.array(
    z.strictObject({
      path: z.string(),
      /** What the merged view has there. */
      merged: z.union([kind, z.literal('absent')]),
      /** The sheet it comes from; '' for none. */
      from: z.string(),
      /** One a sheet, as in `sheets`. */
      cells: z.array(
        z.strictObject({
          has: z.enum(['nothing', 'shown', 'merged', 'hidden', 'whiteout', 'opaque', 'off']),
          size: z.int(),
        }),
      ),
      change: z.enum(['none', 'new', 'copied-up', 'deleted']),
      /** What is mounted over it; '' for nothing. */
      mount: z.string(),
    }),
  ),
  /** Rows that were left out. */
  more: z.int(),
  copiedUp: z.strictObject({ files: z.int(), bytes: z.int() }),
})
export type OverlayData = z.infer<typeof overlayData>
