/**
 * The top level of the command tree: every word that may follow the program's name, and the module of its noun.
 * Only the called noun's module is loaded.
 */
import type { NounSpec } from './spec.ts'

/** Docker's groups in `--help`, and minidock's own. */
export type Group = 'common' | 'management' | 'swarm' | 'command' | 'own'

export interface TopRow {
  group: Group
  load: () => Promise<NounSpec>
  /** The command of the noun that this word is short for (`ps`: container's `ls`); absent for the noun itself. */
  verb?: string
  /** Its line in `--help`, where that differs from the command's own. */
  about?: string
  hidden?: boolean
}

const container = async (): Promise<NounSpec> => (await import('./tree/container.ts')).container
const image = async (): Promise<NounSpec> => (await import('./tree/image.ts')).image
const network = async (): Promise<NounSpec> => (await import('./tree/network.ts')).network
const volume = async (): Promise<NounSpec> => (await import('./tree/volume.ts')).volume
const system = async (): Promise<NounSpec> => (await import('./tree/system.ts')).system
const engine = async (): Promise<NounSpec> => (await import('./tree/system.ts')).engine
const buildx = async (): Promise<NounSpec> => (await import('./tree/buildx.ts')).buildx
const builder = async (): Promise<NounSpec> => (await import('./tree/buildx.ts')).builder
const compose = async (): Promise<NounSpec> => (await import('./tree/compose.ts')).compose
const context = async (): Promise<NounSpec> => (await import('./tree/context.ts')).context
const manifest = async (): Promise<NounSpec> => (await import('./tree/manifest.ts')).manifest
const registry = async (): Promise<NounSpec> => (await import('./tree/registry.ts')).registry
const scout = async (): Promise<NounSpec> => (await import('./tree/own.ts')).scout
const clock = async (): Promise<NounSpec> => (await import('./tree/own.ts')).clock
const own = async (): Promise<NounSpec> => (await import('./tree/own.ts')).own
const lab = async (): Promise<NounSpec> => (await import('./tree/own.ts')).lab
const grade = async (): Promise<NounSpec> => (await import('./tree/own.ts')).grade
const registryServer = async (): Promise<NounSpec> => (await import('./tree/own.ts')).registryServer

const explain = async (): Promise<NounSpec> => (await import('./tree/explain.ts')).explain

/** A noun that minidock does not simulate. */
const absent = (name: string, about: string) => async (): Promise<NounSpec> => ({
  name,
  usage: 'COMMAND',
  about,
  commands: [],
  notModelled: true,
})

const noun = (group: Group, load: () => Promise<NounSpec>): TopRow => ({ group, load })
const verb = (load: () => Promise<NounSpec>, name: string, group: Group = 'command'): TopRow => ({
  group,
  load,
  verb: name,
})

/** In the order of `--help` within each group. */
export const TOP: ReadonlyMap<string, TopRow> = new Map<string, TopRow>([
  ['run', verb(container, 'run', 'common')],
  ['exec', verb(container, 'exec', 'common')],
  ['ps', verb(container, 'ls', 'common')],
  ['build', { ...verb(buildx, 'build', 'common'), about: 'Build an image from a Dockerfile' }],
  ['bake', verb(buildx, 'bake', 'common')],
  ['pull', verb(image, 'pull', 'common')],
  ['push', verb(image, 'push', 'common')],
  ['images', verb(image, 'ls', 'common')],
  ['login', verb(registry, 'login', 'common')],
  ['logout', verb(registry, 'logout', 'common')],
  ['search', verb(registry, 'search', 'common')],
  ['version', verb(engine, 'version', 'common')],
  ['info', verb(system, 'info', 'common')],
  ['builder', noun('management', builder)],
  ['buildx', { ...noun('management', buildx), about: 'Docker Buildx' }],
  ['checkpoint', { ...noun('management', absent('checkpoint', 'Manage checkpoints')), hidden: true }],
  ['compose', { ...noun('management', compose), about: 'Docker Compose' }],
  ['container', noun('management', container)],
  ['context', noun('management', context)],
  ['image', noun('management', image)],
  ['manifest', { ...noun('management', manifest), about: 'Manage Docker image manifests and manifest lists' }],
  ['network', noun('management', network)],
  ['plugin', noun('management', absent('plugin', 'Manage plugins'))],
  ['system', noun('management', system)],
  ['trust', noun('management', absent('trust', 'Manage trust on Docker images'))],
  ['volume', noun('management', volume)],
  ['config', { ...noun('swarm', absent('config', 'Manage Swarm configs')), hidden: true }],
  ['node', { ...noun('swarm', absent('node', 'Manage Swarm nodes')), hidden: true }],
  ['secret', { ...noun('swarm', absent('secret', 'Manage Swarm secrets')), hidden: true }],
  ['service', { ...noun('swarm', absent('service', 'Manage Swarm services')), hidden: true }],
  ['stack', { ...noun('swarm', absent('stack', 'Manage Swarm stacks')), hidden: true }],
  ['swarm', noun('swarm', absent('swarm', 'Manage Swarm'))],
  ['attach', verb(container, 'attach')],
  ['commit', verb(container, 'commit')],
  ['cp', verb(container, 'cp')],
  ['create', verb(container, 'create')],
  ['diff', verb(container, 'diff')],
  ['events', verb(system, 'events')],
  ['export', verb(container, 'export')],
  ['history', verb(image, 'history')],
  ['import', verb(image, 'import')],
  ['inspect', verb(engine, 'inspect')],
  ['kill', verb(container, 'kill')],
  ['load', verb(image, 'load')],
  ['logs', verb(container, 'logs')],
  ['pause', verb(container, 'pause')],
  ['port', verb(container, 'port')],
  ['rename', verb(container, 'rename')],
  ['restart', verb(container, 'restart')],
  ['rm', verb(container, 'rm')],
  ['rmi', verb(image, 'rm')],
  ['save', verb(image, 'save')],
  ['start', verb(container, 'start')],
  ['stats', verb(container, 'stats')],
  ['stop', verb(container, 'stop')],
  ['tag', verb(image, 'tag')],
  ['top', verb(container, 'top')],
  ['unpause', verb(container, 'unpause')],
  ['update', verb(container, 'update')],
  ['wait', verb(container, 'wait')],
  ['clock', noun('own', clock)],
  ['scout', noun('own', scout)],
  ['completion', verb(own, 'completion', 'own')],
  ['__complete', { ...verb(own, '__complete'), hidden: true }],
  ['curl', verb(own, 'curl', 'own')],
  ['grade', verb(grade, 'grade', 'own')],
  ['__grade', { ...verb(grade, '__grade', 'own'), hidden: true }],
  ['explain', noun('own', explain)],
  ['host', verb(own, 'host', 'own')],
  ['init', verb(own, 'init', 'own')],
  ['lab', noun('own', lab)],
  ['registry', noun('own', registryServer)],
  ['shim', verb(own, 'shim', 'own')],
])
