/** The JSON form of `explain mounts`. */
import { z } from 'zod'

export const mountsData = z.strictObject({
  container: z.strictObject({ id: z.string(), name: z.string(), image: z.string(), autoRemove: z.boolean() }),
  rows: z.array(
    z.strictObject({
      path: z.string(),
      kind: z.enum(['layer', 'volume', 'anonymous volume', 'bind', 'tmpfs', 'image']),
      source: z.string(),
      writable: z.boolean(),
      /** Other containers that have it mounted. */
      sharedWith: z.array(z.string()),
      /** Whether what is written there is still there afterwards. */
      survives: z.strictObject({ stop: z.boolean(), rm: z.boolean(), rmVolumes: z.boolean() }),
    }),
  ),
  /** Bytes in the writable layer. */
  writable: z.int(),
})
export type MountsData = z.infer<typeof mountsData>
