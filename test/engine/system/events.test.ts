import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openLocal } from '../../../src/engine/local.ts'
import { appendEvents } from '../../../src/events/event-log.ts'
import { tempFolder } from '../../store/temp-store.ts'

/** An engine whose clock stands at 10 s after `begin`, with an event in each second from 1 to 5. */
async function withEvents() {
  const { engine, context, clock } = await openLocal({ MINIDOCK_HOME: tempFolder(), MINIDOCK_CLOCK: 'virtual' })
  const begin = clock.now()
  await clock.sleep(10_000)
  const events = [1, 2, 3, 4, 5].map(n => ({
    event: { type: 'volume' as const, action: 'create', id: `v${n}`, attributes: { driver: 'local' } },
    time: begin + n * 1000,
  }))
  context.store.transaction(tx => appendEvents(tx, events))
  return { engine, begin }
}

test.each([
  ['from the start until now', { since: 0, until: 10 }, ['v1', 'v2', 'v3', 'v4', 'v5']],
  ['until now', { until: 10 }, ['v1', 'v2', 'v3', 'v4', 'v5']],
  ['between two times', { since: 2, until: 4 }, ['v2', 'v3', 'v4']],
  ['until before the first', { until: 0.5 }, []],
])('past events %s are listed', async (_, times, expected) => {
  const { engine, begin } = await withEvents()
  const options = Object.fromEntries(Object.entries(times).map(([key, seconds]) => [key, begin + seconds * 1000]))
  const ids: string[] = []
  for await (const message of engine.system.events(options)) ids.push(message.Actor.ID)
  expect(ids).toEqual(expected)
})

test('without times there are only new events, until the reader has had enough', async () => {
  const { engine } = await withEvents()
  const stop = new AbortController()
  const ids: string[] = []
  const reading = (async () => {
    for await (const message of engine.system.events({ signal: stop.signal })) {
      ids.push(message.Actor.ID)
      stop.abort()
    }
  })()
  for (let n = 0; !stop.signal.aborted; n++) {
    await engine.volumes.create({ Name: `fresh-${n}` })
    await setImmediate()
  }
  await reading
  expect(ids[0]).toMatch(/^fresh-/)
})

test("a beginning after the end is refused in Docker's words", async () => {
  const { engine } = await withEvents()
  const next = engine.system.events({ since: 1795449391_500, until: 1795449291_250 })[Symbol.asyncIterator]().next()
  await expect(next).rejects.toMatchObject({
    kind: 'invalid',
    message: '`since` time (1795449391) cannot be after `until` time (1795449291)',
  })
})
