/** The tree of control groups as it stands. */
import type { Cgroup } from '../../cgroup/tree.ts'
import { readIndex } from '../../container/containers.ts'
import { machineFacts } from '../../kernel/machine-facts.ts'
import type { EngineContext } from '../context.ts'
import type { CgroupsView, CgroupView } from '../internals.ts'
import { runs } from '../network/topology.ts'

/** Brings every running container into memory: what its processes use is theirs to tell. */
export async function cgroupsView(ctx: EngineContext): Promise<CgroupsView> {
  return ctx.machine.change(async live => {
    const running = Object.values(readIndex(live.tx).entries).filter(runs)
    for (const entry of running) await live.world(live.record(entry.id))
    const nameOf = (path: string): string => running.find(entry => path.endsWith(entry.id))?.name ?? ''
    const groups = [...live.worlds.kernel.cgroups.all()]
    return {
      cpus: machineFacts.cpus,
      memory: machineFacts.memory,
      groups: groups.map(group => viewOf(group, nameOf(group.path))),
    }
  })
}

function viewOf(group: Cgroup, container: string): CgroupView {
  const { limits, counters, path } = group
  const { memory, quotaUs, periodUs = 100_000, weight, pids } = limits
  return {
    path,
    container,
    memory: group.memory(),
    memoryPeak: counters.memoryPeak,
    ...(memory !== undefined && { memoryMax: memory }),
    cpuMs: group.cpuMs(),
    ...(quotaUs !== undefined && { cpuMax: quotaUs / periodUs }),
    ...(weight !== undefined && { cpuWeight: weight }),
    periods: Math.floor(counters.periods),
    throttled: Math.floor(counters.throttled),
    throttledMs: counters.throttledMs,
    pids: group.pids(),
    ...(pids !== undefined && { pidsMax: pids }),
    oomKills: counters.oomKill,
  }
}
