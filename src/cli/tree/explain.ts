/** `minidock explain`: what the engine hides, a topic a command. */
import type { CommandSpec, Completes, FlagSpec, NounSpec } from '../spec.ts'
import { bool, int, list, string } from './flag.ts'

const common: readonly FlagSpec[] = [
  bool('demo', 'Make a small world of its own in a throw-away store, and show that'),
  string('format', "How to print: 'json', or a picture"),
  bool('schema', 'Print the JSON Schema of the JSON form'),
  bool('watch', 'Show it anew whenever it changes, until Ctrl-C'),
  int('width', 'Columns to draw for (0: those of the terminal)', { default: '0' }),
]

interface TopicRow {
  name: string
  usage: string
  about: string
  completes?: Completes
  flags?: readonly FlagSpec[]
}

/** Arity is the topic's own: with --demo or --schema there is no subject. */
const topic = ({ name, usage, about, completes, flags = [] }: TopicRow): CommandSpec => ({
  name,
  file: 'explain/topic',
  usage,
  about,
  args: { rule: 'atMost', n: (usage.match(/[A-Z]+/g) ?? []).length },
  flags: [...common, ...flags],
  ...(completes && { completes }),
})

export const explain: NounSpec = {
  name: 'explain',
  usage: 'TOPIC',
  about: 'Show what the engine hides: layers, overlays, networks, limits, of your own containers',
  commands: [
    topic({
      name: 'lifecycle',
      usage: 'CONTAINER',
      about: 'The states of a container so far, and what each command would do to it now',
      completes: 'containers',
    }),
    topic({
      name: 'overlay',
      usage: 'CONTAINER [PATH]',
      about: 'The layers that make the files of a container: which shows where, what it hides',
      completes: 'containers',
      flags: [list('without', 'Leave out a sheet, by its name in the picture')],
    }),
    topic({
      name: 'layers',
      usage: 'IMAGE',
      about: 'The layers of an image: what made each, what it changes, wastes and shares',
      completes: 'images',
      flags: [list('layer', 'List the files of a layer, by its number')],
    }),
    topic({
      name: 'cgroup',
      usage: '[CONTAINER]',
      about: 'The tree of control groups: limits, use, throttling, who was killed for memory',
      completes: 'containers',
    }),
    topic({
      name: 'mounts',
      usage: 'CONTAINER',
      about: 'What is layer, volume, bind or tmpfs, and what survives stop, rm and rm -v',
      completes: 'containers',
    }),
    topic({
      name: 'security',
      usage: 'CONTAINER',
      about: 'What a container may do, what stops it, and the flags that tighten it',
      completes: 'containers',
    }),
    topic({
      name: 'network',
      usage: '[FROM TO]',
      about: 'Bridges, addresses, names and ports; or the way of a packet, hop by hop',
      completes: 'containers',
    }),
  ],
}
