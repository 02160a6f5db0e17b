import { describe, expect, it } from 'vitest'
import { type RunSettings, runCommand } from '../harness.ts'
import { type ScriptStep, script } from './script.ts'

async function run(steps: ScriptStep[], settings: RunSettings = {}) {
  return await runCommand(['script'], { limit: 600_000, ...settings, programs: { script: script(steps) } })
}

const background = (...argv: string[]): ScriptStep => ({ run: argv, background: true })
const step = (...argv: string[]): ScriptStep => ({ run: argv })

describe.each([false, true])('programs that run others (stored between slices: %s)', suspend => {
  it('timeout of busybox ends as the program ended, and leaves a program alone that is in time', async () => {
    const { stdout, stderr, elapsed } = await run(
      [
        step('timeout', '2', 'sleep', '100'),
        step('timeout', '-s', 'KILL', '1', 'sleep', '100'),
        step('timeout', '5', 'echo', 'in time'),
      ],
      { suspend },
    )
    expect({ stdout, stderr }).toEqual({ stdout: '[TERM]\n[KILL]\nin time\n', stderr: '' })
    expect(elapsed).toBeGreaterThanOrEqual(3000)
    expect(elapsed).toBeLessThan(4000)
  })

  it('timeout of coreutils has a status of its own', async () => {
    const { stdout } = await run(
      [
        step('timeout', '1', 'sleep', '100'),
        step('timeout', '--preserve-status', '1', 'sleep', '100'),
        step('timeout', '-s', 'KILL', '1', 'sleep', '100'),
        step('timeout', '1', 'false'),
        step('timeout', '1', 'nosuch'),
      ],
      { suspend, flavour: 'gnu' },
    )
    expect(stdout).toBe('[124]\n[143]\n[137]\n[1]\n[127]\n')
  })

  it('tini passes signals on and ends as its program does', async () => {
    const { stdout } = await run(
      [
        background('tini', '--', 'sleep', '1000'),
        step('pkill', '-TERM', 'tini'),
        step('sleep', '1'),
        step('pidof', 'sleep'),
        step('tini', 'env', '-i', 'A=1'),
        step('tini', 'false'),
        step('tini', '-e', '1', 'false'),
        step('tini', 'nosuch'),
      ],
      { suspend },
    )
    expect(stdout).toBe('[1]\nA=1\n[1]\n[127]\n')
  })

  it('a killed watch stops', async () => {
    const { stdout } = await run(
      [background('watch', '-t', '-n', '1', 'echo'), step('sleep', '2'), step('killall', 'watch'), step('sleep', '5')],
      {
        suspend,
      },
    )
    // The shell that watch calls is not needed to count the rounds.
    expect(stdout.split('\x1b[H\x1b[J')).toHaveLength(4)
  })

  it('ping goes on where it was', async () => {
    const { stdout } = await run([step('ping', '-c', '3', '-i', '2', '127.0.0.1')], { suspend })
    expect(stdout.replace(/\d+\.\d{3}/g, 'N')).toBe(
      'PING 127.0.0.1 (127.0.0.1): 56 data bytes\n' +
        [0, 1, 2].map(seq => `64 bytes from 127.0.0.1: seq=${seq} ttl=64 time=N ms\n`).join('') +
        '\n--- 127.0.0.1 ping statistics ---\n3 packets transmitted, 3 packets received, 0% packet loss\nround-trip min/avg/max = N/N/N ms\n',
    )
  })

  it('top shows one table a round', async () => {
    const { stdout } = await run([step('top', '-b', '-n', '3', '-d', '2')], { suspend })
    expect(stdout.match(/^Mem: /gm)).toHaveLength(3)
    expect(stdout).toMatch(/ 1 +0 root +S .* script$/m)
  })

  it('stress works for its time', async () => {
    const { stdout, elapsed } = await run([step('stress', '--cpu', '2', '--timeout', '3s')], { suspend })
    expect(stdout).toMatch(
      /^stress: info: \[\d+\] dispatching hogs: 2 cpu, 0 io, 0 vm, 0 hdd\nstress: info: \[\d+\] successful run completed in 3s\n$/,
    )
    expect(elapsed).toBeLessThan(4000)
  })
})

describe('memory', () => {
  it('ends a worker of stress that claims more than the limit', async () => {
    const { stdout } = await run([step('stress', '--vm', '1', '--vm-bytes', '200M', '--timeout', '5')], {
      memoryLimit: 100 * 1024 * 1024,
    })
    expect(stdout).toContain('got signal 9\n')
    expect(stdout).toContain('[1]\n')
  })
})

describe('finding processes', () => {
  it('by name, by command line, by parent and by age', async () => {
    const { stdout } = await run(
      [
        background('sleep', '1001'),
        background('sleep', '1002'),
        step('pgrep', 'sleep'),
        step('pgrep', '-f', '1002'),
        step('pgrep', '-l', 'slee'),
        step('pgrep', '-n', 'sleep'),
        step('pgrep', '-x', 'slee'),
        step('pidof', 'sleep'),
        step('pkill', '-f', '1001'),
        step('pidof', 'sleep'),
        step('killall', 'sleep'),
        step('pidof', 'sleep'),
      ],
      {},
    )
    expect(stdout).toBe('2\n3\n3\n2 sleep\n3 sleep\n3\n[1]\n3 2\n3\n[1]\n')
  })

  it('ps of procps draws what belongs together', async () => {
    const { stdout } = await run(
      [
        background('sleep', '1001'),
        step('ps', '-ef', '--forest'),
        step('ps', 'aux'),
        step('ps', '-o', 'pid,comm', '-C', 'sleep'),
      ],
      {
        flavour: 'gnu',
      },
    )
    expect(stdout).toBe(`UID          PID    PPID  C STIME TTY          TIME CMD
root           1       0  0 03:04 ?        00:00:00 script
root           2       1  0 03:04 ?        00:00:00  \\_ sleep 1001
root           3       1  0 03:04 ?        00:00:00  \\_ ps -ef --forest
USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND
root           1  0.0  0.0    512   512 ?        Ss   03:04   0:00 script
root           2  0.0  0.0    512   512 ?        S    03:04   0:00 sleep 1001
root           4  0.0  0.0    512   512 ?        R    03:04   0:00 ps aux
    PID COMMAND
      2 sleep
`)
  })
})

describe('top on a terminal', () => {
  it('leaves with q', async () => {
    const { stdout, status, elapsed } = await runCommand(['top'], { tty: true, stdin: 'q', limit: 60_000 })
    expect(stdout).toMatch(/\x1b\[H\x1b\[JMem: .*\r\n/)
    expect({ status, quick: elapsed < 1000 }).toEqual({ status: 0, quick: true })
  })
})
