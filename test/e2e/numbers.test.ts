/** One container under load: stats, inspect, the files of its control group and /proc say the same of it. */
import { expect, it } from 'vitest'
import { lines, start, tempHome } from './cli.ts'

const env = { MINIDOCK_CLOCK: 'virtual', MINIDOCK_SEED: '7' }
const mib = 2 ** 20

it('the numbers of a container agree wherever they are shown', async () => {
  const home = tempHome()
  const docker = async (...args: string[]): Promise<string> => {
    const { out, err, status } = await start(home, args, { env }).outcome
    expect({ err: args[0] === 'run' ? '' : err, status }).toEqual({ err: '', status: 0 })
    return out
  }
  const load =
    'x=$(head -c 3000000 /dev/zero | tr "\\0" x); dd if=/dev/zero of=/f bs=1M count=5 2>/dev/null; sleep 1000 & while :; do :; done'
  const limits = ['-m', '64m', '--cpus', '0.5', '--pids-limit', '20', '--cpu-shares', '512']
  const id = (await docker('run', '-d', '--name', 'one', ...limits, 'busybox', 'sh', '-c', load)).trim()
  await docker('clock', 'advance', '10s')

  const configured = await docker('inspect', '-f', '{{json .HostConfig}}', 'one')
  const { Memory, NanoCpus, PidsLimit } = JSON.parse(configured)
  expect([Memory, NanoCpus, PidsLimit]).toEqual([64 * mib, 5e8, 20])

  // Time stands still: what is asked for one after the other is of the same moment.
  const format = '{{.CPUPerc}} {{.MemUsage}} {{.BlockIO}} {{.PIDs}}'
  const stats = await docker('stats', '--no-stream', '--format', format, 'one')
  const group = await docker('host', 'cgget', `/docker/${id}`)
  const number = (pattern: RegExp): number => Number(pattern.exec(group)?.[1])
  const pids = number(/^pids\.current: (\d+)/m)
  const memory = number(/^memory\.current: (\d+)/m)
  const cache = number(/^\tinactive_file (\d+)/m)
  const written = number(/wbytes=(\d+)/)
  const used = `${Number(((memory - cache) / mib).toPrecision(4))}MiB`
  expect(stats).toBe(`50.00% ${used} / 64MiB 0B / ${Number((written / 1e6).toPrecision(3))}MB ${pids}\n`)
  expect(number(/^memory\.max: (\d+)/m)).toBe(Memory)
  expect(number(/^pids\.max: (\d+)/m)).toBe(PidsLimit)
  const [, quota, period] = /^cpu\.max: (\d+) (\d+)/m.exec(group) ?? []
  expect((Number(quota) / Number(period)) * 1e9).toBe(NanoCpus)
  expect(number(/^cpu\.weight: (\d+)/m)).toBe(59)

  // Those who look from inside count as well: all of this is one look.
  const look = 'cd /sys/fs/cgroup; cat pids.current memory.current memory.stat cpu.stat /proc/1/status /proc/1/stat'
  const inside = await docker('exec', 'one', 'sh', '-c', look)
  const [current, bytes] = lines(inside).map(Number)
  const value = (name: string): number => Number(new RegExp(`^${name}:?\\s+(\\d+)`, 'm').exec(inside)?.[1])
  // The cat that reads is a process itself.
  expect(current).toBe(pids + 1)
  expect(bytes).toBe(value('anon') + value('file'))
  // The shell, its sleep and the cat: processes begin with half a MiB.
  expect(value('VmRSS')).toBe(Math.round(value('anon') / 1024) - 2 * 512)
  const ticks = lines(inside).at(-1)?.split(' ').slice(13, 15).map(Number) ?? []
  expect(ticks.reduce((sum, each) => sum + each, 0) / 100).toBeCloseTo(value('usage_usec') / 1e6, 1)
})
