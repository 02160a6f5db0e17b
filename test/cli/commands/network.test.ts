import { describe, expect, it } from 'vitest'
import type { NetworkCreateRequest, NetworkInspect } from '../../../src/api/network.ts'
import { forbidden, notFound } from '../../../src/errors.ts'
import { fakeEngine } from '../fake-engine.ts'
import { runLine } from '../memory-context.ts'

const network = (Name: string, Driver = 'bridge'): NetworkInspect => ({
  Name,
  Id: Name.padEnd(64, '0'),
  Created: '2026-11-23T14:30:46.022342474Z',
  Scope: 'local',
  Driver,
  EnableIPv4: true,
  EnableIPv6: false,
  IPAM: { Driver: 'default', Options: null, Config: [{ Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' }] },
  Internal: false,
  Attachable: false,
  Ingress: false,
  ConfigFrom: { Network: '' },
  ConfigOnly: false,
  Containers: {},
  Options: {},
  Labels: { 'com.example.role': 'web', b: '2' },
})

const engine = fakeEngine({
  networks: {
    list: async () => [network('net10'), network('net2'), network('bridge'), network('host', 'host')],
    inspect: async id => {
      if (id === 'net2') return network('net2')
      throw notFound(`network ${id} not found`)
    },
    remove: async id => {
      if (id === 'bridge') throw forbidden('bridge is a pre-defined network and cannot be removed')
      if (id !== 'net2') throw notFound(`network ${id} not found`)
    },
    prune: async () => ['net2', 'net10'],
  },
})
const run = (...argv: string[]) => runLine(argv, { engine })

describe('network ls', () => {
  it('sorts names as people count', async () => {
    expect((await run('network', 'ls')).stdout).toBe(`NETWORK ID     NAME      DRIVER    SCOPE
bridge000000   bridge    bridge    local
host00000000   host      host      local
net200000000   net2      bridge    local
net100000000   net10     bridge    local
`)
  })

  it('prints ids, templates, JSON', async () => {
    expect((await run('network', 'ls', '-q')).stdout).toBe('bridge000000\nhost00000000\nnet200000000\nnet100000000\n')
    const table = await run('network', 'ls', '--format', 'table {{.Name}}\\t{{.Label "com.example.role"}}\\t{{.IPv6}}')
    expect(table.stdout.split('\n').slice(0, 2)).toEqual(['NAME      role      IPV6', 'bridge    web       false'])
    expect((await run('network', 'ls', '--format', 'json')).stdout.split('\n')[0]).toBe(
      '{"CreatedAt":"2026-11-23 14:30:46.022342474 +0000 UTC","Driver":"bridge","ID":"bridge000000","IPv4":"true","IPv6":"false","Internal":"false","Labels":"b=2,com.example.role=web","Name":"bridge","Scope":"local"}',
    )
  })

  it('names the type of a row in errors', async () => {
    expect(await run('network', 'ls', '--format', '{{.Nope}}')).toEqual({
      stdout: '',
      stderr:
        'template parsing error: template: :1:2: executing "" at <.Nope>: can\'t evaluate field Nope in type *network.networkContext\n',
      status: 1,
    })
  })
})

describe('network inspect', () => {
  it('prints what it finds, and reports what it does not', async () => {
    const { stdout, stderr, status } = await run(
      'network',
      'inspect',
      '-f',
      '{{.Name}} {{.IPAM.Config}} {{.Labels}}',
      'nope',
      'net2',
    )
    expect([stdout, stderr, status]).toEqual([
      'net2 [{172.18.0.0/16  172.18.0.1 map[]}] map[b:2 com.example.role:web]\n',
      'Error response from daemon: network nope not found\n',
      1,
    ])
  })

  it('prints an empty list for nothing', async () => {
    expect((await run('network', 'inspect', 'nope')).stdout).toBe('[]\n')
  })
})

describe('network rm', () => {
  it('removes what it can', async () => {
    expect(await run('network', 'rm', 'net2', 'nope', 'bridge')).toEqual({
      stdout: 'net2\n',
      stderr:
        'Error response from daemon: network nope not found\nError response from daemon: bridge is a pre-defined network and cannot be removed\nexit status 1\n',
      status: 1,
    })
  })

  it('with force has nothing to say of what is not there', async () => {
    expect(await run('network', 'rm', '-f', 'nope')).toEqual({ stdout: '', stderr: '', status: 0 })
  })
})

describe('network prune', () => {
  const warning =
    'WARNING! This will remove all custom networks not used by at least one container.\nAre you sure you want to continue? [y/N] '
  it('asks first', async () => {
    const answered = (input: string) => runLine(['network', 'prune'], { engine, input })
    expect([await answered('n\n'), await answered('')].map(o => [o.stdout, o.status])).toEqual([
      [warning, 0],
      [warning, 0],
    ])
    expect((await answered('y\n')).stdout).toBe(`${warning}Deleted Networks:\nnet2\nnet10\n\n`)
  })
})

describe('network create', () => {
  const create = async (...flags: string[]) => {
    let request: NetworkCreateRequest | undefined
    const made = fakeEngine({
      networks: {
        create: async given => {
          request = given
          return { Id: 'abc', Warning: '' }
        },
      },
    })
    const outcome = await runLine(['network', 'create', ...flags, 'lab'], { engine: made })
    return { request, ...outcome }
  }

  it('puts ranges, gateways and addresses with their subnets', async () => {
    const { request, stdout } = await create(
      ...[
        '--subnet',
        '10.0.0.0/16',
        '--subnet',
        '10.1.0.0/16,fd00::/64',
        '--gateway',
        '10.1.0.1',
        '--ip-range',
        '10.0.5.0/24',
      ],
      ...['--aux-address', 'router=10.0.0.9', '-o', 'x=y', '--label', 'a=b', '--internal'],
    )
    expect(stdout).toBe('abc\n')
    expect(request).toMatchObject({
      Name: 'lab',
      Driver: 'bridge',
      Internal: true,
      Options: { x: 'y' },
      Labels: { a: 'b' },
      IPAM: {
        Config: [
          { Subnet: '10.0.0.0/16', IPRange: '10.0.5.0/24', AuxiliaryAddresses: { router: '10.0.0.9' } },
          { Subnet: '10.1.0.0/16', Gateway: '10.1.0.1' },
          { Subnet: 'fd00::/64' },
        ],
      },
    })
  })

  it.each([
    [['--gateway', '10.0.0.1'], 'every ip-range or gateway must have a corresponding subnet'],
    [
      ['--subnet', '10.0.0.0/16', '--subnet', '10.0.1.0/24'],
      'multiple overlapping subnet configuration is not supported',
    ],
    [['--subnet', '10.0.0.0/16', '--gateway', '10.9.0.1'], 'no matching subnet for gateway 10.9.0.1'],
    [['--subnet', '10.0.0.0/16', '--ip-range', '10.9.0.0/24'], 'no matching subnet for range 10.9.0.0/24'],
    [['--subnet', '10.0.0.0/16', '--aux-address', 'a=10.9.0.1'], 'no matching subnet for aux-address 10.9.0.1'],
  ])('refuses %j', async (flags, message) => {
    expect(await create(...flags)).toMatchObject({ stderr: `${message}\n`, status: 1 })
  })
})
