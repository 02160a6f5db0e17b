/** `buildx ...` (also called `builder`) and `build`: the rows of their commands. */
import { label } from '../opts/checks.ts'
import { parseUlimit } from '../opts/ulimit.ts'
import type { CommandSpec, FlagSpec, NounSpec } from '../spec.ts'
import { bool, bytes, filter, force, list, string, stringArray, strings } from './flag.ts'

const instance = string('builder', 'Builder to use instead of the current one')
const debug = bool('D,debug', 'Log what happens inside')
const global = [instance, debug]
const progress = string(
  'progress',
  'How to show progress ("auto", "none", "plain", "quiet", "rawjson", "tty"); plain shows what the steps print',
  { default: 'auto' },
)
/** Flags of the classic builder: accepted, without effect. */
const classic = { hidden: true }

const build: readonly FlagSpec[] = [
  ...global,
  strings('add-host', 'Add a line to /etc/hosts (format: "host:ip")'),
  stringArray('allow', 'Allow a privilege ("network.host", "security.insecure", "device")'),
  stringArray('annotation', 'Annotation to put on the image'),
  stringArray('attest', 'Attestation to make (format: "type=sbom,generator=image")'),
  stringArray('build-arg', 'Set a build argument'),
  stringArray('build-context', 'Another build context (name=path)'),
  stringArray('cache-from', 'Cache to read ("user/app:cache", "type=local,src=path/to/dir")'),
  stringArray('cache-to', 'Cache to write ("user/app:cache", "type=local,dest=path/to/dir")'),
  string('call', 'What to do with the Dockerfile ("build", "check", "outline", "targets")', { default: 'build' }),
  string('cgroup-parent', 'Cgroup of the RUN instructions'),
  bool('check', 'Short for "--call=check"'),
  bool('explain', 'Say for each step why it was or was not cached (minidock)', { hidden: true }),
  string('f,file', 'The Dockerfile (default: "PATH/Dockerfile")'),
  string('iidfile', 'File to write the image id to'),
  stringArray('label', 'Label to put on the image', { check: label }),
  bool('load', 'Short for "--output=type=docker"'),
  string('metadata-file', 'File to write the metadata of the result to'),
  string('network', 'Network of the RUN instructions', { default: 'default' }),
  bool('no-cache', 'Run every step anew'),
  stringArray('no-cache-filter', 'Run the steps of this stage anew'),
  stringArray('o,output', 'Where the result goes (format: "type=local,dest=path")'),
  stringArray('platform', 'Platform to build for'),
  progress,
  string('provenance', 'Short for "--attest=type=provenance"'),
  bool('pull', 'Look for newer images in the registry'),
  bool('push', 'Short for "--output=type=registry"'),
  bool('q,quiet', 'Print only the image id'),
  string('sbom', 'Short for "--attest=type=sbom"'),
  stringArray('secret', 'Secret for the build (format: "id=mysecret[,src=/local/secret]")'),
  bytes('shm-size', 'Size of /dev/shm in the RUN instructions'),
  stringArray('ssh', 'SSH agent or keys for the build\n(format: "default|<id>[=<socket>|<key>[,<key>]]")'),
  stringArray('t,tag', 'Name of the image (format: "name:tag")'),
  string('target', 'Stage to build'),
  list('ulimit', 'Limit of a resource', {
    check: text => {
      parseUlimit(text)
      return text
    },
    shows: 'ulimit',
    defaultText: '[]',
  }),
  bool('compress', 'Compress the build context', classic),
  string('cpu-period', 'Period of the CPU quota', classic),
  string('cpu-quota', 'CPU time in each period', classic),
  string('c,cpu-shares', 'Share of CPU', classic),
  string('cpuset-cpus', 'CPUs to run on', classic),
  string('cpuset-mems', 'Memory nodes to use', classic),
  bool('force-rm', 'Remove containers in between', classic),
  string('isolation', 'How containers are kept apart', classic),
  string('m,memory', 'Memory limit', classic),
  string('memory-swap', 'Limit of memory and swap', classic),
  bool('rm', 'Remove containers in between after a build', { ...classic, default: 'true' }),
  stringArray('security-opt', 'Security option', classic),
  bool('squash', 'Make one layer of the new layers', classic),
]

