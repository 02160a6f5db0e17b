import { appendFileSync, writeFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  appendEvents,
  eventFilter,
  eventsEnd,
  type NewEvent,
  readEvents,
  recentEvents,
} from '../../src/events/event-log.ts'
import { openStore } from '../../src/store/store.ts'
import type { Store } from '../../src/store/types.ts'
import { tempFolder } from '../store/temp-store.ts'

const time = Date.UTC(2026, 0, 1) + 0.25
const start: NewEvent = {
  type: 'container',
  action: 'start',
  id: 'c'.repeat(64),
  attributes: { image: 'nginx:1.27', name: 'web', tier: 'front' },
}
const tag: NewEvent = {
  type: 'image',
  action: 'tag',
  id: `sha256:${'a'.repeat(64)}`,
  attributes: { name: 'nginx:1.27' },
}
const connect: NewEvent = {
  type: 'network',
  action: 'connect',
  id: 'n'.repeat(64),
  attributes: { container: 'c'.repeat(64), name: 'bridge', type: 'bridge' },
}
const health: NewEvent = { ...start, action: 'health_status: healthy' }

function add(store: Store, ...events: NewEvent[]): void {
  store.transaction(tx =>
    appendEvents(
      tx,
      events.map(event => ({ event, time })),
    ),
  )
}
const all = (store: Store): string[] => [...readEvents(store, 0, eventsEnd(store))].map(({ message }) => message.Action)

test("events are read back in Docker's shape", () => {
  const store = openStore(tempFolder())
  add(store, start, connect)
  expect([...readEvents(store, 0, eventsEnd(store))]).toEqual([
    {
      time,
      message: {
        status: 'start',
        id: start.id,
        from: 'nginx:1.27',
        Type: 'container',
        Action: 'start',
        Actor: { ID: start.id, Attributes: start.attributes },
        scope: 'local',
        time: 1767225600,
        timeNano: 1767225600000250000,
      },
    },
    {
      time,
      message: {
        Type: 'network',
        Action: 'connect',
        Actor: { ID: connect.id, Attributes: connect.attributes },
        scope: 'local',
        time: 1767225600,
        timeNano: 1767225600000250000,
      },
    },
  ])
})

test('a new store has none', () => {
  const store = openStore(tempFolder())
  expect([eventsEnd(store), all(store)]).toEqual([0, []])
})

test('events of a transaction that failed are not there', () => {
  const store = openStore(tempFolder())
  add(store, start)
  expect(() =>
    store.transaction(tx => {
      appendEvents(tx, [{ event: tag, time }])
      throw new Error('no')
    }),
  ).toThrow('no')
  expect(all(store)).toEqual(['start'])
  add(store, connect)
  expect(all(store)).toEqual(['start', 'connect'])
})

test('a damaged head is made anew from the log, and damaged lines are passed over', () => {
  const told: string[] = []
  const store = openStore(tempFolder(), { damaged: message => told.push(message) })
  add(store, start)
  appendFileSync(store.locate('events.jsonl'), '{"n":1,\n')
  writeFileSync(store.locate('events-head.json'), '{"v":')
  add(store, connect)
  expect(all(store)).toEqual(['start', 'connect'])
  expect(told).toHaveLength(1)
})

test('a log that is lost is empty', () => {
  const store = openStore(tempFolder())
  store.transaction(tx => tx.put('events-head.json', { v: 1, length: 100 }))
  expect(all(store)).toEqual([])
  expect(recentEvents(store, 100)).toBe(0)
})

test.each([
  [{}, ['start', 'tag', 'connect', 'health_status: healthy']],
  [{ type: ['container'] }, ['start', 'health_status: healthy']],
  [{ type: ['image', 'network'] }, ['tag', 'connect']],
  [{ event: ['start'] }, ['start']],
  [{ event: ['health_status'] }, ['health_status: healthy']],
  [{ event: ['health_status: healthy'] }, ['health_status: healthy']],
  [{ container: ['web'] }, ['start', 'health_status: healthy']],
  [{ container: ['ccc'] }, ['start', 'health_status: healthy']],
  [{ image: ['nginx'] }, ['start', 'tag', 'health_status: healthy']],
  [{ network: ['bridge'] }, ['connect']],
  [{ label: ['tier'] }, ['start', 'health_status: healthy']],
  [{ label: ['tier=back'] }, []],
  [{ label: ['tier=front', 'name=web'] }, ['start', 'health_status: healthy']],
  [{ type: ['container'], event: ['tag'] }, []],
])('the filter %j lets through %j', (filters, actions) => {
  const store = openStore(tempFolder())
  add(store, start, tag, connect, health)
  const passes = eventFilter(filters)
  const found = [...readEvents(store, 0, eventsEnd(store))].filter(({ message }) => passes(message))
  expect(found.map(({ message }) => message.Action)).toEqual(actions)
})

