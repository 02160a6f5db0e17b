/** A loaded project, and parts of it: by profiles, by services, by what they need (compose-go types.Project). */
import type { Held, Model, Network, Service, VolumeConfig } from './model.ts'
import { ComposeError, type Mapping } from './tree.ts'

export interface Project {
  name: string
  workingDir: string
  /** The files it was read from, as absolute paths. */
  files: string[]
  /** What interpolation sees. */
  environment: ReadonlyMap<string, string>
  profiles: readonly string[]
  services: Map<string, Service>
  /** Services that no wanted profile has. */
  disabled: Map<string, Service>
  networks: Map<string, Network>
  volumes: Map<string, VolumeConfig>
  secrets: Map<string, Held>
  configs: Map<string, Held>
  models: Map<string, Model>
  extensions?: Mapping
}

export type Needs = 'dependencies' | 'dependents' | 'none'

const noService = (name: string, why = ''): ComposeError => new ComposeError(`no such service: ${name}${why}`)

const hasProfile = ({ profiles = [] }: Service, wanted: readonly string[]): boolean =>
  profiles.length === 0 || wanted.includes('*') || profiles.some(profile => wanted.includes(profile))

/** The project with the services of some profiles. */
export function withProfiles(project: Project, profiles: readonly string[]): Project {
  const all = [...project.services, ...project.disabled]
  return {
    ...project,
    profiles,
    services: new Map(all.filter(([, service]) => hasProfile(service, profiles))),
    disabled: new Map(all.filter(([, service]) => !hasProfile(service, profiles))),
  }
}

/** Naming a service takes its profiles in. */
export function withEnabled(project: Project, names: readonly string[]): Project {
  if (names.length === 0) return project
  const more = names.flatMap(name => (project.services.has(name) ? [] : (project.disabled.get(name)?.profiles ?? [])))
  return withProfiles(project, [...project.profiles, ...more])
}

/**
 * Visits services and those they need (or those that need them), each once, what is needed first.
 * @throws ComposeError `no such service: x`
 */
export function forEachService(
  project: Project,
  names: readonly string[],
  visit: (name: string, service: Service) => void,
  needs: Needs = 'dependencies',
): void {
  const seen = new Set<string>()
  const walk = (wanted: readonly string[], optional: ReadonlySet<string>): void => {
    for (const name of wanted) {
      const service = project.services.get(name)
      if (!service) {
        if (optional.has(name)) continue
        throw noService(name)
      }
      if (seen.has(name)) continue
      seen.add(name)
      if (needs === 'dependents') walk(dependentsOf(project, name), new Set())
      else if (needs === 'dependencies') {
        const others = [...(service.depends_on ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))
        walk(
          others.map(([other]) => other),
          new Set(others.filter(([, dependency]) => dependency?.required === false).map(([other]) => other)),
        )
      }
      visit(name, service)
    }
  }
  walk(names.length > 0 ? names : [...project.services.keys()].sort(), new Set())
}

/** The services that depend on one; `filter` says which dependencies count. */
export function dependentsOf(
  project: Project,
  name: string,
  filter: (dependency: { restart?: boolean }) => boolean = () => true,
): string[] {
  return [...project.services]
    .filter(([, service]) => {
      const dependency = service.depends_on?.get(name)
      return service.depends_on?.has(name) === true && filter(dependency ?? {})
    })
    .map(([other]) => other)
    .sort()
}

/** The project with some services and what they need; all of them for no names. @throws ComposeError */
export function withSelected(project: Project, names: readonly string[], needs: Needs = 'dependencies'): Project {
  if (names.length === 0) return project
  const wanted = new Set<string>()
  forEachService(project, names, name => wanted.add(name), needs)
  const services = new Map<string, Service>()
  const disabled = new Map(project.disabled)
  for (const [name, service] of project.services) {
    if (!wanted.has(name)) disabled.set(name, service)
    else {
      const depends_on = new Map([...(service.depends_on ?? [])].filter(([other]) => wanted.has(other)))
      services.set(name, service.depends_on ? { ...service, depends_on } : service)
    }
  }
  return { ...project, services, disabled }
}

/** The project without some services, and without dependencies on them. */
export function withDisabled(project: Project, names: readonly string[]): Project {
  const services = new Map<string, Service>()
  const disabled = new Map(project.disabled)
  for (const [name, service] of project.services) {
    if (names.includes(name)) disabled.set(name, service)
    else if (service.depends_on) {
      const depends_on = new Map([...service.depends_on].filter(([other]) => !names.includes(other)))
      services.set(name, { ...service, depends_on })
    } else services.set(name, service)
  }
  return { ...project, services, disabled }
}

/** The project with only the networks, volumes, secrets and configs that its services use. */
export function withoutUnused(project: Project): Project {
  const used = {
    networks: new Set<string>(),
    volumes: new Set<string>(),
    secrets: new Set<string>(),
    configs: new Set<string>(),
  }
  for (const service of project.services.values()) {
    for (const name of service.networks?.keys() ?? []) used.networks.add(name)
    for (const { type, source } of service.volumes ?? []) if (type === 'volume' && source) used.volumes.add(source)
    for (const { source = '' } of [...(service.secrets ?? []), ...(service.build?.secrets ?? [])])
      used.secrets.add(source)
    for (const { source = '' } of service.configs ?? []) used.configs.add(source)
  }
  const keep = <T>(all: Map<string, T>, names: ReadonlySet<string>): Map<string, T> =>
    new Map([...all].filter(([name]) => names.has(name)))
  return {
    ...project,
    networks: keep(project.networks, used.networks),
    volumes: keep(project.volumes, used.volumes),
    secrets: keep(project.secrets, used.secrets),
    configs: keep(project.configs, used.configs),
  }
}

/** @throws ComposeError in compose's words for a name that is unknown, or not taken in */
export function serviceOf(project: Project, name: string): Service {
  const service = project.services.get(name)
  if (service) return service
  throw noService(name, project.disabled.has(name) ? ': disabled' : ': not found')
}

/** The image that a service runs: its own name, or the project's for what is built. */
export const imageOf = (project: { name: string }, name: string, service: Service, separator = '-'): string =>
  service.image || `${project.name}${separator}${name}`

/** @throws ComposeError when two services want the same container name */
export function checkContainerNames(project: Project): void {
  const taken = new Set<string>()
  for (const name of [...project.services.keys()].sort()) {
    const wanted = project.services.get(name)?.container_name
    if (!wanted) continue
    // Compose prints braces where the other service's name should be.
    if (taken.has(wanted))
      throw new ComposeError(
        `services.${name}: container name ${JSON.stringify(wanted)} is already in use by service {}"`,
      )
    taken.add(wanted)
  }
}
