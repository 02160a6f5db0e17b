import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Bridge, firewall, type Published } from '../../src/network/firewall.ts'
import { evaluate, listText, type Packet, saveText } from '../../src/network/iptables.ts'

const recorded = (name: string): string =>
  readFileSync(new URL(`../../fixtures/network/${name}`, import.meta.url), 'utf8')

const bridge = (name: string, number: number, options: Partial<Bridge> = {}): Bridge => ({
  name,
  subnet: `172.${number}.0.0/16`,
  gateway: `172.${number}.0.1`,
  internal: false,
  icc: true,
  masquerade: true,
  ...options,
})
const docker0 = bridge('docker0', 17)
const one = bridge('br-one', 18)
const shut = bridge('br-shut', 19, { internal: true })
const noicc = bridge('br-noicc', 20, { icc: false })
const nomasq = bridge('br-nomasq', 21, { masquerade: false })
const shut2 = bridge('br-shut2', 22, { internal: true })

const port = (
  on: Bridge,
  address: string,
  hostPort: number,
  inside: number,
  more: Partial<Published> = {},
): Published => ({
  bridge: on,
  address,
  hostAddress: '0.0.0.0',
  hostPort,
  port: inside,
  protocol: 'tcp',
  ...more,
})

/** The networks and containers of the recording (fixtures/network). */
const tables = firewall(
  [docker0, one, shut, noicc, nomasq, shut2],
  [
    { bridge: docker0, address: '172.17.0.2' },
    { bridge: one, address: '172.18.0.2' },
    { bridge: one, address: '172.18.0.3' },
    { bridge: shut, address: '172.19.0.2' },
    { bridge: noicc, address: '172.20.0.2' },
    { bridge: noicc, address: '172.20.0.3' },
  ],
  [
    port(one, '172.18.0.2', 5353, 53, { protocol: 'udp' }),
    port(one, '172.18.0.2', 5353, 53, { protocol: 'udp', hostAddress: '::' }),
    port(one, '172.18.0.2', 8080, 80),
    port(one, '172.18.0.2', 8081, 80, { hostAddress: '127.0.0.1' }),
    port(noicc, '172.20.0.2', 8090, 80),
  ],
)

describe('the rules of dockerd 28.5', () => {
  it('are those that iptables-save prints', () => {
    const shown = (['raw', 'filter', 'nat'] as const).map(name => saveText(name, tables[name])).join('')
    expect(shown).toBe(recorded('iptables-save.txt'))
  })

  it('are listed as iptables -L -n lists them', () => {
    expect(`${listText(tables.nat)}${listText(tables.filter)}`).toBe(recorded('iptables-list.txt'))
  })

  it('show interfaces and counters with -v, numbers with --line-numbers', () => {
    expect(
      listText(tables.filter, { chain: 'DOCKER-FORWARD', verbose: true, numbers: true })?.split('\n').slice(0, 6),
    ).toEqual([
      'Chain DOCKER-FORWARD (1 references)',
      'num   pkts bytes target     prot opt in     out     source               destination         ',
      '1        0     0 DOCKER-CT  all  --  *      *       0.0.0.0/0            0.0.0.0/0           ',
      '2        0     0 DOCKER-ISOLATION-STAGE-1  all  --  *      *       0.0.0.0/0            0.0.0.0/0           ',
      '3        0     0 DOCKER-BRIDGE  all  --  *      *       0.0.0.0/0            0.0.0.0/0           ',
      '4        0     0 ACCEPT     all  --  docker0 *       0.0.0.0/0            0.0.0.0/0           ',
    ])
    expect(listText(tables.filter, { chain: 'NOSUCH' })).toBeUndefined()
  })
})

const packet = (given: Partial<Packet>): Packet => ({
  source: '172.18.0.2',
  destination: '172.18.0.3',
  protocol: 'tcp',
  port: 80,
  in: 'br-one',
  out: 'br-one',
  toLocal: false,
  established: false,
  ...given,
})

describe('a packet through FORWARD', () => {
  it.each<[string, Partial<Packet>, string, string]>([
    ['passes within a bridge', {}, 'ACCEPT', '-A DOCKER-FORWARD -i br-one -j ACCEPT'],
    [
      'does not pass to another bridge',
      { destination: '172.20.0.2', out: 'br-noicc' },
      'DROP',
      '-A DOCKER-ISOLATION-STAGE-2 -o br-noicc -j DROP',
    ],
    [
      'does not leave an internal network',
      { source: '172.19.0.2', in: 'br-shut', destination: '8.8.8.8', out: 'eth0' },
      'DROP',
      '-A DOCKER-ISOLATION-STAGE-1 ! -d 172.19.0.0/16 -i br-shut -j DROP',
    ],
    [
      'does not pass between containers without icc',
      { source: '172.20.0.2', destination: '172.20.0.3', in: 'br-noicc', out: 'br-noicc' },
      'DROP',
      '-A DOCKER-FORWARD -i br-noicc -o br-noicc -j DROP',
    ],
    [
      'comes from outside to a published port',
      { source: '10.0.2.2', destination: '172.18.0.2', in: 'eth0' },
      'ACCEPT',
      '-A DOCKER -d 172.18.0.2/32 ! -i br-one -o br-one -p tcp -m tcp --dport 80 -j ACCEPT',
    ],
    [
      'does not come from outside to another port',
      { source: '10.0.2.2', destination: '172.18.0.2', in: 'eth0', port: 81 },
      'DROP',
      '-A DOCKER ! -i br-one -o br-one -j DROP',
    ],
    [
      'comes back when conntrack knows it',
      { source: '8.8.8.8', destination: '172.18.0.2', in: 'eth0', port: 40000, established: true },
      'ACCEPT',
      '-A DOCKER-CT -o br-one -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    ],
    ['meets the policy where no rule speaks of it', { in: 'eth0', out: 'eth1' }, 'DROP', ''],
  ])('%s', (_, given, target, rule) => {
    const verdict = evaluate(tables, 'filter', 'FORWARD', packet(given))
    expect([verdict.target, verdict.path.at(-1)?.rule]).toEqual([target, rule])
  })
})
