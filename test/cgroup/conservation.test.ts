/** What control groups keep of what their processes use: nothing is lost on the way up, nothing passes a limit. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { groupFiles } from '../../src/cgroup/files.ts'
import type { Cgroup, CgroupLimits } from '../../src/cgroup/tree.ts'
import { findCommand } from '../../src/kernel/exec.ts'
import { Kernel } from '../../src/kernel/kernel.ts'
import { machineFacts, sizeMachine } from '../../src/kernel/machine-facts.ts'
import { chargeRead, chargeWrite, claim, reservedMemory } from '../../src/kernel/memory.ts'
import { isAlive, type Process } from '../../src/kernel/process.ts'
import type { CoroutineProgram } from '../../src/kernel/program.ts'
import { defaultCapabilities } from '../../src/security/capabilities.ts'
import { RootFs } from '../../src/vfs/rootfs.ts'
import { TreeFs } from '../../src/vfs/tree-fs.ts'

const began = Date.UTC(2026, 0, 2)
const hour = 3_600_000
const mib = 1024 * 1024

const coroutine = (name: string, main: CoroutineProgram['main']): CoroutineProgram => ({
  kind: 'coroutine',
  name,
  main,
})

/** Computes for ever. */
const hog = coroutine('hog', function* () {
  for (;;) yield { op: 'cpu', ms: hour }
})
/** Computes for ten seconds of processor time. */
const job = coroutine('job', function* () {
  yield { op: 'cpu', ms: 10_000 }
  return 0
})
/** Writes 8 MiB directly, a MiB at a time. */
const writer = coroutine('writer', function* () {
  const flags = { write: true, create: true, direct: true }
  const fd = (yield { op: 'open', path: '/out', flags, mode: 0o644 }) as number
  for (let at = 0; at < 8; at++) yield { op: 'write', fd, data: new Uint8Array(mib) }
  return 0
})
/** Takes a MiB more a hundred times, without doing anything else. */
const taker = coroutine('taker', function* (p) {
  for (let at = 0; at < 100; at++) {
    p.memory(mib)
    yield { op: 'sleep', ms: 1 }
  }
  return 0
})
const loaded = new Map([hog, job, writer, taker].map(program => [program.name, program]))
const programs = new Map([...loaded].map(([name, program]) => [name, async () => program]))

interface Member {
  id: string
  /** Group above it. */
  parent?: string
  limits?: CgroupLimits
  /** Default: hog. */
  program?: string
}

/** A machine with a process in each group; the memory that processes begin with counts. */
async function machine(members: readonly Member[]): Promise<{ kernel: Kernel; group: (id: string) => Cgroup }> {
  const kernel = new Kernel(
    began,
    programs,
    {
      exited: () => undefined,
      output: () => undefined,
      resolve: () => [],
      route: () => ({ error: 'ENETUNREACH' }),
      random: length => new Uint8Array(length),
    },
    loaded,
  )
  for (const { id, parent = '/docker', limits = {}, program = 'hog' } of members) {
    const rootfs = new RootFs(new TreeFs({ type: 'ext4', root: { mode: 0o755, now: began } }), () => kernel.time)
    const path = `/${program}`
    rootfs.writeFile(path, Buffer.from(`\x7fELFminidock-program: ${program}\n`, 'latin1'), { mode: 0o755 })
    kernel.add({
      id,
      rootfs,
      hostname: id,
      domainname: '',
      machine: 'x86_64',
      cgroup: { path: `${parent}/${id}`, limits },
      rlimits: new Map(),
      capabilities: defaultCapabilities,
      devices: [],
      noNewPrivs: false,
      seccomp: true,
      sysctls: new Map(),
      oomScoreAdj: 0,
      interfaces: [],
      net: id,
      cgroupPath: '/',
      bootTime: began,
      init: false,
    })
    const cred = { uid: 0, gid: 0, groups: [], caps: defaultCapabilities }
    const env = new Map<string, string>()
    const image = findCommand({ rootfs, cred, cwd: '/', programs }, [path], env)
    const caps = { permitted: cred.caps, inheritable: 0n, bounding: cred.caps, ambient: 0n }
    kernel.startMain(id, { argv: [path], env, cwd: '/', cred, caps, tty: false, stdin: false }, image)
  }
  return { kernel, group: id => kernel.sandbox(id).group }
}

/** Lets simulated time go by. */
async function pass(kernel: Kernel, ms: number): Promise<void> {
  const until = kernel.time + ms
  while (kernel.time < until) await Promise.all(kernel.scheduler.run(until, 100_000, () => false).loading)
}

const processesOf = (kernel: Kernel): Process[] => [...kernel.processes.values()].filter(isAlive)
const read = (group: Cgroup, name: string, now = 0): string =>
  groupFiles(group, { numbers: () => [], frozen: false, cpus: machineFacts.cpus, now })[name]?.() ?? ''
