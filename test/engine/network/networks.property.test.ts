/** Random networks and containers against a plain model: who has which address, and who reaches whom. */
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { PortMap } from '../../../src/api/container.ts'
import type { EndpointSettings, NetworkCreateRequest } from '../../../src/api/network.ts'
import type { ContainerRecord } from '../../../src/container/record.ts'
import type { Live } from '../../../src/engine/live.ts'
import { createIn } from '../../../src/engine/network/create.ts'
import { emptyEndpoint, joinNetwork, leaveNetwork } from '../../../src/engine/network/join.ts'
import { publish } from '../../../src/engine/network/publish.ts'
import { topologyOf } from '../../../src/engine/network/topology.ts'
import { follow } from '../../../src/network/fabric.ts'
import { readNetworks } from '../../../src/network/networks.ts'
import type { NetworkRecord } from '../../../src/network/record.ts'
import type { Transaction } from '../../../src/store/types.ts'
import { seededRandom } from '../../../src/util/random.ts'
import { type ScratchStore, scratchStore } from '../../vfs/scratch-store.ts'

const stores: ScratchStore[] = []
afterEach(() => {
  for (const store of stores.splice(0)) store.close()
})

interface Box {
  record: ContainerRecord
  running: boolean
}

/** The engine's networks alone: no files, no processes. */
class Bench {
  readonly boxes = new Map<string, Box>()
  readonly live: Live
  readonly #tx: Transaction
  #time = 1_700_000_000_000