const bake: readonly FlagSpec[] = [
  ...global,
  stringArray('allow', 'Allow the build to use a resource'),
  string('call', 'What to do with the targets ("build", "check", "outline", "targets")', { default: 'build' }),
  bool('check', 'Short for "--call=check"'),
  stringArray('f,file', 'File that defines the build'),
  string('list', 'List the targets or the variables'),
  bool('load', 'Short for "--set=*.output=type=docker"'),
  string('metadata-file', 'File to write the metadata of the result to'),
  bool('no-cache', 'Run every step anew'),
  bool('print', 'Show what would be built'),
  progress,
  string('provenance', 'Short for "--set=*.attest=type=provenance"'),
  bool('pull', 'Look for newer images in the registry'),
  bool('push', 'Short for "--set=*.output=type=registry"'),
  string('sbom', 'Short for "--set=*.attest=type=sbom"'),
  stringArray('set', 'Override a value of a target ("targetpattern.key=value")'),
]

const commands: CommandSpec[] = [
  {
    name: 'bake',
    aliases: ['f'],
    usage: '[OPTIONS] [TARGET...]',
    about: 'Build from a file',
    paths: ['buildx bake', 'buildx f'],
    args: { rule: 'any' },
    flags: bake,
  },
  {
    name: 'build',
    aliases: ['b'],
    usage: '[OPTIONS] PATH | URL | -',
    about: 'Start a build',
    paths: ['build', 'builder build', 'image build', 'buildx b'],
    args: { rule: 'exactly', n: 1 },
    completes: 'files',
    flags: build,
  },
  {
    name: 'create',
    usage: '[OPTIONS] [CONTEXT|ENDPOINT]',
    about: 'Create a new builder instance',
    args: { rule: 'atMost', n: 1 },
    flags: [
      bool('append', 'Add a node to the builder'),
      bool('bootstrap', 'Start it at once'),
      string('buildkitd-config', "The daemon's configuration file"),
      string('buildkitd-flags', "The daemon's flags"),
      debug,
      string('driver', 'Driver to use ("docker-container", "kubernetes", "remote")'),
      stringArray('driver-opt', 'Option for the driver'),
      bool('leave', 'Take a node out of the builder'),
      string('name', 'Name of the builder'),
      string('node', 'Node to create or change'),
      stringArray('platform', 'Platform of the node'),
      bool('use', 'Make it the current builder'),
    ],
  },
  {
    name: 'dial-stdio',
    usage: '',
    about: 'Proxy current stdio streams to builder instance',
    args: { rule: 'none' },
    flags: [...global, string('platform', 'Platform of the node'), { ...progress, default: 'none' }],
  },
  {
    name: 'du',
    usage: '',
    about: 'Disk usage',
    args: { rule: 'none' },
    flags: [
      ...global,
      filter('filter', 'Show only what matches'),
      string('format', 'How to print'),
      bool('verbose', 'Short for "--format=pretty"'),
    ],
  },
  {
    name: 'inspect',
    usage: '[NAME]',
    about: 'Inspect current builder instance',
    args: { rule: 'atMost', n: 1 },
    flags: [...global, bool('bootstrap', 'Start it first')],
  },
  {
    name: 'ls',
    usage: '',
    about: 'List builder instances',
    args: { rule: 'exactly', n: 0 },
    flags: [
      debug,
      string('format', 'How to print', { default: 'table' }),
      bool('no-trunc', 'Show long values in full'),
    ],
  },
  {
    name: 'prune',
    usage: '',
    about: 'Remove build cache',
    args: { rule: 'none' },
    flags: [
      ...global,
      bool('a,all', 'Remove internal and frontend images too'),
      filter('filter', 'Remove only what matches'),
      force(),
      bytes('max-used-space', 'Most disk space that the cache may keep'),
      bytes('min-free-space', 'Disk space that should be free afterwards'),
      bytes('reserved-space', 'Disk space that the cache may always keep'),
      bytes('keep-storage', 'Disk space to keep', { hidden: true }),
      bool('verbose', 'Show more'),
    ],
  },
  {
    name: 'rm',
    usage: '[OPTIONS] [NAME...]',
    about: 'Remove one or more builder instances',
    args: { rule: 'any' },
    flags: [
      ...global,
      bool('all-inactive', 'Remove every builder that is not running'),
      force(),
      bool('keep-daemon', 'Leave the daemon running'),
      bool('keep-state', 'Keep what it has stored'),
    ],
  },
  {
    name: 'stop',
    usage: '[NAME]',
    about: 'Stop builder instance',
    args: { rule: 'atMost', n: 1 },
    flags: global,
  },
  {
    name: 'use',
    usage: '[OPTIONS] NAME',
    about: 'Set the current builder instance',
    args: { rule: 'any' },
    flags: [...global, bool('default', 'Use it for the current context'), bool('global', 'Use it for every context')],
  },
  {
    name: 'version',
    usage: '',
    about: 'Show buildx version information',
    args: { rule: 'exactly', n: 0 },
    flags: [debug],
  },
]

