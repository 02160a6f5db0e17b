/** Random lifecycles against a plain model: states, exit codes, addresses, files and events agree after every verb. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openLocal } from '../../../src/engine/local.ts'
import { tempFolder } from '../../store/temp-store.ts'

type Verb = 'start' | 'stop' | 'kill' | 'pause' | 'unpause' | 'restart' | 'remove' | 'force' | 'rename'
interface Modelled {
  id: string
  name: string
  /** Whether its main process ends by itself on TERM, with 5. */
  polite: boolean
  status: 'created' | 'running' | 'paused' | 'exited'
  code: number
  events: string[]
}
type Step = { verb: Verb; slot: number } | { verb: 'create'; slot: number; polite: boolean }
type Opened = Awaited<ReturnType<typeof openLocal>>

const runs = ({ status }: Modelled): boolean => status === 'running' || status === 'paused'
const scripts = { rude: ['sleep', '1000'], polite: ['sh', '-c', 'trap "exit 5" TERM; while :; do sleep 0.1; done'] }

/** What Docker makes of a verb: the model moves on, or false says that it is refused and nothing changes. */
function expected(box: Modelled, verb: Verb): boolean {
  const end = (signals: string[], code: number): void => {
    box.events.push(...signals, 'die')
    box.status = 'exited'
    box.code = code
  }
  const begin = (): void => {
    box.events.push('start')
    box.status = 'running'
    box.code = 0
  }
  const stop = (): void => (box.polite ? end(['kill', 'stop'], 5) : end(['kill', 'kill', 'stop'], 137))
  switch (verb) {
    case 'start':
      if (box.status === 'paused') return false
      if (box.status !== 'running') begin()
      return true
    case 'stop':
      if (runs(box)) stop()
      return true
    case 'restart':
      if (runs(box)) stop()
      begin()
      box.events.push('restart')
      return true
    case 'kill':
      if (!runs(box)) return false
      end(['kill'], 137)
      return true
    case 'pause':
    case 'unpause':
      if (box.status !== (verb === 'pause' ? 'running' : 'paused')) return false
      box.status = verb === 'pause' ? 'paused' : 'running'
      box.events.push(verb)
      return true
    case 'rename':
      box.events.push('rename')
      box.name = `${box.name}x`
      return true
    case 'remove':
    case 'force':
      if (runs(box) && verb === 'remove') return false
      if (runs(box)) end(['kill'], 137)
      box.events.push('destroy')
      return true
  }
}

function call({ engine: { containers } }: Opened, { id, name }: Modelled, verb: Verb): Promise<void> {
  if (verb === 'rename') return containers.rename(id, `${name}x`)
  if (verb === 'remove' || verb === 'force') return containers.remove(name, { force: verb === 'force' })
  if (verb === 'stop' || verb === 'restart') return containers[verb](name, { t: 2 })
  return containers[verb](name)
}

/** The engine tells the same of every container as the model does. */
async function agree({ engine }: Opened, boxes: readonly Modelled[]): Promise<void> {
  const listed = await engine.containers.list({ all: true })
  const told = listed.map(({ Names, State }) => `${Names[0]} ${State}`).sort()
  expect(told).toEqual(boxes.map(({ name, status }) => `/${name} ${status}`).sort())
  const addresses: string[] = []
  for (const box of boxes) {
    const { State: state, NetworkSettings: net } = await engine.containers.inspect(box.name)
    const address = net.Networks['bridge']?.IPAddress ?? ''
    expect({
      running: state.Running,
      paused: state.Paused,
      code: state.ExitCode,
      pid: state.Pid > 0,
      address: address !== '',
      port: net.Ports['80/tcp'] !== undefined,
    }).toEqual({
      running: runs(box),
      paused: box.status === 'paused',
      code: box.code,
      pid: runs(box),
      address: runs(box),
      port: runs(box),
    })
    if (address !== '') addresses.push(address)
  }
  expect(new Set(addresses).size).toBe(addresses.length)
  const bridge = await engine.networks.inspect('bridge')
  expect(Object.keys(bridge.Containers ?? {}).sort()).toEqual(
    boxes
      .filter(runs)
      .map(({ id }) => id)
      .sort(),
  )
}

const slots = 3
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ verb: fc.constant('create' as const), slot: fc.nat(slots - 1), polite: fc.boolean() }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      verb: fc.constantFrom<Verb>(
        'start',
        'start',
        'stop',
        'kill',
        'pause',
        'unpause',
        'restart',
        'remove',
        'force',
        'rename',
      ),
      slot: fc.nat(slots - 1),
    }),
  },
)

test('random lifecycles keep to the model', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 16 }), async steps => {
      const home = tempFolder()
      const opened = await openLocal({ MINIDOCK_HOME: home, MINIDOCK_CLOCK: 'virtual' })
      for await (const _ of opened.engine.images.pull('busybox'));
      const boxes = new Map<number, Modelled>()
      const gone: Modelled[] = []
      for (const move of steps) {
        const box = boxes.get(move.slot)
        if (move.verb === 'create') {
          if (box) continue
          const name = `box${move.slot}`
          const { Id: id } = await opened.engine.containers.create(
            {
              Image: 'busybox',
              Cmd: move.polite ? scripts.polite : scripts.rude,
              HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '', HostPort: `${18_300 + move.slot}` }] } },
            },
            { name },
          )
          boxes.set(move.slot, { id, name, polite: move.polite, status: 'created', code: 0, events: ['create'] })
        } else if (box) {
          // A trap is set only once the shell has come to it.
          await opened.clock.sleep(300)
          const before = { ...box }
          const outcome = await call(opened, before, move.verb).then(
            () => true,
            () => false,
          )
          expect(outcome, `${move.verb} of ${before.status}`).toBe(expected(box, move.verb))
          if (box.events.at(-1) === 'destroy') {
            boxes.delete(move.slot)
            gone.push(box)
          }
        }
        await agree(opened, [...boxes.values()])
      }
      for (const { id } of gone) {
        await expect(opened.engine.containers.inspect(id)).rejects.toThrow(`No such container: ${id}`)
        expect(existsSync(join(home, 'containers', id, 'config.json'))).toBe(false)
      }
      const happened = new Map<string, string[]>()
      const until = opened.clock.now()
      for await (const { Type, Action, Actor } of opened.engine.system.events({ since: 0, until }))
        if (Type === 'container') happened.set(Actor.ID, [...(happened.get(Actor.ID) ?? []), Action])
      for (const { id, events } of [...gone, ...boxes.values()]) expect(happened.get(id)).toEqual(events)
    }),
    { numRuns: 8, endOnFailure: true },
  )
})
