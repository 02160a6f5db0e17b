import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limitsOf, weightOf } from '../../src/cgroup/limits.ts'
import { choose } from '../../src/cgroup/oom.ts'
import { allocate, cpusetSize, divide } from '../../src/cgroup/share.ts'
import { type CgroupLimits, CgroupTree } from '../../src/cgroup/tree.ts'
import { completeHostConfig } from '../../src/container/host-config.ts'

/** Rates of groups that each want `runnable` processors, by path. */
function rates(groups: Record<string, { runnable: number } & CgroupLimits>, cpus: number): Record<string, number> {
  const tree = new CgroupTree()
  const shares = Object.entries(groups).map(([path, { runnable, ...limits }]) => {
    const group = tree.at(path)
    group.limits = limits
    return { group, runnable }
  })
  const { rate } = allocate(tree.root, shares, cpus)
  return Object.fromEntries([...rate].map(([group, value]) => [group.path, Math.round(value * 1e6) / 1e6]))
}

describe('processors are shared', () => {
  const cases: [
    what: string,
    groups: Record<string, { runnable: number } & CgroupLimits>,
    cpus: number,
    given: object,
  ][] = [
    ['alone: one processor for each process', { '/a': { runnable: 1 } }, 2, { '/a': 1 }],
    ['equally', { '/a': { runnable: 1 }, '/b': { runnable: 1 } }, 1, { '/a': 0.5, '/b': 0.5 }],
    [
      'by weight',
      { '/a': { runnable: 1, weight: 100 }, '/b': { runnable: 1, weight: 300 } },
      1,
      { '/a': 0.25, '/b': 0.75 },
    ],
    [
      'up to a quota, the rest to the others',
      { '/a': { runnable: 1, quotaUs: 20_000 }, '/b': { runnable: 1 } },
      1,
      { '/a': 0.2, '/b': 0.8 },
    ],
    [
      'by the groups above first',
      { '/x/a': { runnable: 1 }, '/x/b': { runnable: 1 }, '/c': { runnable: 1 } },
      1,
      { '/x/a': 0.25, '/x/b': 0.25, '/c': 0.5 },
    ],
    [
      'under the quota of a parent',
      { '/x': { runnable: 0, quotaUs: 50_000 }, '/x/a': { runnable: 1 }, '/x/b': { runnable: 1 } },
      2,
      { '/x/a': 0.25, '/x/b': 0.25 },
    ],
    ['within a cpuset', { '/a': { runnable: 2, cpuset: '0' }, '/b': { runnable: 1 } }, 2, { '/a': 1, '/b': 1 }],
    [
      'with those of the same cpuset',
      { '/a': { runnable: 1, cpuset: '0' }, '/b': { runnable: 1, cpuset: '0' } },
      2,
      { '/a': 0.5, '/b': 0.5 },
    ],
  ]
  it.each(cases)('%s', (_, groups, cpus, given) => {
    expect(rates(groups, cpus)).toEqual(given)
  })

  it('so that nobody gets more than wanted, nothing is lost, and weights decide', () => {
    const part = fc.record({
      demand: fc.double({ min: 0.01, max: 8, noNaN: true }),
      weight: fc.integer({ min: 1, max: 10_000 }),
    })
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 12 }),
        fc.double({ min: 0.1, max: 16, noNaN: true }),
        (parts, capacity) => {
          const given = divide(parts, capacity)
          const wanted = parts.reduce((sum, each) => sum + each.demand, 0)
          expect(given.reduce((sum, each) => sum + each, 0)).toBeCloseTo(Math.min(wanted, capacity), 6)
          const held: number[] = []
          for (const [at, each] of parts.entries()) {
            expect(given[at]).toBeLessThanOrEqual(each.demand + 1e-9)
            if ((given[at] ?? 0) < each.demand - 1e-6) held.push((given[at] ?? 0) / each.weight)
          }
          // Those who would use more all have the same for each unit of weight.
          for (const each of held) expect(each).toBeCloseTo(held[0] ?? 0, 6)
        },
      ),
    )
  })

  it('in a tree, where children have what their parent has', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ runnable: fc.integer({ min: 0, max: 4 }), weight: fc.integer({ min: 1, max: 1000 }) }), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.integer({ min: 10_000, max: 300_000 }),
        (children, quotaUs) => {
          const groups: Record<string, { runnable: number } & CgroupLimits> = { '/p': { runnable: 0, quotaUs } }
          for (const [at, each] of children.entries()) groups[`/p/${at}`] = each
          const total = Object.values(rates(groups, 2)).reduce((sum, each) => sum + each, 0)
          const wanted = children.reduce((sum, each) => sum + each.runnable, 0)
          expect(total).toBeCloseTo(Math.min(wanted, 2, quotaUs / 100_000), 4)
        },
      ),
    )
  })
})

describe('limits of a HostConfig', () => {
  it.each([
    [2, 1],
    [256, 35],
    [512, 59],
    [1024, 100],
    [262_144, 10_000],
    [0, 100],
  ])('shares %d are weight %d', (shares, weight) => expect(weightOf(shares)).toBe(weight))

  it('are those of the controllers', () => {
    const given = {
      Memory: 64 << 20,
      NanoCpus: 5e8,
      CpuShares: 512,
      PidsLimit: 50,
      CpusetCpus: '0',
      MemoryReservation: 32 << 20,
    }
    expect(limitsOf(completeHostConfig(given))).toEqual({
      memory: 64 << 20,
      swap: 64 << 20,
      memoryLow: 32 << 20,
      quotaUs: 50_000,
      periodUs: 100_000,
      weight: weightOf(512),
      cpuset: '0',
      pids: 50,
    })
  })

  it('cpusets have so many processors', () => {
    expect(['0', '0-1', '0,2-4'].map(cpusetSize)).toEqual([1, 2, 4])
  })
})

describe('the OOM killer', () => {
  const total = 1 << 30
  it.each([
    [
      'takes the largest',
      [
        { pid: 1, memory: 10 << 20, adj: 0 },
        { pid: 2, memory: 20 << 20, adj: 0 },
      ],
      2,
    ],
    [
      'of equals the youngest',
      [
        { pid: 1, memory: 10 << 20, adj: 0 },
        { pid: 7, memory: 10 << 20, adj: 0 },
      ],
      7,
    ],
    [
      'heeds the adjustment',
      [
        { pid: 1, memory: 10 << 20, adj: 500 },
        { pid: 2, memory: 20 << 20, adj: 0 },
      ],
      1,
    ],
    [
      'spares -1000',
      [
        { pid: 1, memory: 90 << 20, adj: -1000 },
        { pid: 2, memory: 20 << 20, adj: 0 },
      ],
      2,
    ],
  ])('%s', (_, candidates, pid) => expect(choose(candidates, total)?.pid).toBe(pid))

  it('finds nobody where all are spared', () => {
    expect(choose([{ pid: 1, memory: 9 << 20, adj: -1000 }], total)).toBeUndefined()
  })
})
