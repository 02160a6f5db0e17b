/** Whether a project's parts fit together (compose-go loader/validate). */
import { quote } from '../../util/strconv.ts'
import { type Build, type Service, scaleOf } from './model.ts'
import type { Project } from './project.ts'
import { ComposeError } from './tree.ts'

const invalid = (message: string): ComposeError => new ComposeError(`${message}: invalid compose project`)

/** @throws ComposeError for the first thing that does not fit */
export function checkConsistency(project: Project): void {
  for (const [name, service] of project.services) {
    checkSource(project, name, service)
    checkNetworks(project, name, service)
    checkTest(service)
    checkDependencies(project, name, service)
    checkMounts(project, name, service)
    checkLimits(name, service)
    checkTargets(name, service)
  }
  for (const [name, secret] of project.secrets) {
    if (!secret.external && !secret.file && !secret.environment)
      throw invalid(`secret ${quote(name)} must declare either \`file\` or \`environment\``)
  }
  checkCycles(project)
}

function checkSource(project: Project, name: string, service: Service): void {
  const { build, image, provider, platform } = service
  if (!build && !image && !provider)
    throw invalid(`service ${quote(name)} has neither an image nor a build context specified`)
  if (!build) return
  if (build.dockerfile_inline && build.dockerfile)
    throw invalid(`service ${quote(name)} declares mutualy exclusive dockerfile and dockerfile_inline`)
  checkContexts(project, name, build)
  if (platform && build.platforms && build.platforms.length > 0 && !build.platforms.includes(platform))
    throw invalid(`service.build.platforms MUST include service.platform ${quote(platform)}`)
}

function checkContexts(project: Project, name: string, build: Build): void {
  for (const [context, source] of build.additional_contexts ?? []) {
    if (!source.startsWith('service:')) continue
    const other = source.slice('service:'.length)
    const target = project.services.get(other)
    const problem = !target ? 'unknown' : !target.build ? 'non-buildable' : undefined
    if (problem)
      throw new ComposeError(
        `service ${quote(name)} declares ${problem} service ${quote(other)} as additional contexts ${context}`,
      )
  }
}

function checkNetworks(project: Project, name: string, { network_mode, networks }: Service): void {
  if (network_mode && networks && networks.size > 0)
    throw invalid(`service ${name} declares mutually exclusive \`network_mode\` and \`networks\``)
  for (const network of networks?.keys() ?? []) {
    if (!project.networks.has(network)) throw invalid(`service ${quote(name)} refers to undefined network ${network}`)
  }
}

function checkTest({ healthcheck }: Service): void {
  const first = healthcheck?.test?.[0]
  if (first !== undefined && !['CMD', 'CMD-SHELL', 'NONE'].includes(first))
    throw new ComposeError('healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE"')
}

function checkDependencies(project: Project, name: string, service: Service): void {
  for (const [other, dependency] of service.depends_on ?? []) {
    if (project.services.has(other)) continue
    if (project.disabled.has(other) && dependency?.required === false) continue
    throw invalid(`service ${quote(name)} depends on undefined service ${quote(other)}`)
  }
}

function checkMounts(project: Project, name: string, service: Service): void {
  for (const { type, source } of service.volumes ?? []) {
    if (type === 'volume' && source && !project.volumes.has(source))
      throw invalid(`service ${quote(name)} refers to undefined volume ${source}`)
  }
  for (const { source = '' } of service.build?.secrets ?? []) {
    if (!project.secrets.has(source)) throw invalid(`service ${quote(name)} refers to undefined build secret ${source}`)
  }
  for (const { source = '' } of service.configs ?? []) {
    if (!project.configs.has(source)) throw invalid(`service ${quote(name)} refers to undefined config ${source}`)
  }
  for (const model of service.models?.keys() ?? []) {
    if (!project.models.has(model)) throw invalid(`service ${quote(name)} refers to undefined model ${model}`)
  }
  for (const { source = '' } of service.secrets ?? []) {
    if (!project.secrets.has(source)) throw invalid(`service ${quote(name)} refers to undefined secret ${source}`)
  }
}

function checkLimits(name: string, service: Service): void {
  const { scale, deploy } = service
  const distinct = (mine: string, theirs: string): ComposeError =>
    invalid(`services.${name}: can't set distinct values on '${mine}' and 'deploy.${theirs}'`)
  if (scale !== undefined && deploy) {
    if (deploy.replicas !== undefined && deploy.replicas !== scale) throw distinct('scale', 'replicas')
    deploy.replicas = scale
  }
  if (scale !== undefined && scale < 0)
    throw new ComposeError(`services.${name}.scale: must be greater than or equal to 0`)
  if (deploy?.replicas !== undefined && deploy.replicas < 0)
    throw new ComposeError(`services.${name}.deploy.replicas: must be greater than or equal to 0`)
  const { limits, reservations } = deploy?.resources ?? {}
  const differ = (mine: number | undefined, theirs: number | undefined): boolean => mine !== (theirs ?? 0)
  if (service.cpus && limits && differ(service.cpus, limits.cpus)) throw distinct('cpus', 'resources.limits.cpus')
  if (service.mem_limit && limits && differ(service.mem_limit, limits.memory))
    throw distinct('mem_limit', 'resources.limits.memory')
  if (service.mem_reservation && reservations && differ(service.mem_reservation, reservations.memory))
    throw distinct('mem_reservation', 'resources.reservations.memory')
  if (service.pids_limit && limits && differ(service.pids_limit, limits.pids))
    throw distinct('pids_limit', 'resources.limits.pids')
  if (scaleOf(service) > 1 && service.container_name) {
    const attribute = scale === undefined ? 'deploy.replicas' : 'scale'
    // The two names are the wrong way round in compose too.
    throw invalid(`services.${attribute}: can't set container_name and ${name} as container name must be unique`)
  }
}

function checkTargets(name: string, service: Service): void {
  for (const { target, action } of service.develop?.watch ?? []) {
    if (!target && action !== 'rebuild' && action !== 'restart')
      throw invalid(`services.${name}.develop.watch: target is required for non-rebuild actions`)
  }
  const taken = new Map<string, string>()
  const take = (target: string, place: string): void => {
    const before = taken.get(target)
    if (before !== undefined) throw new ComposeError(`${place}: target ${target} already mounted as ${before}`)
    taken.set(target, place)
  }
  service.tmpfs?.forEach((spec, i) => {
    take(spec.split(':', 1)[0] ?? '', `services.${name}.tmpfs[${i}]`)
  })
  service.volumes?.forEach(({ target = '' }, i) => {
    take(target, `services.${name}.volumes[${i}]`)
  })
}

/** @throws ComposeError `dependency cycle detected: a -> b -> a` */
function checkCycles(project: Project): void {
  const done = new Set<string>()
  const visit = (name: string, path: readonly string[]): void => {
    const from = path.indexOf(name)
    if (from >= 0) throw new ComposeError(`dependency cycle detected: ${path.slice(from).join(' -> ')} -> ${name}`)
    if (done.has(name)) return
    for (const other of [...(project.services.get(name)?.depends_on?.keys() ?? [])].sort())
      visit(other, [...path, name])
    done.add(name)
  }
  for (const name of [...project.services.keys()].sort()) visit(name, [])
}