/** Asked of a Docker 28.5: a busybox container `web` in a network `webnet` with a volume `webvol`. */
const recorded = [
  ['image', 'load', 'sha256:2a84', { name: 'sha256:2a84' }],
  ['network', 'create', '2bc6', { name: 'webnet', type: 'bridge' }],
  ['volume', 'create', 'webvol', { driver: 'local' }],
  ['container', 'create', '1630', { app: '1', image: 'busybox', name: 'web', tier: 'x' }],
  ['network', 'connect', '2bc6', { container: '1630', name: 'webnet', type: 'bridge' }],
  ['container', 'start', '1630', { app: '1', image: 'busybox', name: 'web', tier: 'x' }],
  ['container', 'exec_create: true ', '1630', { app: '1', image: 'busybox', name: 'web', tier: 'x' }],
  ['container', 'exec_die', '1630', { app: '1', image: 'busybox', name: 'web', tier: 'x' }],
  ['image', 'tag', 'sha256:2a84', { name: 'other:2' }],
] as const
const everything = recorded.map(([type, action]) => `${type} ${action}`)
const ofTypes = (...types: string[]): string[] => everything.filter(line => types.includes(line.split(' ')[0] ?? ''))

test.each([
  [{ container: ['web'] }, ofTypes('container', 'network', 'volume')],
  [{ container: ['we'] }, ofTypes('container', 'network', 'volume')],
  [{ container: ['webnet'] }, ofTypes('network')],
  [{ container: ['1630'] }, ofTypes('container')],
  [{ volume: ['web'] }, ofTypes('container', 'network', 'volume')],
  [{ node: ['web'] }, ofTypes('container', 'network', 'volume')],
  [{ plugin: ['webn'], type: ['network'] }, ofTypes('network')],
  [{ daemon: ['web'], event: ['start'] }, ['container start']],
  [{ daemon: ['abc'] }, []],
  [{ event: ['exec_create'] }, ['container exec_create: true ']],
  [{ event: ['exec_create', 'st'] }, ['container start', 'container exec_create: true ']],
  [{ event: ['exec'] }, []],
  [{ event: ['st'] }, []],
  [{ image: ['busybox'] }, ofTypes('container')],
  [{ image: ['busybox:latest'] }, []],
  [{ image: ['other'] }, ['image tag']],
  [{ image: ['other:2'] }, ['image tag']],
  [{ image: ['sha256'] }, ofTypes('image')],
  [{ image: ['sha256:2a84'] }, ofTypes('image')],
  [{ image: ['2a84'] }, []],
  [{ label: ['app', 'tier=y'] }, []],
  [{ label: ['app=1'] }, ofTypes('container')],
  [{ scope: ['local'] }, everything],
  [{ scope: ['swarm'] }, []],
  [{ scope: [''] }, []],
  [{ type: ['foo'] }, []],
  [{ foo: ['bar'] }, everything],
  [{ id: ['xx'] }, everything],
])('the filter %j finds what it does in Docker', (filters, expected) => {
  const store = openStore(tempFolder())
  add(store, ...recorded.map(([type, action, id, attributes]) => ({ type, action, id, attributes })))
  const passes = eventFilter(filters)
  const found = [...readEvents(store, 0, eventsEnd(store))].filter(({ message }) => passes(message))
  expect(found.map(({ message }) => `${message.Type} ${message.Action}`)).toEqual(expected)
})

test.each([
  [0, 0],
  [1, 1],
  [255, 255],
  [256, 256],
  [257, 256],
  [2000, 256],
])('of %d events the last %d are remembered', (count, remembered) => {
  const store = openStore(tempFolder())
  const events = Array.from({ length: count }, (_, n): NewEvent => ({ ...tag, action: `${n}${'é'.repeat(200)}` }))
  add(store, ...events)
  const end = eventsEnd(store)
  const read = [...readEvents(store, recentEvents(store, end), end)]
  expect(read.map(({ message }) => message.Action)).toEqual(
    events.slice(-remembered || count).map(({ action }) => action),
  )
})

test('any texts come back, whatever transactions they came in and wherever reading begins', () => {
  const event = fc.record({
    action: fc.string({ unit: 'grapheme' }),
    key: fc.string({ unit: 'grapheme', minLength: 1 }),
  })
  fc.assert(
    fc.property(fc.array(fc.array(event, { minLength: 1, maxLength: 4 }), { maxLength: 4 }), groups => {
      const store = openStore(tempFolderFor())
      const ends = [0]
      for (const group of groups) {
        add(store, ...group.map(({ action, key }): NewEvent => ({ ...tag, action, attributes: { [key]: action } })))
        ends.push(eventsEnd(store))
      }
      for (const [at, from] of ends.entries()) {
        const read = [...readEvents(store, from, eventsEnd(store))].map(({ message }) => message.Action)
        expect(read).toEqual(groups.slice(at).flatMap(group => group.map(({ action }) => action)))
      }
    }),
    { numRuns: 30 },
  )
})

let folders: string | undefined
let count = 0
function tempFolderFor(): string {
  folders ??= tempFolder()
  return `${folders}/${count++}`
}