/** Seconds of simulated time until a container's process has ended. */
async function lasts(kernel: Kernel, id: string): Promise<number> {
  const [process] = processesOf(kernel).filter(each => each.sandbox === id)
  if (!process) throw new Error(`${id} has no process`)
  while (isAlive(process)) await pass(kernel, 100)
  return (kernel.time - began) / 1000
}
const number = (group: Cgroup, name: string, key?: string): number =>
  Number(key === undefined ? read(group, name) : new RegExp(`^${key} (\\d+)$`, 'm').exec(read(group, name))?.[1])

describe('processor time', () => {
  it('goes by weight, and all of it is used', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 3, maxLength: 6 }), async weights => {
        const { kernel, group } = await machine(weights.map((weight, at) => ({ id: `c${at}`, limits: { weight } })))
        const ms = 60_000
        await pass(kernel, ms)
        const used = weights.map((_, at) => group(`c${at}`).cpuMs())
        const all = used.reduce((sum, each) => sum + each, 0)
        expect(all / (ms * machineFacts.cpus)).toBeCloseTo(1, 2)
        expect(kernel.cgroups.at('/docker').cpuMs()).toBeCloseTo(all, 6)
        // Nobody with one process has more than one processor; among the others it goes by weight.
        const capped = used.map(each => each / ms > 0.999)
        const open = weights.flatMap((weight, at) => (capped[at] ? [] : [(used[at] ?? 0) / weight]))
        for (const each of open) expect(each / (open[0] ?? 1)).toBeCloseTo(1, 1)
      }),
      { numRuns: 20 },
    )
  })

  it('is what the quota says, and cpu.stat tells how long it was held back', async () => {
    const { kernel, group } = await machine([{ id: 'half', limits: { quotaUs: 50_000 } }])
    await pass(kernel, 10_000)
    const half = group('half')
    expect(number(half, 'cpu.stat', 'usage_usec') / 1e6).toBeCloseTo(5, 1)
    // The first one begins with the first step of the process.
    const periods = number(half, 'cpu.stat', 'nr_periods')
    expect([99, 100]).toContain(periods)
    expect(number(half, 'cpu.stat', 'nr_throttled')).toBe(periods)
    expect(number(half, 'cpu.stat', 'throttled_usec') / 1e6).toBeCloseTo(5, 1)
  })

  it('of a group with a quota is shared by those below it', async () => {
    const { kernel, group } = await machine([
      { id: 'one', parent: '/lab', limits: { weight: 100 } },
      { id: 'two', parent: '/lab', limits: { weight: 300 } },
    ])
    kernel.cgroups.at('/lab').limits = { quotaUs: 100_000 }
    await pass(kernel, 10_000)
    expect(group('one').cpuMs() / 1000).toBeCloseTo(2.5, 1)
    expect(group('two').cpuMs() / 1000).toBeCloseTo(7.5, 1)
    expect(kernel.cgroups.at('/lab').cpuMs() / 1000).toBeCloseTo(10, 1)
  })
})

describe('the same work on one processor', () => {
  const { cpus } = machineFacts
  beforeEach(() => sizeMachine({ cpus: 1 }))
  afterEach(() => sizeMachine({ cpus }))

  it.each([
    ['alone takes its time', [{ id: 'job', program: 'job' }], 10],
    ['with a quota of a half takes twice as long', [{ id: 'job', program: 'job', limits: { quotaUs: 50_000 } }], 20],
    ['beside another takes twice as long', [{ id: 'job', program: 'job' }, { id: 'other' }], 20],
    [
      'beside another of a third of its weight takes a third longer',
      [
        { id: 'job', program: 'job', limits: { weight: 300 } },
        { id: 'other', limits: { weight: 100 } },
      ],
      13.3,
    ],
  ] as [string, Member[], number][])('%s', async (_, members, seconds) => {
    const { kernel } = await machine(members)
    expect(await lasts(kernel, 'job')).toBeCloseTo(seconds, 0)
  })
})

describe('the disk', () => {
  it.each([
    ['at once without a limit', undefined, 0],
    ['at the bytes a second', { wbps: 2 * mib }, 4],
    ['at the writes a second', { wiops: 1 }, 8],
    ['at the slower of both', { wbps: mib, wiops: 4 }, 8],
  ])('takes direct writes %s', async (_, io, seconds) => {
    const { kernel, group } = await machine([{ id: 'writer', program: 'writer', ...(io && { limits: { io } }) }])
    expect(await lasts(kernel, 'writer')).toBeCloseTo(seconds, 0)
    const total = /^some .* total=(\d+)/.exec(read(group('writer'), 'io.pressure', kernel.time))?.[1]
    expect(Number(total) / 1e6).toBeCloseTo(seconds, 0)
  })

  it("is limited for a group's children together", async () => {
    const members = ['one', 'two'].map(id => ({ id, parent: '/lab', program: 'writer' }))
    const { kernel } = await machine(members)
    kernel.cgroups.at('/lab').limits = { io: { wbps: 2 * mib } }
    await lasts(kernel, 'one')
    expect(await lasts(kernel, 'two')).toBeCloseTo(8, 0)
  })
})

