/** The JSON form of `explain security`. */
import { z } from 'zod'

export const securityData = z.strictObject({
  container: z.strictObject({ id: z.string(), name: z.string(), image: z.string() }),
  user: z.string(),
  privileged: z.boolean(),
  readonly: z.boolean(),
  noNewPrivileges: z.boolean(),
  /** `default`, `unconfined`, or `custom`. */
  seccomp: z.enum(['default', 'unconfined', 'custom']),
  devices: z.array(z.string()),
  /** The bounding set: what processes of the container can ever hold. */
  capabilities: z.array(
    z.strictObject({
      name: z.string(),
      held: z.boolean(),
      /** Whether Docker leaves it to a container by itself. */
      byDefault: z.boolean(),
      allows: z.string(),
      /** What stops the operation; '' for nothing. */
      stoppedBy: z.string(),
    }),
  ),
  /** Out of 100. */
  score: z.int(),
  findings: z.array(z.strictObject({ points: z.int(), finding: z.string(), remedy: z.string() })),
})
export type SecurityData = z.infer<typeof securityData>
