import { describe, it } from 'vitest'
import { world } from './world.ts'

const file = { 'src/note': 'mine\n' }

describe('explain mounts', () => {
  it('tells what each place outlives', async () => {
    const w = world(file)
    await w.make(['create', '--name', 'm1', 'busybox'])
    await w.shows('mounts-none', ['mounts', 'm1'])
    await w.make(
      ['create', '--name', 'm2', '-v', 'data:/data', '-v', '/cache', '--tmpfs', '/scratch', '--rm', 'busybox'],
      ['create', '--name', 'm3', '--read-only', '-v', 'data:/d:ro', 'busybox'],
    )
    await w.shows('mounts-narrow', ['mounts', 'm2'], { width: 60, plain: true })
    await w.shows('mounts-shared', ['mounts', 'm3'], { width: 160 })
  })
})

describe('explain cgroup', () => {
  it('follows limits, throttling and the OOM killer', async () => {
    const w = world()
    await w.shows('cgroup-empty', ['cgroup'])
    await w.make(
      ['run', '-d', '--name', 'calm', '--memory', '64m', '--pids-limit', '20', 'busybox', 'sleep', '1d'],
      ['run', '-d', '--name', 'busy', '--cpus', '0.5', 'busybox', 'sh', '-c', 'while :; do :; done'],
      ['clock', 'advance', '2s'],
    )
    await w.shows('cgroup-busy', ['cgroup'])
    await w.make(
      ['update', '--memory', '128m', '--memory-swap', '128m', 'calm'],
      [
        '!',
        'run',
        '--name',
        'greedy',
        '-m',
        '16m',
        'busybox',
        'sh',
        '-c',
        'x=$(head -c 40000000 /dev/zero | tr "\\0" x)',
      ],
    )
    await w.shows('cgroup-oom', ['cgroup'], { width: 60, plain: true })
    await w.shows('cgroup-one', ['cgroup', 'calm'], { width: 160 })
  })
})

describe('explain security', () => {
  it('follows the flags', async () => {
    const w = world()
    await w.make(
      ['create', '--name', 's1', 'busybox'],
      ['create', '--name', 's2', '--cap-drop', 'ALL', '--cap-add', 'CHOWN', '--read-only', 'busybox'],
      ['create', '--name', 's3', '--privileged', '--pid', 'host', '-v', '/:/host', 'busybox'],
    )
    await w.shows('security-default', ['security', 's1'])
    await w.shows('security-tight', ['security', 's2'], { width: 60, plain: true })
    await w.shows('security-open', ['security', 's3'], { width: 160 })
  })
})