describe('pressure', () => {
  const total = (text: string, line: string): number =>
    Number(new RegExp(`^${line} .* total=(\\d+)`, 'm').exec(text)?.[1]) / 1e6

  it('tells how long some and all of a group waited for a processor', async () => {
    const { kernel, group } = await machine([{ id: 'half', limits: { quotaUs: 50_000 } }, { id: 'free' }])
    await pass(kernel, 20_000)
    const half = read(group('half'), 'cpu.pressure', kernel.time)
    expect([total(half, 'some'), total(half, 'full')].map(Math.round)).toEqual([10, 10])
    expect(Number(/^some avg10=([\d.]+)/.exec(half)?.[1])).toBeGreaterThan(40)
    expect(total(read(group('free'), 'cpu.pressure', kernel.time), 'some')).toBe(0)
  })

  it('of memory slows those down that stay above memory.high', async () => {
    const { kernel, group } = await machine([{ id: 'taker', program: 'taker', limits: { memoryHigh: 50 * mib } }])
    const seconds = await lasts(kernel, 'taker')
    expect(seconds).toBeGreaterThan(10)
    const some = total(read(group('taker'), 'memory.pressure', kernel.time), 'some')
    expect(some).toBeGreaterThan(seconds * 0.9)
    expect(number(group('taker'), 'memory.events', 'oom_kill')).toBe(0)
  })
})

const step = fc.record({
  who: fc.nat(5),
  act: fc.constantFrom('claim' as const, 'free' as const, 'write' as const, 'read' as const),
  bytes: fc.integer({ min: 1, max: 48 * mib }),
})

describe('memory', () => {
  const members: Member[] = [
    { id: 'a', limits: { memory: 64 * mib } },
    { id: 'b', limits: { memory: 100 * mib, memoryHigh: 80 * mib } },
    { id: 'c', parent: '/lab' },
    { id: 'd', parent: '/lab', limits: { memory: 90 * mib } },
    { id: 'e' },
    { id: 'f', limits: { memoryHigh: 32 * mib } },
  ]

  it('is never over a limit, and the sum of the children is what their parent has', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async steps => {
        const { kernel } = await machine(members)
        kernel.cgroups.at('/lab').limits = { memory: 110 * mib }
        for (const { who, act, bytes } of steps) {
          const process = processesOf(kernel).find(each => each.sandbox === members[who]?.id)
          if (!process) continue
          if (act === 'write') chargeWrite(kernel, process, bytes)
          else if (act === 'read') chargeRead(kernel, process, bytes)
          else claim(kernel, process, act === 'claim' ? bytes : -bytes)
          for (const group of kernel.cgroups.all()) {
            const current = group.memory()
            expect(current).toBeLessThanOrEqual(group.limits.memory ?? machineFacts.memory - reservedMemory)
            const own = group.members ? group.members.anon() + group.members.shmem() + group.members.cache() : 0
            expect([...group.children.values()].reduce((sum, child) => sum + child.memory(), own)).toBe(current)
            if (!group.parent) continue
            expect(number(group, 'memory.current')).toBe(current)
            expect(number(group, 'memory.peak')).toBeGreaterThanOrEqual(current)
            const stat = (key: string): number => number(group, 'memory.stat', key)
            expect(stat('anon') + stat('file')).toBe(current)
          }
        }
      }),
      { numRuns: 30 },
    )
  })

  it('above memory.high gives caches back first, and nobody is killed', async () => {
    const { kernel, group } = await machine(members)
    const process = processesOf(kernel).find(each => each.sandbox === 'f')
    if (!process) throw new Error('f has no process')
    chargeWrite(kernel, process, 40 * mib)
    expect(group('f').memory()).toBe(32 * mib)
    claim(kernel, process, 48 * mib)
    expect(isAlive(process)).toBe(true)
    expect(number(group('f'), 'memory.stat', 'inactive_file')).toBe(0)
    expect(number(group('f'), 'memory.events', 'high')).toBe(2)
    expect(number(group('f'), 'memory.events', 'oom_kill')).toBe(0)
  })

  it('of the whole machine at its end takes the largest, wherever it is', async () => {
    const { kernel, group } = await machine([{ id: 'small' }, { id: 'large' }])
    const of = (id: string) => processesOf(kernel).find(each => each.sandbox === id)
    const [small, large] = [of('small'), of('large')]
    if (!small || !large) throw new Error('no processes')
    const usable = machineFacts.memory - reservedMemory
    claim(kernel, large, usable * 0.7)
    claim(kernel, small, usable * 0.4)
    expect([isAlive(small), isAlive(large)]).toEqual([true, false])
    expect(number(group('large'), 'memory.events', 'oom_kill')).toBe(1)
    expect(number(group('small'), 'memory.events', 'oom_kill')).toBe(0)
  })
})
