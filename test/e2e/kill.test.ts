/** `kill -9` at random moments: the store stays whole, and what a command has said is true. */
import { expect, test } from 'vitest'
import { lines, ok, run, start, tempHome } from './cli.ts'

/** A source of chance that gives the same each time (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** What has been said so far; `doubtful`: a killed command may or may not have done it. */
interface Expected {
  containers: Map<string, 'there' | 'gone' | 'doubtful'>
  volumes: Map<string, 'there' | 'gone' | 'doubtful'>
  networks: Map<string, 'there' | 'gone' | 'doubtful'>
  tags: Map<string, 'there' | 'gone' | 'doubtful'>
}
type Kind = keyof Expected

const kills = 200
const stores = 4

async function killing(seed: number, count: number): Promise<void> {
  const home = tempHome()
  const random = seeded(seed)
  await ok(home, 'pull', '-q', 'busybox')
  const expected: Expected = { containers: new Map(), volumes: new Map(), networks: new Map(), tags: new Map() }
  const listed = async (kind: Kind): Promise<Set<string>> => {
    const commands: Record<Kind, string[]> = {
      containers: ['ps', '-a', '--format', '{{.Names}}'],
      volumes: ['volume', 'ls', '-q'],
      networks: ['network', 'ls', '--format', '{{.Name}}'],
      tags: ['images', '--format', '{{.Repository}}:{{.Tag}}'],
    }
    return new Set(lines(await ok(home, ...commands[kind])))
  }
  const pick = (kind: Kind): string | undefined => {
    const there = [...expected[kind]].filter(([, state]) => state === 'there').map(([name]) => name)
    return there[Math.floor(random() * there.length)]
  }
  let killed = 0
  // How long a command takes that is left alone, in ms: kills are spread over all of it.
  let usual = 150
  for (let n = 0; killed < count; n++) {
    const name = `x${n}`
    const commands: [Kind, string, 'there' | 'gone', string[]][] = [
      ['containers', name, 'there', ['create', '--name', name, 'busybox', 'true']],
      ['containers', name, 'there', ['run', '-d', '--name', name, 'busybox', 'sleep', '1000']],
      [
        'containers',
        name,
        'there',
        ['run', '-d', '--name', name, '-v', '/data', 'busybox', 'sh', '-c', 'echo x > /data/y; exec sleep 99'],
      ],
      ['volumes', name, 'there', ['volume', 'create', name]],
      ['networks', name, 'there', ['network', 'create', name]],
      ['tags', `${name}:1`, 'there', ['tag', 'busybox', `${name}:1`]],
    ]
    const container = pick('containers')
    const volume = pick('volumes')
    const network = pick('networks')
    const tag = pick('tags')
    if (container) commands.push(['containers', container, 'gone', ['rm', '-f', container]])
    if (volume) commands.push(['volumes', volume, 'gone', ['volume', 'rm', volume]])
    if (network) commands.push(['networks', network, 'gone', ['network', 'rm', network]])
    if (tag) commands.push(['tags', tag, 'gone', ['rmi', tag]])
    const [kind, subject, then, args] = commands[Math.floor(random() * commands.length)] ?? commands[0] ?? []
    if (!kind || subject === undefined || !then || !args) throw new Error('no command')
    const { child, outcome } = start(home, args)
    const began = performance.now()
    // Most of a command is its loading; the change is near its end.
    const timer = setTimeout(() => child.kill('SIGKILL'), usual * (0.3 + random() * 0.8))
    const { out, err, status } = await outcome
    clearTimeout(timer)
    if (status === null) {
      killed++
      usual += 2
    } else {
      expect([args, status, err]).toEqual([args, 0, ''])
      usual = (usual * 3 + performance.now() - began) / 4
    }
    // What it has printed before it was killed is said as well.
    expected[kind].set(subject, status === 0 || out.includes('\n') ? then : 'doubtful')
  }
  const check = await run(home, 'system', 'check', '--blobs')
  expect([check.status, check.err], check.out).toEqual([0, ''])
  for (const kind of ['containers', 'volumes', 'networks', 'tags'] as const) {
    const there = await listed(kind)
    for (const [name, state] of expected[kind])
      if (state !== 'doubtful') expect([kind, name, there.has(name)]).toEqual([kind, name, state === 'there'])
  }
  expect((await run(home, 'system', 'check', '--repair')).status).toBe(0)
  const swept = await run(home, 'system', 'check')
  expect(swept.out).toMatch(/^.*: \d+ documents, all is well\n$/)
  expect(await ok(home, 'run', '--rm', 'busybox', 'echo', 'alive')).toBe('alive\n')
}

test('200 kills at random moments leave whole stores in which all that was said is true', async () => {
  await Promise.all(Array.from({ length: stores }, (_, n) => killing(1000 + n, kills / stores)))
}, 300_000)
