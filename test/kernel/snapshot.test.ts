import { describe, expect, it } from 'vitest'
import { Kernel, type KernelHooks } from '../../src/kernel/kernel.ts'
import type { CoroutineProgram, MachineProgram } from '../../src/kernel/program.ts'
import type { SandboxSpec } from '../../src/kernel/sandbox.ts'
import { restore, snapshot } from '../../src/kernel/snapshot.ts'
import { RootFs } from '../../src/vfs/rootfs.ts'
import { TreeFs } from '../../src/vfs/tree-fs.ts'
import { runCommand, testTime } from './harness.ts'

const scripts: [title: string, script: string][] = [
  ['a loop that sleeps', 'for i in 1 2 3; do date +%S; sleep 1; done'],
  ['a pipeline of three', 'seq 1 200 | grep 7 | wc -l'],
  ['background jobs', 'sleep 2 & sleep 1 & wait; date +%S; jobs'],
  ['a trap', 'trap "echo got; exit 3" TERM; (sleep 1; kill -TERM $$) & while :; do sleep 5; done'],
  [
    'a reader that waits for a file',
    '(sleep 2; echo x > /tmp/go) & until [ -f /tmp/go ]; do sleep 0.3; done; cat /tmp/go',
  ],
  ['a writer that fills the pipe', 'yes | (sleep 1; head -c 200000) | md5sum'],
  ['large pieces', 'yes "a b" | head -c 150000 > /tmp/f; cat /tmp/f | wc; cat /tmp/f | md5sum'],
  ['an unlinked file that stays open', 'echo data > /tmp/f; exec 3< /tmp/f; rm /tmp/f; sleep 1; cat <&3'],
  ['a here-document and read', 'while read a b; do echo $b $a; done <<E\n1 2\n3 4\nE'],
  ['a fifo', 'mkfifo /tmp/p; (echo a; sleep 1; echo b) > /tmp/p & cat /tmp/p'],
  ['an orphan', 'sh -c "(sleep 1; echo orphan) & exit 0"; sleep 2'],
  ['command substitution with a status', 'x=$(echo in; exit 4); echo $? $x'],
]

describe('storing between any two steps', () => {
  it.each(scripts)('%s: the same output', async (_title, script) => {
    const straight = await runCommand(['sh', '-c', script], { limit: 30_000 })
    for (const suspend of [1, 7, 50]) {
      const stored = await runCommand(['sh', '-c', script], { limit: 30_000, suspend })
      expect(stored).toMatchObject({ stdout: straight.stdout, stderr: straight.stderr, status: straight.status })
    }
  })
})

const hooks: KernelHooks = {
  exited: () => {},
  output: () => {},
  resolve: () => [],
  route: () => ({ error: 'ENETUNREACH' }),
  random: length => new Uint8Array(length),
}
const spec = (rootfs: RootFs): SandboxSpec => ({
  id: 'a'.repeat(64),
  rootfs,
  hostname: 'box',
  domainname: '',
  machine: 'x86_64',
  cgroup: { path: '/docker/test', limits: {} },
  rlimits: new Map(),
  capabilities: 0n,
  devices: [],
  noNewPrivs: false,
  seccomp: true,
  sysctls: new Map(),
  oomScoreAdj: 0,
  interfaces: [],
  net: 'n',
  cgroupPath: '/',
  bootTime: testTime,
  init: false,
})

