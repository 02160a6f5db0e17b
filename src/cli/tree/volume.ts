/** `volume ...`: the rows of its commands. */
import { label } from '../opts/checks.ts'
import type { NounSpec } from '../spec.ts'
import { bool, bytes, filter, force, list, map, objectFormat, string, tableFormat } from './flag.ts'

/** Cluster volumes belong to Swarm, which minidock does not model. */
const swarm = { hidden: true }

export const volume: NounSpec = {
  name: 'volume',
  usage: 'COMMAND',
  commandInErrors: true,
  about: 'Manage volumes',
  commands: [
    {
      name: 'create',
      usage: '[OPTIONS] [VOLUME]',
      about: 'Create a volume',
      args: { rule: 'atMost', n: 1 },
      flags: [
        string('availability', 'Cluster volume: availability', { ...swarm, default: 'active' }),
        string('d,driver', 'Driver of the volume', { default: 'local' }),
        string('group', 'Cluster volume: group', swarm),
        list('label', 'Label to put on it', { check: label }),
        bytes('limit-bytes', 'Cluster volume: largest size', swarm),
        map('o,opt', 'Option for the driver', { defaultText: 'map[]' }),
        string('name', 'Name of the volume', swarm),
        bytes('required-bytes', 'Cluster volume: smallest size', swarm),
        string('scope', 'Cluster volume: on one node or on several', { ...swarm, default: 'single' }),
        map('secret', 'Cluster volume: secrets', swarm),
        string('sharing', 'Cluster volume: who may use it at a time', { ...swarm, default: 'none' }),
        list('topology-preferred', 'Cluster volume: where it should be', swarm),
        list('topology-required', 'Cluster volume: where it must be', swarm),
        string('type', 'Cluster volume: mounted or a block device', { ...swarm, default: 'block' }),
      ],
    },
    {
      name: 'inspect',
      usage: '[OPTIONS] VOLUME [VOLUME...]',
      about: 'Display detailed information on one or more volumes',
      args: { rule: 'atLeast', n: 1 },
      completes: 'volumes',
      flags: [objectFormat()],
    },
    {
      name: 'ls',
      aliases: ['list'],
      usage: '[OPTIONS]',
      about: 'List volumes',
      paths: ['volume ls', 'volume list'],
      args: { rule: 'none' },
      flags: [
        bool('cluster', 'Show only cluster volumes', swarm),
        filter('f,filter', 'Show only what matches, as "dangling=true"'),
        tableFormat(),
        bool('q,quiet', 'Show only the names'),
      ],
    },
    {
      name: 'prune',
      usage: '[OPTIONS]',
      about: 'Remove unused local volumes',
      args: { rule: 'none' },
      flags: [
        bool('a,all', 'Remove every unused volume, not only those without a name'),
        filter('filter', 'Remove only what matches, as "label=<label>"'),
        force(),
      ],
    },
    {
      name: 'rm',
      aliases: ['remove'],
      usage: '[OPTIONS] VOLUME [VOLUME...]',
      about: 'Remove one or more volumes',
      long: 'Remove one or more volumes. You cannot remove a volume that is in use by a container.',
      paths: ['volume rm', 'volume remove'],
      args: { rule: 'atLeast', n: 1 },
      completes: 'volumes',
      flags: [force('Do not complain about a volume that does not exist')],
    },
    {
      name: 'update',
      usage: '[OPTIONS] [VOLUME]',
      about: 'Update a volume (cluster volumes only)',
      args: { rule: 'exactly', n: 1 },
      completes: 'volumes',
      hidden: true,
      flags: [string('availability', 'Cluster volume: availability', { ...swarm, default: 'active' })],
    },
  ],
}
