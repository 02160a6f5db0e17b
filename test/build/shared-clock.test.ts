import { expect, test } from 'vitest'
import { virtualClock } from '../../src/clock.ts'
import { SharedClock } from '../../src/engine/build/shared-clock.ts'

test('those at work side by side sleep at the same time', async () => {
  const clock = new SharedClock(virtualClock(0))
  const log: string[] = []
  const part = (name: string, ...naps: number[]): Promise<void> =>
    clock.working(async () => {
      for (const nap of naps) {
        await clock.sleep(nap)
        log.push(`${name} ${clock.now()}`)
      }
    })
  await Promise.all([part('a', 1000, 1000), part('b', 1500, 200)])
  expect(log).toEqual(['a 1000', 'b 1500', 'b 1700', 'a 2000'])
})

test('a sleep that is given up ends at once', async () => {
  const clock = new SharedClock(virtualClock(0))
  const stop = new AbortController()
  await clock.working(async () => {
    const sleeping = clock.working(() => clock.sleep(1000, stop.signal))
    stop.abort()
    await sleeping
  })
  expect(clock.now()).toBe(0)
})
