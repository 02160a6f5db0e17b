/**
 * Who gets how much of the processors: by weight among those that want to run, at most what `cpu.max` and the
 * cpuset of each group on the way allow, and at most one processor for each process.
 */
import type { Cgroup, CgroupLimits } from './tree.ts'

export const defaultPeriodUs = 100_000

/** Processors that `cpu.max` allows; infinity without a quota. */
export const quotaOf = ({ quotaUs, periodUs = defaultPeriodUs }: CgroupLimits): number =>
  quotaUs === undefined ? Number.POSITIVE_INFINITY : quotaUs / periodUs

/** How many processors a list like `0,2-3` names. */
export function cpusetSize(list: string): number {
  return list.split(',').reduce((sum, part) => {
    const [first = 0, last = first] = part.split('-').map(Number)
    return sum + last - first + 1
  }, 0)
}

export interface Share {
  group: Cgroup
  /** How many of its own processes want to run. */
  runnable: number
}

interface Claim {
  group: Cgroup
  /** Processors that it could use. */
  demand: number
  claims: Claim[]
  own: number
}

export interface Allocation {
  /** Processors that the processes of a group have between them. */
  rate: ReadonlyMap<Cgroup, number>
  /** Groups held back by their own quota: what they want, and what they may. */
  throttled: ReadonlyMap<Cgroup, { demand: number; quota: number }>
}

/** Divides `cpus` processors among the groups that want to run. `root` is the top of their tree. */
export function allocate(root: Cgroup, shares: readonly Share[], cpus: number): Allocation {
  const wants = new Map(shares.filter(each => each.runnable > 0).map(each => [each.group, each.runnable]))
  const throttled = new Map<Cgroup, { demand: number; quota: number }>()
  const pinned = pinnedShares(wants, cpus)
  const claim = (group: Cgroup): Claim | undefined => {
    const own = wants.get(group) ?? 0
    const claims = [...group.children.values()].flatMap(child => claim(child) ?? [])
    const wanted = Math.min(own + claims.reduce((sum, each) => sum + each.demand, 0), cpus, pinned.get(group) ?? cpus)
    if (wanted === 0) return undefined
    const quota = quotaOf(group.limits)
    if (wanted > quota + 1e-9) throttled.set(group, { demand: wanted, quota })
    return { group, demand: Math.min(wanted, quota), claims, own }
  }
  const rate = new Map<Cgroup, number>()
  const give = ({ group, claims, own }: Claim, capacity: number): void => {
    const parts = claims.map(each => ({ demand: each.demand, weight: each.group.limits.weight ?? 100 }))
    // Processes of the group itself compete with its children as one of the default weight each.
    if (own > 0) parts.push({ demand: own, weight: 100 * own })
    const given = divide(parts, capacity)
    for (const [at, each] of claims.entries()) give(each, given[at] ?? 0)
    if (own > 0) rate.set(group, given[claims.length] ?? 0)
  }
  const top = claim(root)
  if (top) give(top, Math.min(top.demand, cpus))
  return { rate, throttled }
}

/** Divides a capacity by weight; what one cannot use goes to the others. */
export function divide(parts: readonly { demand: number; weight: number }[], capacity: number): number[] {
  const given = parts.map(() => 0)
  let left = capacity
  let open = parts.map((_, at) => at)
  while (open.length > 0 && left > 1e-12) {
    const weights = open.reduce((sum, at) => sum + (parts[at]?.weight ?? 0), 0)
    const full = open.filter(at => (parts[at]?.demand ?? 0) <= (left * (parts[at]?.weight ?? 0)) / weights + 1e-12)
    if (full.length === 0) {
      for (const at of open) given[at] = (left * (parts[at]?.weight ?? 0)) / weights
      return given
    }
    for (const at of full) {
      given[at] = parts[at]?.demand ?? 0
      left -= given[at] ?? 0
    }
    open = open.filter(at => !full.includes(at))
  }
  return given
}

/** Groups bound to the same few processors divide those among themselves. */
function pinnedShares(wants: ReadonlyMap<Cgroup, number>, cpus: number): Map<Cgroup, number> {
  const bySet = new Map<string, Cgroup[]>()
  for (const group of wants.keys()) {
    const { cpuset } = group.limits
    if (cpuset === undefined || cpusetSize(cpuset) >= cpus) continue
    bySet.set(cpuset, [...(bySet.get(cpuset) ?? []), group])
  }
  const pinned = new Map<Cgroup, number>()
  for (const [cpuset, groups] of bySet) {
    const parts = groups.map(group => ({
      demand: Math.min(wants.get(group) ?? 0, quotaOf(group.limits)),
      weight: group.limits.weight ?? 100,
    }))
    const given = divide(parts, cpusetSize(cpuset))
    for (const [at, group] of groups.entries()) pinned.set(group, given[at] ?? 0)
  }
  return pinned
}
