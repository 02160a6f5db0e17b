/** The virtual clock over several commands: what one draws, no other draws again. */
import { expect, it } from 'vitest'
import { start, tempHome } from './cli.ts'

it('ids and names are new in every command, also after one that only looked, and the same in every store', async () => {
  const session = async (): Promise<string> => {
    const home = tempHome()
    const docker = async (line: string): Promise<string> =>
      (await start(home, line.split(' '), { env: { MINIDOCK_CLOCK: 'virtual' } }).outcome).out
    await docker('network ls')
    await docker('network create one')
    await docker('pull -q busybox')
    for (let i = 0; i < 2; i++) await docker('run -d busybox sleep 5')
    return (await docker('network ls -q')) + (await docker('ps --format {{.ID}}\n{{.Names}}'))
  }
  const [first, second] = await Promise.all([session(), session()])
  expect(first).toBe(second)
  expect(new Set(first?.trim().split('\n')).size).toBe(4 + 2 * 2)
})

it('events until a time to come let that time pass', async () => {
  const home = tempHome()
  const env = { MINIDOCK_CLOCK: 'virtual' }
  await start(home, ['run', '-d', '--name', 'five', 'busybox', 'sleep', '5'], { env }).outcome
  const { out } = await start(
    home,
    ['events', '--since', '0', '--until', '2026-01-01T00:01:00Z', '--filter', 'event=die', '--format', '{{.Time}}'],
    { env },
  ).outcome
  expect(out).toBe(`${Date.UTC(2026, 0, 1, 0, 0, 5) / 1000}\n`)
})
