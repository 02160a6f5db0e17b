/** GET /containers/{id}/stats. */

import type { ContainerStats, CpuStats } from '../../api/container.ts'
import { wholePeriods } from '../../cgroup/tree.ts'
import { machineFacts } from '../../kernel/machine-facts.ts'
import { rfc3339Nano } from '../../util/time.ts'
import type { EngineContext } from '../context.ts'
import type { WorldUsage } from '../world.ts'

const interval = 1000
/** The machine's disk. */
const disk = { major: 254, minor: 0 }

/** Usage now and a second before, and with `stream` every second from then on. A container that does not run gives zeros. */
export async function* containerStats(
  ctx: EngineContext,
  reference: string,
  options: { stream?: boolean; signal?: AbortSignal } = {},
): AsyncGenerator<ContainerStats> {
  for (;;) {
    yield await sampleNow(ctx, reference)
    if (!options.stream || options.signal?.aborted) return
    await ctx.clock.sleep(interval, options.signal)
    if (options.signal?.aborted) return
  }
}

async function sampleNow(ctx: EngineContext, reference: string): Promise<ContainerStats> {
  return ctx.machine.change(async live => {
    const container = live.find(reference)
    const running = container.state.status === 'running' || container.state.status === 'paused'
    const usage = running ? (await live.world(container)).usage() : undefined
    const head = {
      id: container.id,
      name: `/${container.name}`,
      read: rfc3339Nano(live.time),
      preread: rfc3339Nano(live.time - interval),
      num_procs: 0,
    }
    if (!usage)
      return {
        ...head,
        pids_stats: {},
        cpu_stats: noCpu,
        precpu_stats: noCpu,
        memory_stats: {},
        blkio_stats: { io_service_bytes_recursive: null },
      }
    return {
      ...head,
      pids_stats: { current: usage.group.pids(), ...limitOf(usage) },
      cpu_stats: cpu(usage, live.time, 0),
      precpu_stats: cpu(usage, live.time, interval),
      memory_stats: memory(usage),
      blkio_stats: { io_service_bytes_recursive: disks(usage) },
      ...(Object.keys(container.networks).length > 0 && { networks: networks(container.networks, usage) }),
    }
  })
}

const limitOf = ({ group }: WorldUsage): { limit?: number } =>
  group.limits.pids === undefined ? {} : { limit: group.limits.pids }

/** Docker's usage is that of the group; who shows it takes the caches that could be given back away from it. */
function memory({ group }: WorldUsage): ContainerStats['memory_stats'] {
  const limits = [...group.chain].flatMap(each => each.limits.memory ?? [])
  const cache = group.sum(members => members.cache())
  return {
    usage: group.memory(),
    limit: Math.min(machineFacts.memory, ...limits),
    stats: {
      anon: group.sum(members => members.anon()),
      file: cache + group.sum(members => members.shmem()),
      inactive_file: cache,
    },
  }
}

function disks({ usage }: WorldUsage): ContainerStats['blkio_stats']['io_service_bytes_recursive'] {
  if (usage.reads + usage.writes === 0) return []
  return [
    { ...disk, op: 'read', value: usage.readBytes },
    { ...disk, op: 'write', value: usage.writtenBytes },
  ]
}

/** What went through is the first interface's: which one a packet takes is not kept. */
function networks(
  attached: Readonly<Record<string, unknown>>,
  { network }: WorldUsage,
): NonNullable<ContainerStats['networks']> {
  const none = { rx_bytes: 0, rx_packets: 0, tx_bytes: 0, tx_packets: 0 }
  return Object.fromEntries(Object.keys(attached).map((_, at) => [`eth${at}`, at === 0 ? network : none]))
}

const noCpu: CpuStats = {
  cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
}

function cpu({ cpuMs, lastSecondMs, group }: WorldUsage, time: number, ago: number): CpuStats {
  const total = Math.round((cpuMs - (ago > 0 ? lastSecondMs : 0)) * 1e6)
  return {
    cpu_usage: { total_usage: total, usage_in_kernelmode: 0, usage_in_usermode: total },
    system_cpu_usage: Math.round((time - ago) * machineFacts.cpus * 1e6),
    online_cpus: machineFacts.cpus,
    throttling_data: {
      periods: wholePeriods(group.counters.periods),
      throttled_periods: wholePeriods(group.counters.throttled),
      throttled_time: Math.round(group.counters.throttledMs * 1e6),
    },
  }
}
