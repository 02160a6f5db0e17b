/** From a container's HostConfig to the limits of its group, as runc writes them. */
import type { Resources } from '../api/container.ts'
import type { CgroupLimits, IoMax } from './tree.ts'

/**
 * cpu.shares, 2 to 262144, as cpu.weight, 1 to 10000: a curve through both ends and 1024, which is 100, as runc 1.3.2 and
 * later convert it (opencontainers/cgroups utils.go).
 */
export function weightOf(shares: number): number {
  if (shares <= 0) return 100
  if (shares <= 2) return 1
  if (shares >= 262_144) return 10_000
  const log = Math.log2(shares)
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34))
}

/** blkio.weight, 10 to 1000, to io.weight, 1 to 10000. */
const ioWeightOf = (weight: number): number => 1 + Math.floor(((weight - 10) * 9999) / 990)

/** The number of the machine's disk, the only device whose transfers are limited. */
export const diskNumber = '254:0'

/** What the options for a device at a path come to; of several for one device the last holds. */
function ioMaxOf(given: Resources, isDisk: (path: string) => boolean): IoMax | undefined {
  const rate = (devices: Resources['BlkioDeviceReadBps']): number | undefined =>
    (devices ?? []).findLast(device => isDisk(device.Path) && device.Rate > 0)?.Rate
  const [rbps, wbps] = [rate(given.BlkioDeviceReadBps), rate(given.BlkioDeviceWriteBps)]
  const [riops, wiops] = [rate(given.BlkioDeviceReadIOps), rate(given.BlkioDeviceWriteIOps)]
  if ([rbps, wbps, riops, wiops].every(each => each === undefined)) return undefined
  return {
    ...(rbps !== undefined && { rbps }),
    ...(wbps !== undefined && { wbps }),
    ...(riops !== undefined && { riops }),
    ...(wiops !== undefined && { wiops }),
  }
}

const isDisk = (path: string): boolean => path === '/dev/vda'

const nanoPeriodUs = 100_000

export function limitsOf(given: Resources): CgroupLimits {
  const { Memory, MemorySwap, MemoryReservation, NanoCpus, CpuQuota, CpuPeriod, CpuShares, PidsLimit } = given
  const io = ioMaxOf(given, isDisk)
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
    ...(io && { io }),
  }
}

/** The group of a container: below `--cgroup-parent`, or the daemon's own. */
export const groupPath = (parent: string, id: string): string =>
  `${parent === '' ? '/docker' : `/${parent.replace(/^\/+|\/+$/g, '')}`}/${id}`
