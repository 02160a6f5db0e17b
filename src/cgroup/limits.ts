/** From a container's HostConfig to the limits of its group, as runc writes them. */
import type { Resources } from '../api/container.ts'
import type { CgroupLimits } from './tree.ts'

/** runc's conversion of cpu.shares, 2 to 262144, to cpu.weight (opencontainers/cgroups utils.go). */
export const weightOf = (shares: number): number =>
  shares <= 0 ? 100 : 1 + Math.floor(((Math.max(2, Math.min(262_144, shares)) - 2) * 9999) / 262_142)

/** blkio.weight, 10 to 1000, to io.weight, 1 to 10000. */
const ioWeightOf = (weight: number): number => 1 + Math.floor(((weight - 10) * 9999) / 990)

const nanoPeriodUs = 100_000

export function limitsOf(given: Resources): CgroupLimits {
  const { Memory, MemorySwap, MemoryReservation, NanoCpus, CpuQuota, CpuPeriod, CpuShares, PidsLimit } = given
  return {
    ...(Memory > 0 && { memory: Memory }),
    ...(Memory > 0 && MemorySwap > 0 && { swap: MemorySwap - Memory }),
    ...(MemoryReservation > 0 && { memoryLow: MemoryReservation }),
    ...(NanoCpus > 0 && { quotaUs: Math.round((NanoCpus / 1e9) * nanoPeriodUs), periodUs: nanoPeriodUs }),
    ...(CpuQuota > 0 && { quotaUs: CpuQuota }),
    ...(CpuPeriod > 0 && { periodUs: CpuPeriod }),
    weight: weightOf(CpuShares),
    ...(given.CpusetCpus !== '' && { cpuset: given.CpusetCpus }),
    ...(PidsLimit !== null && PidsLimit > 0 && { pids: PidsLimit }),
    ...(given.BlkioWeight > 0 && { ioWeight: ioWeightOf(given.BlkioWeight) }),
  }
}

/** The group of a container: below `--cgroup-parent`, or the daemon's own. */
export const groupPath = (parent: string, id: string): string =>
  `${parent === '' ? '/docker' : `/${parent.replace(/^\/+|\/+$/g, '')}`}/${id}`
