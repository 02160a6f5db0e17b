/** Names of /etc/hosts, of the embedded server, and of the simulated internet. */
import { describe, expect, it } from 'vitest'
import { embeddedAnswer, fromHosts, hasEmbeddedServer, internetAnswer, type RecordType } from '../../src/network/dns.ts'
import type { EndpointRecord, NetworkRecord } from '../../src/network/record.ts'

const end = (container: string, ipv4: string, ipv6: string, ...dnsNames: string[]): EndpointRecord => ({
  container,
  name: container,
  endpointId: `end-${container}`,
  mac: '02:00:00:00:00:01',
  ipv4,
  ipv6,
  dnsNames,
})

const network = (name: string, internal: boolean, ...ends: EndpointRecord[]): NetworkRecord => ({
  v: 1,
  id: name,
  name,
  created: 0,
  driver: 'bridge',
  scope: 'local',
  internal,
  attachable: false,
  ingress: false,
  configOnly: false,
  configFrom: '',
  enableIPv4: true,
  enableIPv6: true,
  ipam: { driver: 'default', options: null, config: [] },
  options: {},
  labels: {},
  endpoints: Object.fromEntries(ends.map(each => [each.container, each])),
})

const networks = [
  network('bridge', false, end('lone', '172.17.0.2', '')),
  network(
    'front',
    false,
    end('web1', '10.1.0.2', 'fd00::2', 'web1', 'web'),
    end('web2', '10.1.0.3', '', 'web2', 'web'),
    end('both', '10.1.0.4', '', 'both'),
  ),
  network('shut', true, end('db', '10.2.0.2', '', 'db', 'web'), end('both', '10.2.0.3', '', 'both')),
]

describe('the embedded server', () => {
  it.each<[string, string, string, RecordType, string[]]>([
    ['all containers of an alias', 'both', 'web', 'A', ['10.1.0.2', '10.1.0.3']],
    ['the first network that knows a name', 'both', 'both', 'A', ['10.1.0.4']],
    ['a name with its network', 'both', 'web.shut', 'A', ['10.2.0.2']],
    ['upper case and a final dot', 'both', 'WEB1.', 'A', ['10.1.0.2']],
    ['IPv6', 'web2', 'web1', 'AAAA', ['fd00::2']],
    ['a name without an address of the family', 'web1', 'web2', 'AAAA', []],
    ['no names of networks that one is not on', 'db', 'web1', 'A', []],
    ['a reverse name', 'web1', '10.1.0.3', 'PTR', ['web2.front']],
    ['the internet', 'web1', 'example.com', 'A', ['93.184.215.14']],
    ['no internet for an internal network', 'db', 'example.com', 'A', []],
    ['nothing for the default bridge', 'lone', 'lone', 'A', []],
  ])('%s', (_, asking, name, type, expected) => {
    expect(embeddedAnswer(networks, asking, name, type)).toEqual(expected)
  })

  it.each([
    ['web1', true],
    ['lone', false],
    ['nobody', false],
  ])('listens for %s: %s', (container, listens) => {
    expect(hasEmbeddedServer(networks, container)).toBe(listens)
  })
})

it.each<[string, RecordType, string[]]>([
  ['box', 'A', ['10.0.0.5']],
  ['alias', 'A', ['10.0.0.5']],
  ['box', 'AAAA', ['fd00::5']],
  ['10.0.0.5', 'PTR', ['box']],
  ['localhost', 'A', ['127.0.0.1']],
  ['other', 'A', []],
])('/etc/hosts knows %s (%s)', (name, type, expected) => {
  expect(fromHosts('10.0.0.5 box alias # comment\nfd00::5\tbox\n', name, type)).toEqual(expected)
})

it('the simulated internet knows a few names and addresses', () => {
  expect(internetAnswer('dns.google', 'A')).toEqual(['8.8.8.8'])
  expect(internetAnswer('8.8.8.8', 'PTR')).toEqual(['dns.google'])
  expect(internetAnswer('example.net', 'A')).toEqual([])
})