/** A kernel in which one program is PID 1, and what is needed to make the next one. */
function machine(program: CoroutineProgram | MachineProgram) {
  const rootfs = new RootFs(new TreeFs({ root: { mode: 0o755, now: testTime } }), () => testTime)
  const programs = new Map([[program.name, async () => program]])
  const loaded = new Map([[program.name, program]])
  const kernel = new Kernel(testTime, programs, hooks, loaded)
  const { id } = kernel.add(spec(rootfs))
  kernel.startMain(
    id,
    {
      argv: [program.name],
      env: new Map(),
      cwd: '/',
      cred: { uid: 0, gid: 0, groups: [], caps: 0n },
      caps: { permitted: 0n, inheritable: 0n, bounding: 0n, ambient: 0n },
      tty: false,
      stdin: false,
    },
    { argv: [program.name], exe: `/${program.name}`, program: program.name, flavour: 'gnu', marker: {} },
  )
  const next = (): Kernel => {
    const saved = JSON.parse(JSON.stringify(snapshot(kernel, id)))
    const again = new Kernel(kernel.time, programs, hooks, loaded)
    restore(again, again.add(spec(rootfs)), saved)
    return again
  }
  return { kernel, id, next }
}

const never = (): boolean => false

describe('a stored process', () => {
  it('takes little room, and is not run to be restored', () => {
    let started = 0
    const { kernel, id, next } = machine({
      kind: 'coroutine',
      name: 'sleep',
      *main() {
        started++
        yield { op: 'sleep', ms: 1_000_000 }
        return 0
      },
    })
    kernel.scheduler.run(testTime + 10, 1000, never)
    expect(JSON.stringify(snapshot(kernel, id)).length).toBeLessThan(1500)
    const again = next()
    expect(again.scheduler.nextWake(id)).toBeCloseTo(testTime + 1_000_000, 0)
    again.scheduler.run(testTime + 5000, 1000, never)
    expect(started).toBe(1)
    again.scheduler.run(testTime + 1_000_001, 1000, never)
    expect(started).toBe(2)
    expect(again.sandbox(id).processes.size).toBe(0)
  })

  it('repeats no effect, and goes on from its checkpoint', () => {
    const effects: string[] = []
    const { kernel, id, next } = machine({
      kind: 'coroutine',
      name: 'counter',
      *main(p, saved) {
        for (let at = typeof saved === 'number' ? saved : 0; at < 4; at++) {
          p.checkpoint(at)
          p.mkdir(`/${at}`)
          effects.push(String(at))
          yield { op: 'sleep', ms: 1000 }
        }
        return 0
      },
    })
    kernel.scheduler.run(testTime + 1500, 1000, never)
    const again = next()
    again.scheduler.run(testTime + 3500, 1000, never)
    // The step that was under way is run again up to its wait, with the answers it had.
    expect(effects).toEqual(['0', '1', '1', '2', '3'])
    expect(again.sandbox(id).processes.get(1)?.data).toBe(3)
    expect(
      again
        .sandbox(id)
        .rootfs.readdir('/')
        .map(entry => entry.name),
    ).toEqual(['0', '1', '2', '3'])
  })

  it('stands still after a restore when its journal has grown too large, and can be killed', () => {
    const { kernel, id, next } = machine({
      kind: 'coroutine',
      name: 'hoarder',
      *main(p) {
        for (let at = 0; at < 90; at++) p.random(65536)
        for (;;) yield { op: 'sleep', ms: 1000 }
      },
    })
    kernel.scheduler.run(testTime + 2500, 10_000, never)
    expect(kernel.scheduler.nextWake(id)).toBeDefined()
    const again = next()
    expect(again.scheduler.nextWake(id)).toBeUndefined()
    again.signalFromOutside(id, 'KILL')
    expect(again.sandbox(id).processes.size).toBe(0)
  })

  it('keeps an answer that it has not been given yet', () => {
    const seen: unknown[] = []
    const { kernel, id, next } = machine({
      kind: 'machine',
      name: 'catcher',
      start: p => {
        p.sigaction('TERM', 'catch')
        return {}
      },
      step: (_p, _state, answer) => {
        if (!answer) return { block: { op: 'sleep', ms: 100_000 } }
        seen.push('error' in answer ? answer.error.code : answer.value)
        return { exit: { code: 0 } }
      },
    })
    kernel.scheduler.run(testTime + 10, 1000, never)
    kernel.signalFromOutside(id, 'TERM')
    next().scheduler.run(testTime + 20, 1000, never)
    expect(seen).toEqual(['EINTR'])
  })
})
