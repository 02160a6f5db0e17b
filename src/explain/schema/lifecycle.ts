/** The JSON form of `explain lifecycle`. */
import { z } from 'zod'

export const lifecycleData = z.strictObject({
  container: z.strictObject({ id: z.string(), name: z.string(), image: z.string() }),
  state: z.enum(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']),
  exitCode: z.int(),
  oomKilled: z.boolean(),
  restartCount: z.int(),
  restartPolicy: z.string(),
  /** Oldest first. `time`: ms since the epoch. */
  history: z.array(z.strictObject({ time: z.number(), action: z.string(), state: z.string(), cause: z.string() })),
  /** What each command would do now. */
  commands: z.array(z.strictObject({ command: z.string(), outcome: z.string(), error: z.boolean() })),
  image: z.strictObject({ id: z.string(), size: z.int() }),
  /** Bytes of the writable layer. */
  writable: z.int(),
})
export type LifecycleData = z.infer<typeof lifecycleData>
