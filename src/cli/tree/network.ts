/** `network ...`: the rows of its commands. */
import { label, link } from '../opts/checks.ts'
import type { NounSpec } from '../spec.ts'
import { bool, filter, force, int, list, map, objectFormat, string, strings, tableFormat } from './flag.ts'

const noTrunc = bool('no-trunc', 'Show long values in full')

export const network: NounSpec = {
  name: 'network',
  usage: 'COMMAND',
  about: 'Manage networks',
  commands: [
    {
      name: 'connect',
      usage: '[OPTIONS] NETWORK CONTAINER',
      about: 'Connect a container to a network',
      args: { rule: 'exactly', n: 2 },
      completes: 'networks',
      flags: [
        strings('alias', 'Another name of the container on this network'),
        strings('driver-opt', 'Option for the driver'),
        int('gw-priority', 'The network with the highest number gives the default gateway'),
        string('ip', 'IPv4 address ("172.30.100.104")'),
        string('ip6', 'IPv6 address ("2001:db8::33")'),
        list('link', 'Link to another container', { check: link }),
        strings('link-local-ip', 'Link-local address'),
      ],
    },
    {
      name: 'create',
      usage: '[OPTIONS] NETWORK',
      about: 'Create a network',
      args: { rule: 'exactly', n: 1 },
      flags: [
        bool('attachable', 'Let containers be attached by hand'),
        map('aux-address', 'Address that the driver uses itself', { defaultText: 'map[]' }),
        string('config-from', 'Network to take the configuration from'),
        bool('config-only', 'Create only a configuration'),
        string('d,driver', 'Driver of the network', { default: 'bridge' }),
        strings('gateway', 'Gateway of a subnet, IPv4 or IPv6'),
        bool('ingress', "Create the swarm's routing mesh"),
        bool('internal', 'Let nothing in or out of the network'),
        strings('ip-range', 'Part of the subnet to take addresses from'),
        string('ipam-driver', 'Driver that hands out addresses', { default: 'default' }),
        map('ipam-opt', 'Option for the driver of addresses', { defaultText: 'map[]' }),
        bool('ipv4', 'Hand out IPv4 addresses', { default: 'true' }),
        bool('ipv6', 'Hand out IPv6 addresses'),
        list('label', 'Label to put on it', { check: label }),
        map('o,opt', 'Option for the driver', { defaultText: 'map[]' }),
        string('scope', 'Where the network is known'),
        strings('subnet', 'Subnet in CIDR notation'),
      ],
    },
    {
      name: 'disconnect',
      usage: '[OPTIONS] NETWORK CONTAINER',
      about: 'Disconnect a container from a network',
      args: { rule: 'exactly', n: 2 },
      completes: 'networks',
      flags: [force('Disconnect it whatever its state')],
    },
    {
      name: 'inspect',
      usage: '[OPTIONS] NETWORK [NETWORK...]',
      about: 'Display detailed information on one or more networks',
      args: { rule: 'atLeast', n: 1 },
      completes: 'networks',
      flags: [objectFormat(), bool('v,verbose', 'Show more, to find out what is wrong')],
    },
    {
      name: 'ls',
      aliases: ['list'],
      usage: '[OPTIONS]',
      about: 'List networks',
      paths: ['network ls', 'network list'],
      args: { rule: 'none' },
      flags: [
        filter('f,filter', 'Show only what matches, as "driver=bridge"'),
        tableFormat(),
        noTrunc,
        bool('q,quiet', 'Show only the ids'),
      ],
    },
    {
      name: 'prune',
      usage: '[OPTIONS]',
      about: 'Remove all unused networks',
      args: { rule: 'none' },
      flags: [filter('filter', 'Remove only what matches, as "until=<timestamp>"'), force()],
    },
    {
      name: 'rm',
      aliases: ['remove'],
      usage: 'NETWORK [NETWORK...]',
      about: 'Remove one or more networks',
      paths: ['network rm', 'network remove'],
      args: { rule: 'atLeast', n: 1 },
      completes: 'networks',
      flags: [force('Do not complain about a network that does not exist')],
    },
  ],
}
