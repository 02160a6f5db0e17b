/** How much volumes hold, and how many containers mount each. */
import type { Volume } from '../../api/volume.ts'
import type { EngineContext } from '../context.ts'
import { listVolumes } from './verbs.ts'
import { volumeUsers } from './volumes.ts'

export async function volumesWithUsage(ctx: EngineContext): Promise<Volume[]> {
  const volumes = await listVolumes(ctx)
  if (volumes.length === 0) return []
  return ctx.machine.change(live =>
    volumes.map(volume => ({
      ...volume,
      UsageData: {
        Size: live.worlds.volumeSize(live.tx, volume.Name),
        RefCount: volumeUsers(live.tx, volume.Name).length,
      },
    })),
  )
}
