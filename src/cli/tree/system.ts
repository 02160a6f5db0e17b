/** `system ...` and the commands about the whole engine: version, info, inspect. */
import type { CommandSpec, NounSpec } from '../spec.ts'
import { bool, filter, force, objectFormat, string, tableFormat } from './flag.ts'

const commands: CommandSpec[] = [
  {
    name: 'df',
    usage: '[OPTIONS]',
    about: 'Show docker disk usage',
    args: { rule: 'none' },
    flags: [tableFormat(), bool('v,verbose', 'Show each object')],
  },
  {
    name: 'events',
    usage: '[OPTIONS]',
    about: 'Get real time events from the server',
    paths: ['system events', 'events'],
    args: { rule: 'none' },
    flags: [
      filter('f,filter', 'Show only what matches a condition'),
      string('format', objectFormat().help),
      string('since', 'From this time on'),
      string('until', 'Up to this time, then end'),
    ],
  },
  {
    name: 'info',
    usage: '[OPTIONS]',
    about: 'Display system-wide information',
    paths: ['system info', 'info'],
    args: { rule: 'none' },
    flags: [objectFormat()],
  },
  {
    name: 'prune',
    usage: '[OPTIONS]',
    about: 'Remove unused data',
    args: { rule: 'none' },
    flags: [
      bool('a,all', 'Remove every unused image, not only those without a name'),
      filter('filter', 'Remove only what matches, as "label=<key>=<value>"'),
      force(),
      bool('volumes', 'Remove unused anonymous volumes too'),
    ],
  },
  {
    name: 'check',
    usage: '[OPTIONS]',
    about: "Check minidock's store for damage",
    args: { rule: 'none' },
    hidden: true,
    flags: [
      bool('blobs', "Compute the digest of every layer's tar anew"),
      bool('repair', 'Set damaged documents aside, rebuild what is derived from others, remove leftovers'),
    ],
  },
  {
    name: 'dial-stdio',
    usage: '',
    about: 'Proxy the stdio stream to the daemon connection. Should not be invoked manually.',
    args: { rule: 'none' },
    hidden: true,
    flags: [
      bool('blobs', 'Compute the digest of every layer anew'),
      bool('repair', 'Put right what can be, and remove what interrupted commands left behind'),
    ],
  },
]

/** Commands about the whole engine that have no noun: only short forms call them. */
const bare: CommandSpec[] = [
  {
    name: 'version',
    usage: '[OPTIONS]',
    about: 'Show the Docker version information',
    args: { rule: 'none' },
    flags: [objectFormat()],
  },
  {
    name: 'inspect',
    usage: '[OPTIONS] NAME|ID [NAME|ID...]',
    about: 'Return low-level information on Docker objects',
    args: { rule: 'atLeast', n: 1 },
    completes: 'containers',
    flags: [
      objectFormat(),
      bool('s,size', 'Add the sizes of the files of containers'),
      string('type', 'Look only for this kind of object'),
    ],
  },
]

export const system: NounSpec = { name: 'system', usage: 'COMMAND', about: 'Manage Docker', commands }
export const engine: NounSpec = { name: 'system', usage: 'COMMAND', about: '', commands: bare }
