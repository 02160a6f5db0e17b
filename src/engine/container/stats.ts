/** GET /containers/{id}/stats. */
import type { ContainerStats, CpuStats } from '../../api/container.ts'
import { machineFacts } from '../../kernel/machine-facts.ts'
import { rfc3339Nano } from '../../util/time.ts'
import type { EngineContext } from '../context.ts'

const interval = 1000

interface Sample {
  cpuMs: number
  time: number
}

/** Usage now, and with `stream` every second from then on. A container that does not run gives zeros. */
export async function* containerStats(
  ctx: EngineContext,
  reference: string,
  options: { stream?: boolean; signal?: AbortSignal } = {},
): AsyncGenerator<ContainerStats> {
  let before: Sample | undefined
  for (;;) {
    const { stats, sample } = await sampleNow(ctx, reference, before)
    if (before || !options.stream) yield stats
    before = sample
    if (!options.stream || options.signal?.aborted) return
    await ctx.clock.sleep(interval, options.signal)
    if (options.signal?.aborted) return
  }
}

async function sampleNow(
  ctx: EngineContext,
  reference: string,
  before: Sample | undefined,
): Promise<{ stats: ContainerStats; sample: Sample }> {
  return ctx.machine.change(async live => {
    const container = live.find(reference)
    const running = container.state.status === 'running' || container.state.status === 'paused'
    const usage = running ? (await live.world(container)).usage() : { cpuMs: 0, memory: 0, pids: 0 }
    const sample: Sample = { cpuMs: usage.cpuMs, time: live.time }
    // Without an earlier sample, the average since the start.
    const first = before ?? { cpuMs: 0, time: container.state.startedAt || live.time }
    const limit = container.hostConfig.Memory || machineFacts.memory
    const stats: ContainerStats = {
      id: container.id,
      name: `/${container.name}`,
      read: rfc3339Nano(live.time),
      preread: rfc3339Nano(before?.time ?? 0),
      pids_stats: running ? { current: usage.pids } : {},
      num_procs: 0,
      cpu_stats: cpu(sample, running),
      precpu_stats: cpu(first, running),
      memory_stats: running ? { usage: usage.memory, limit, stats: {} } : {},
      blkio_stats: { io_service_bytes_recursive: null },
      ...(running && {
        networks: Object.fromEntries(
          Object.keys(container.networks).map((_, at) => [
            `eth${at}`,
            { rx_bytes: 0, rx_packets: 0, tx_bytes: 0, tx_packets: 0 },
          ]),
        ),
      }),
    }
    return { stats, sample }
  })
}

function cpu(sample: Sample, running: boolean): CpuStats {
  return {
    cpu_usage: {
      total_usage: Math.round(sample.cpuMs * 1e6),
      usage_in_kernelmode: 0,
      usage_in_usermode: Math.round(sample.cpuMs * 1e6),
    },
    ...(running && {
      system_cpu_usage: Math.round(sample.time * machineFacts.cpus * 1e6),
      online_cpus: machineFacts.cpus,
    }),
    throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
  }
}