  constructor(seed: string) {
    const store = scratchStore()
    stores.push(store)
    const names = (path: string): string[] => store.list(path).map(full => full.slice(path.length + 1))
    this.#tx = { ...store, list: names }
    const random = seededRandom(seed)
    const worlds = { listenersOf: () => [] }
    this.live = { tx: this.#tx, random, emit: () => undefined, time: this.#time, worlds } as unknown as Live
  }

  network(request: Partial<NetworkCreateRequest> & { Name: string }): NetworkRecord {
    this.live.time = this.#time += 1000
    return createIn(this.live, request)
  }

  networks(): NetworkRecord[] {
    return readNetworks(this.#tx)
  }

  box(name: string, bindings: PortMap = {}): Box {
    const record = {
      id: this.live.random.id(),
      name,
      sequence: this.boxes.size,
      networks: {},
      ports: {},
      config: { Hostname: name, ExposedPorts: {} },
      hostConfig: { NetworkMode: 'bridge', PortBindings: bindings, PublishAllPorts: false },
    } as unknown as ContainerRecord
    const box = { record, running: true }
    this.boxes.set(name, box)
    this.#index()
    return box
  }

  connect(box: Box, name: string, given: Partial<EndpointSettings> = {}): void {
    const network = this.networks().find(each => each.name === name)
    if (!network) throw new Error(name)
    const endpoint = emptyEndpoint(given)
    joinNetwork(this.live, box.record, network, endpoint)
    box.record.networks[name] = endpoint
    this.#index()
  }

  disconnect(box: Box, name: string): void {
    const network = this.networks().find(each => each.name === name)
    if (network?.endpoints[box.record.id]) leaveNetwork(this.live, box.record, network)
    delete box.record.networks[name]
    this.#index()
  }

  publish(box: Box): void {
    box.record.ports = publish(this.live, box.record)
    this.#index()
  }

  reaches(from: string, address: string, port: number): string | undefined {
    const net = from === 'host' ? 'host' : (this.boxes.get(from)?.record.id ?? '')
    return follow(topologyOf(this.#tx), net, { address, port }, 'tcp').arrival?.net
  }

  #index(): void {
    const entries = Object.fromEntries(
      [...this.boxes.values()].map(({ record }) => [
        record.id,
        {
          id: record.id,
          name: record.name,
          sequence: record.sequence,
          networkMode: 'bridge',
          networks: record.networks,
          ports: record.ports,
          state: { status: 'running', startedAt: record.sequence },
        },
      ]),
    )
    this.#tx.put('index/containers.json', { v: 1, next: 0, entries, removed: [] })
  }
}

const names = ['one', 'two', 'shut', 'noicc', 'bridge'] as const
const step = fc.record({
  box: fc.integer({ min: 0, max: 5 }),
  network: fc.constantFrom(...names),
  join: fc.boolean(),
})

function bench(seed: number): Bench {
  const made = new Bench(String(seed))
  made.network({ Name: 'one', IPAM: { Config: [{ Subnet: '10.1.0.0/29' }] } })
  made.network({ Name: 'two', EnableIPv6: true, IPAM: { Config: [{ Subnet: 'fd00:2::/64' }] } })
  made.network({ Name: 'shut', Internal: true })
  made.network({ Name: 'noicc', Options: { 'com.docker.network.bridge.enable_icc': 'false' } })
  for (let at = 0; at < 6; at++) made.box(`box${at}`)
  return made
}

describe('addresses', () => {
  it('are the lowest free ones, none twice, none lost', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(step, { maxLength: 40 }), (seed, steps) => {
        const made = bench(seed)
        const model = new Map<string, Map<string, number>>(names.map(name => [name, new Map()]))
        for (const { box: at, network, join } of steps) {
          const box = made.boxes.get(`box${at}`)
          const taken = model.get(network)
          if (!box || !taken) continue
          if (!join) {
            made.disconnect(box, network)
            taken.delete(box.record.name)
            continue
          }
          if (taken.has(box.record.name)) continue
          let lowest = 2
          while ([...taken.values()].includes(lowest)) lowest++
          made.connect(box, network)
          taken.set(box.record.name, lowest)
        }
        for (const network of made.networks()) {
          const expected = Object.fromEntries(model.get(network.name) ?? [])
          const found = Object.fromEntries(
            Object.values(network.endpoints).map(end => [end.name, Number(end.ipv4.split('.').at(-1))]),
          )
          expect(found).toEqual(expected)
          const six = Object.values(network.endpoints).flatMap(end => end.ipv6 || [])
          expect(new Set(six).size).toBe(network.name === 'two' ? Object.keys(expected).length : 0)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('come back to the pool when all have left', () => {
    const made = bench(1)
    for (let round = 0; round < 3; round++) {
      for (let at = 0; at < 5; at++) made.connect(made.boxes.get(`box${at}`) as Box, 'one')
      expect(() => made.connect(made.boxes.get('box5') as Box, 'one')).toThrow(
        /^no available IPv4 addresses on this network's address pools: one/,
      )
      for (let at = 0; at < 5; at++) made.disconnect(made.boxes.get(`box${at}`) as Box, 'one')
      expect(made.networks().flatMap(network => Object.keys(network.endpoints))).toEqual([])
    }
  })
})

describe('who reaches whom', () => {
  it('is what the networks they share say, the same both ways', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(step, { maxLength: 24 }), (seed, steps) => {
        const made = bench(seed)
        const on = new Map<string, Set<string>>([...made.boxes.keys()].map(name => [name, new Set()]))
        for (const { box: at, network, join } of steps) {
          const box = made.boxes.get(`box${at}`) as Box
          const joined = on.get(box.record.name) as Set<string>
          if (joined.has(network) === join || (join && network === 'one' && countOn(on, 'one') === 5)) continue
          if (join) made.connect(box, network)
          else made.disconnect(box, network)
          if (join) joined.add(network)
          else joined.delete(network)
        }
        for (const [from, mine] of on)
          for (const [to, theirs] of on) {
            if (from === to) continue
            for (const network of theirs) {
              const target = made.boxes.get(to) as Box
              const expected = mine.has(network) && network !== 'noicc'
              // Over both families, where the network has both.
              for (const family of ['IPAddress', 'GlobalIPv6Address'] as const) {
                const address = target.record.networks[network]?.[family] ?? ''
                expect(address === '').toBe(family === 'GlobalIPv6Address' && network !== 'two')
                if (address === '') continue
                expect([from, to, address, made.reaches(from, address, 80) === target.record.id]).toEqual([
                  from,
                  to,
                  address,
                  expected,
                ])
                const own = made.boxes.get(from)?.record.networks[network]?.[family] ?? ''
                if (mine.has(network)) expect(made.reaches(to, own, 80) !== undefined).toBe(expected)
              }
            }
          }
      }),
      { numRuns: 25 },
    )
  })

  it('through published ports: everyone but internal networks; the loopback only from the host', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.constantFrom('one', 'two', 'noicc', 'bridge'),
        fc.constantFrom('one', 'two', 'shut', 'noicc', 'bridge'),
        fc.boolean(),
        (seed, served, asking, loopback) => {
          const made = bench(seed)
          const server = made.box('server', { '80/tcp': [{ HostIp: loopback ? '127.0.0.1' : '', HostPort: '8080' }] })
          made.connect(server, served)
          made.publish(server)
          const client = made.boxes.get('box0') as Box
          made.connect(client, asking)
          const gateway = (name: string): string => {
            const address = made.networks().find(each => each.name === name)
            return topologyOf(made.live.tx).networks.find(each => each.name === address?.name)?.bridge.gateway ?? ''
          }
          const id = server.record.id
          expect(made.reaches('host', '127.0.0.1', 8080)).toBe(id)
          expect(made.reaches('host', gateway(served), 8080)).toBe(loopback ? 'host' : id)
          // An internal network's packets are sent on by DNAT, and dropped on their way to the other bridge.
          const through = asking === 'shut' ? (loopback ? 'host' : undefined) : loopback ? 'host' : id
          expect(made.reaches('box0', gateway(asking), 8080)).toBe(through)
        },
      ),
      { numRuns: 40 },
    )
  })
})

const countOn = (on: ReadonlyMap<string, ReadonlySet<string>>, network: string): number =>
  [...on.values()].filter(set => set.has(network)).length
