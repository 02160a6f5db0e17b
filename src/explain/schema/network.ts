/** The JSON form of `explain network`. */
import { z } from 'zod'

const end = z.strictObject({
  container: z.string(),
  interface: z.string(),
  veth: z.string(),
  ipv4: z.string(),
  mac: z.string(),
  /** Names that the embedded DNS answers for. */
  names: z.array(z.string()),
})

export const networkData = z.strictObject({
  interface: z.strictObject({ name: z.string(), address: z.string(), gateway: z.string() }),
  networks: z.array(
    z.strictObject({
      network: z.string(),
      driver: z.string(),
      bridge: z.string(),
      subnets: z.array(z.string()),
      gateways: z.array(z.string()),
      internal: z.boolean(),
      dns: z.boolean(),
      ends: z.array(end),
    }),
  ),
  published: z.array(
    z.strictObject({
      container: z.string(),
      host: z.string(),
      hostPort: z.int(),
      port: z.int(),
      protocol: z.string(),
      address: z.string(),
    }),
  ),
  onHost: z.array(z.string()),
  without: z.array(z.string()),
  /** The way of a packet, when FROM and TO are given. */
  trace: z
    .strictObject({
      From: z.string(),
      To: z.string(),
      Address: z.string(),
      Port: z.int(),
      Protocol: z.enum(['tcp', 'udp', 'icmp']),
      Hops: z.array(
        z.strictObject({
          at: z.string(),
          what: z.string(),
          rule: z.string().optional(),
          table: z.string().optional(),
          chain: z.string().optional(),
        }),
      ),
      Reached: z.boolean(),
      Result: z.string(),
    })
    .optional(),
})
export type NetworkData = z.infer<typeof networkData>
