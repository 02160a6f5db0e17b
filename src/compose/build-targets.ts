/** Services as the targets of a bake file, which is how compose has them built (compose pkg/compose/build_bake.go). */
import { join } from 'node:path'
import type { Build, Service } from './file/model.ts'
import { imageOf, type Project } from './file/project.ts'
import { LABEL, VERSION } from './labels.ts'

/** A target, with the keys and the order of a bake file. */
export interface BuildTarget {
  context: string
  contexts?: Record<string, string>
  dockerfile?: string
  'dockerfile-inline'?: string
  args?: Record<string, string>
  labels: Record<string, string>
  tags: string[]
  'cache-from'?: string[]
  'cache-to'?: string[]
  target?: string
  secret?: string[]
  ssh?: string[]
  platforms?: string[]
  pull?: true
  'no-cache'?: true
  network?: string
  'shm-size'?: string
  ulimits?: string[]
  call?: string
  entitlements?: string[]
  'extra-hosts'?: Record<string, string>
  output?: string[]
  attest?: string[]
}

export interface TargetOptions {
  separator: string
  /** `NAME=value`, or `NAME` for the value in `env`. */
  args?: readonly string[]
  env?: ReadonlyMap<string, string>
  ssh?: readonly string[]
  noCache?: boolean
  pull?: boolean
  push?: boolean
  check?: boolean
  /** What the services that were asked for depend on is built too. */
  withDependencies?: boolean
}

export interface BuildPlan {
  /** The services that are built, in the order in which their contexts need one another. */
  order: string[]
  /** Also those that only stand beside them in the bake file. */
  targets: Map<string, BuildTarget>
}

/** The targets for services; those without a build section are left out. */
export function buildPlan(project: Project, asked: readonly string[], options: TargetOptions): BuildPlan {
  const buildable = new Map([...project.services].filter(([, service]) => service.build && !service.provider))
  const wanted = new Set<string>()
  const order: string[] = []
  const want = (name: string): void => {
    const service = buildable.get(name)
    if (!service || wanted.has(name)) return
    wanted.add(name)
    if (options.withDependencies) for (const needed of service.depends_on?.keys() ?? []) want(needed)
    for (const needed of contextServices(service)) want(needed)
    order.push(name)
  }
  for (const name of [...(asked.length > 0 ? asked : buildable.keys())].sort()) want(name)
  const targets = new Map([...buildable].map(([name, service]) => [name, targetOf(project, name, service, options)]))
  return { order, targets }
}

const FROM_SERVICE = 'service:'

const contextServices = ({ build }: Service): string[] =>
  [...(build?.additional_contexts ?? [])].flatMap(([, source]) =>
    source.startsWith(FROM_SERVICE) ? [source.slice(FROM_SERVICE.length)] : [],
  )

function targetOf(project: Project, name: string, service: Service, options: TargetOptions): BuildTarget {
  const build = service.build ?? ({} as Build)
  const image = imageOf(project, name, service, options.separator)
  const args = argsOf(build, options)
  const secrets = (build.secrets ?? []).map(({ source = '', target }) => {
    const held = project.secrets.get(source)
    const from =
      held?.environment === undefined ? `type=file,src=${held?.file ?? ''}` : `type=env,env=${held.environment}`
    return `id=${target || source},${from}`
  })
  const ssh = [...[...(build.ssh ?? [])].map(([id, path]) => `${id}=${path ?? ''}`), ...(options.ssh ?? [])]
  const contexts = (build.additional_contexts ?? new Map<string, string>()) as ReadonlyMap<string, string>
  const entitlements = [...(build.entitlements ?? []), ...(build.privileged ? ['security.insecure'] : [])]
  const attest = [
    ...(build.provenance && build.provenance !== 'false' ? [attestation('provenance', build.provenance)] : []),
    ...(build.sbom && build.sbom !== 'false' ? [attestation('sbom', build.sbom)] : []),
  ]
  const dockerfile = build.dockerfile ?? 'Dockerfile'
  return {
    context: build.context ?? project.workingDir,
    ...(contexts.size > 0 && {
      contexts: byKey([...contexts].map(([key, source]) => [key, source.replace(/^service:/, 'target:')])),
    }),
    ...(build.dockerfile_inline
      ? { 'dockerfile-inline': build.dockerfile_inline }
      : { dockerfile: dockerfile.startsWith('/') ? dockerfile : join(build.context ?? '', dockerfile) }),
    ...(args.length > 0 && { args: byKey(args) }),
    labels: byKey([
      ...(build.labels ?? []),
      [LABEL.project, project.name],
      [LABEL.service, name],
      [LABEL.version, VERSION],
    ]),
    tags: [...(build.tags ?? []), image],
    ...(build.cache_from?.length && { 'cache-from': build.cache_from }),
    ...(build.cache_to?.length && { 'cache-to': build.cache_to }),
    ...(build.target && { target: build.target }),
    ...(secrets.length > 0 && { secret: secrets }),
    ...(ssh.length > 0 && { ssh }),
    ...(build.platforms?.length && { platforms: build.platforms }),
    ...((build.pull || options.pull) && { pull: true }),
    ...((build.no_cache || options.noCache) && { 'no-cache': true }),
    ...(build.network && { network: build.network }),
    ...(build.shm_size && { 'shm-size': String(build.shm_size) }),
    ...(build.ulimits?.size && {
      ulimits: [...build.ulimits].map(([limit, value]) =>
        value?.single ? `${limit}=${value.single}` : `${limit}=${value?.soft ?? 0}:${value?.hard ?? 0}`,
      ),
    }),
    ...(options.check && { call: 'lint' }),
    ...(entitlements.length > 0 && { entitlements }),
    ...(build.extra_hosts?.size && {
      'extra-hosts': byKey([...build.extra_hosts].map(([host, addresses]) => [host, [addresses].flat().join(',')])),
    }),
    ...(!options.check && { output: [options.push && service.image ? 'type=registry' : 'type=docker'] }),
    ...(attest.length > 0 && { attest }),
  } as BuildTarget
}

const attestation = (type: string, value: string): string => `type=${type}${value === 'true' ? '' : `,${value}`}`

/** The file's arguments and the command line's; what has no value anywhere is left out. */
function argsOf(build: Build, { args = [], env }: TargetOptions): [string, string][] {
  const own = [...(build.args ?? [])] as [string, string | null][]
  const more = args.map((text): [string, string | null] => {
    const equals = text.indexOf('=')
    return equals < 0 ? [text, env?.get(text) ?? null] : [text.slice(0, equals), text.slice(equals + 1)]
  })
  const all = new Map([...own, ...more.filter(([, value]) => value !== null)])
  return [...all].filter((pair): pair is [string, string] => pair[1] !== null)
}

const byKey = <T>(pairs: Iterable<readonly [string, T]>): Record<string, T> =>
  Object.fromEntries([...new Map(pairs)].sort(([a], [b]) => (a < b ? -1 : 1)))

/** The bake file. */
export function bakeFile({ order, targets }: BuildPlan): string {
  const document = {
    group: { default: { targets: [...order].sort() } },
    target: byKey(targets),
  }
  return JSON.stringify(document, undefined, 2).replace(
    /[<>&]/g,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
