/** What a process with CAP_NET_ADMIN does to its addresses and routes, as recorded from busybox in a real container. */
import { describe, expect, it } from 'vitest'
import { addressNumber, isCutOff } from '../../src/kernel/network-admin.ts'
import { allCapabilities, defaultCapabilities } from '../../src/security/capabilities.ts'
import { runCommand } from './harness.ts'

const eth0 = {
  name: 'eth0',
  index: 2,
  peerIndex: 3,
  mac: '02:42:ac:11:00:02',
  mtu: 1500,
  addresses: ['172.17.0.2/16'],
  gateway: '172.17.0.1',
}
const run = (script: string, capabilities: bigint) =>
  runCommand(['sh', '-c', `${script}; true`], { capabilities, sandbox: { interfaces: [eth0] } })

describe('with CAP_NET_ADMIN', () => {
  it.each([
    [
      'ip addr add 10.9.9.9/24 dev eth0; ip route; ip addr add 10.9.9.9/24 dev eth0; ip addr del 10.9.9.9/24 dev eth0; ip route',
      'default via 172.17.0.1 dev eth0 \n10.9.9.0/24 dev eth0 scope link  src 10.9.9.9 \n172.17.0.0/16 dev eth0 scope link  src 172.17.0.2 \ndefault via 172.17.0.1 dev eth0 \n172.17.0.0/16 dev eth0 scope link  src 172.17.0.2 \n',
      'ip: RTNETLINK answers: File exists\n',
    ],
    [
      'ip route add 10.8.0.0/16 via 172.17.0.1; ip route | head -2; ip route add 10.7.0.0/16 via 9.9.9.9; ip route del 10.8.0.0/16; ip route del 10.8.0.0/16',
      'default via 172.17.0.1 dev eth0 \n10.8.0.0/16 via 172.17.0.1 dev eth0 \n',
      'ip: RTNETLINK answers: Network is unreachable\nip: RTNETLINK answers: No such process\n',
    ],
    [
      'route add -net 10.6.0.0 netmask 255.255.0.0 gw 172.17.0.1; route -n | tail -2',
      '10.6.0.0        172.17.0.1      255.255.0.0     UG    0      0        0 eth0\n172.17.0.0      0.0.0.0         255.255.0.0     U     0      0        0 eth0\n',
      '',
    ],
    [
      'ip route del default; ip route | wc -l; ip route add default via 172.17.0.1; ip route | head -1',
      '1\ndefault via 172.17.0.1 dev eth0 \n',
      '',
    ],
    [
      'ip link add dummy0 type dummy; ip addr add 1.2.3.4/8 dev nope',
      '',
      "ip: RTNETLINK answers: Operation not supported\nip: can't find device 'nope'\n",
    ],
  ])('%s', async (script, stdout, stderr) => {
    expect(await run(script, allCapabilities)).toMatchObject({ stdout, stderr })
  })
})

it('what is behind a route that was taken away cannot be reached', () => {
  const reached = (changes: object) =>
    ['172.17.0.9', '10.8.1.1', '8.8.8.8', '127.0.0.1'].filter(
      address => !isCutOff({ changedNetwork: true, interfaces: [eth0], ...changes }, address),
    )
  const { gateway: _none, ...alone } = eth0
  const network = { network: addressNumber('10.8.0.0'), prefix: 16, gateway: addressNumber('172.17.0.1') }
  expect(reached({})).toEqual(['172.17.0.9', '10.8.1.1', '8.8.8.8', '127.0.0.1'])
  expect(reached({ interfaces: [alone] })).toEqual(['172.17.0.9', '127.0.0.1'])
  expect(reached({ interfaces: [alone], routes: [{ ...network, device: 'eth0' }] })).toEqual([
    '172.17.0.9',
    '10.8.1.1',
    '127.0.0.1',
  ])
  expect(reached({ interfaces: [{ ...eth0, up: false }] })).toEqual(['127.0.0.1'])
})

it.each([
  ['ip addr add 10.9.9.9/24 dev eth0', 'ip: RTNETLINK answers: Operation not permitted\n'],
  ['ip route del default', 'ip: RTNETLINK answers: Operation not permitted\n'],
  ['route add -net 10.6.0.0 netmask 255.255.0.0 gw 172.17.0.1', 'route: SIOCADDRT: Operation not permitted\n'],
  ['ip link add d type dummy', 'ip: RTNETLINK answers: Operation not permitted\n'],
])('without it: %s', async (script, stderr) => {
  expect(await run(script, defaultCapabilities)).toMatchObject({ stdout: '', stderr })
})
