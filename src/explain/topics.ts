/** The topics, in the course's order: each one's module and the schema of its JSON form, loaded when asked for. */
import type { ZodType } from 'zod'
import type { Topic } from './topic.ts'

interface Row {
  /** Arguments that it cannot do without. */
  least: number
  load: () => Promise<Topic>
  schema: () => Promise<ZodType>
}

export const topics: ReadonlyMap<string, Row> = new Map<string, Row>([
  [
    'lifecycle',
    {
      least: 1,
      load: async () => (await import('./lifecycle.ts')).topic,
      schema: async () => (await import('./schema/lifecycle.ts')).lifecycleData,
    },
  ],
  [
    'overlay',
    {
      least: 1,
      load: async () => (await import('./overlay.ts')).topic,
      schema: async () => (await import('./schema/overlay.ts')).overlayData,
    },
  ],
  [
    'layers',
    {
      least: 1,
      load: async () => (await import('./layers.ts')).topic,
      schema: async () => (await import('./schema/layers.ts')).layersData,
    },
  ],
  [
    'network',
    {
      least: 0,
      load: async () => (await import('./network.ts')).topic,
      schema: async () => (await import('./schema/network.ts')).networkData,
    },
  ],
  [
    'mounts',
    {
      least: 1,
      load: async () => (await import('./mounts.ts')).topic,
      schema: async () => (await import('./schema/mounts.ts')).mountsData,
    },
  ],
  [
    'security',
    {
      least: 1,
      load: async () => (await import('./security.ts')).topic,
      schema: async () => (await import('./schema/security.ts')).securityData,
    },
  ],
  [
    'cgroup',
    {
      least: 0,
      load: async () => (await import('./cgroup.ts')).topic,
      schema: async () => (await import('./schema/cgroup.ts')).cgroupData,
    },
  ],
])
