/** The JSON form of `explain cgroup`. */
import { z } from 'zod'

export const cgroupData = z.strictObject({
  machine: z.strictObject({ cpus: z.number(), memory: z.int() }),
  /** The container that was asked for; '' for all. */
  container: z.string(),
  /** Those above before those below. Absent limits are `max`; bytes and ms. */
  groups: z.array(
    z.strictObject({
      path: z.string(),
      container: z.string(),
      memory: z.number(),
      memoryPeak: z.number(),
      memoryMax: z.number().optional(),
      cpuMs: z.number(),
      cpuMax: z.number().optional(),
      cpuWeight: z.number().optional(),
      periods: z.number(),
      throttled: z.number(),
      throttledMs: z.number(),
      pids: z.number(),
      pidsMax: z.number().optional(),
      oomKills: z.number(),
    }),
  ),
  /** What the kernel did, oldest first. `time`: ms since the epoch. */
  events: z.array(
    z.strictObject({ time: z.number(), container: z.string(), what: z.enum(['oom', 'die']), exitCode: z.int() }),
  ),
})
export type CgroupData = z.infer<typeof cgroupData>