const noFormat = string('format', 'How to print')
const nouns: NounSpec[] = [
  {
    name: 'history',
    usage: '[OPTIONS] COMMAND',
    about: 'Commands to work on build records',
    flags: global,
    commands: [
      {
        name: 'export',
        usage: '[OPTIONS] [REF...]',
        about: 'Export build records into Docker Desktop bundle',
        args: { rule: 'any' },
        flags: [
          ...global,
          bool('all', 'Export every record of the builder'),
          bool('finalize', 'Finish the records first'),
          string('o,output', 'File to write'),
        ],
      },
      {
        name: 'import',
        usage: '[OPTIONS] -',
        about: 'Import build records into Docker Desktop',
        args: { rule: 'any' },
        flags: [...global, stringArray('f,file', 'File to read')],
      },
      {
        name: 'inspect',
        usage: '[OPTIONS] [REF]',
        about: 'Inspect a build record',
        args: { rule: 'atMost', n: 1 },
        flags: [...global, string('format', 'How to print', { default: 'pretty' })],
      },
      {
        name: 'logs',
        usage: '[OPTIONS] [REF]',
        about: 'Print the logs of a build record',
        args: { rule: 'atMost', n: 1 },
        flags: [...global, string('progress', 'How to show it (plain, rawjson, tty)', { default: 'plain' })],
      },
      {
        name: 'ls',
        usage: '[OPTIONS]',
        about: 'List build records',
        args: { rule: 'none' },
        flags: [
          ...global,
          stringArray('filter', 'Show only what matches, as "status=error"'),
          string('format', 'How to print', { default: 'table' }),
          bool('local', 'Only records of this repository'),
          bool('no-trunc', 'Show long values in full'),
        ],
      },
      {
        name: 'open',
        usage: '[OPTIONS] [REF]',
        about: 'Open a build record in Docker Desktop',
        args: { rule: 'atMost', n: 1 },
        flags: global,
      },
      {
        name: 'rm',
        usage: '[OPTIONS] [REF...]',
        about: 'Remove build records',
        args: { rule: 'any' },
        flags: [...global, bool('all', 'Remove every record')],
      },
    ],
    plugin: 'buildx',
  },
  {
    name: 'imagetools',
    usage: '[OPTIONS] COMMAND',
    about: 'Commands to work on images in registry',
    flags: global,
    commands: [
      {
        name: 'create',
        usage: '[OPTIONS] [SOURCE...]',
        about: 'Create a new image based on source images',
        args: { rule: 'any' },
        flags: [
          ...global,
          stringArray('annotation', 'Annotation to put on the image'),
          bool('append', 'Add to a manifest that exists'),
          bool('dry-run', 'Show the image instead of pushing it'),
          stringArray('f,file', 'File that describes a source'),
          stringArray('p,platform', 'Platforms to take'),
          bool('prefer-index', 'Make an index even of one source', { default: 'true' }),
          progress,
          stringArray('t,tag', 'Name of the new image'),
        ],
      },
      {
        name: 'inspect',
        usage: '[OPTIONS] NAME',
        about: 'Show details of an image in the registry',
        args: { rule: 'exactly', n: 1 },
        flags: [...global, noFormat, bool('raw', 'Show the manifest as it is')],
      },
    ],
    plugin: 'buildx',
  },
]

export const buildx: NounSpec = {
  name: 'buildx',
  usage: '[OPTIONS] COMMAND',
  about: 'Extended build capabilities with BuildKit',
  flags: global,
  commands,
  nouns,
  plugin: 'buildx',
}
/** What `docker builder` calls: buildx, under its own line in the list of commands. */
export const builder: NounSpec = { ...buildx, about: 'Manage builds' }
