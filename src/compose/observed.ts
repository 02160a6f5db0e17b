/** What is there: the containers, networks and volumes that carry a project's labels. */
import type { ContainerSummary } from '../api/container.ts'
import type { Service } from './file/model.ts'
import type { Project } from './file/project.ts'
import { ComposeError } from './file/tree.ts'
import { LABEL } from './labels.ts'
import type { Session } from './session.ts'

/** Whether containers of `run` count. */
export type OneOff = 'with' | 'without'

/** A project's containers, those with the newest first. */
export async function containersOf(
  { engine }: Pick<Session, 'engine'>,
  project: string,
  options: { all: boolean; oneOff: OneOff; services?: readonly string[] },
): Promise<ContainerSummary[]> {
  const { all, oneOff, services = [] } = options
  const label = [`${LABEL.project}=${project}`, LABEL.configHash]
  if (services.length === 1) label.push(`${LABEL.service}=${services[0]}`)
  if (oneOff === 'without') label.push(`${LABEL.oneOff}=False`)
  const found = await engine.containers.list({ all, filters: { label } })
  return services.length > 1 ? found.filter(isOf(services)) : found
}

export const isOf =
  (services: readonly string[]) =>
  (container: ContainerSummary): boolean =>
    services.includes(container.Labels[LABEL.service] ?? '')

export const isOneOff = ({ Labels }: ContainerSummary): boolean => Labels[LABEL.oneOff] === 'True'

/** Whether nothing in the file accounts for a container. */
export const isOrphan =
  (project: Project) =>
  (container: ContainerSummary): boolean => {
    if (isOneOff(container)) return container.State === 'exited' || container.State === 'dead'
    const service = container.Labels[LABEL.service] ?? ''
    return !project.services.has(service) && !project.disabled.has(service)
  }

/** A container's own name, not one that a link gave it. */
export function nameOf({ Names, Id }: Pick<ContainerSummary, 'Names' | 'Id'>): string {
  const own = Names.find(name => name.lastIndexOf('/') === 0) ?? Names[0]
  return own === undefined ? Id.slice(0, 12) : own.replace(/^\//, '')
}

export const numberOf = ({ Labels }: ContainerSummary): number => Number(Labels[LABEL.number] ?? 0)

/** The name in front of a container's output: `web-1`, or the name that the file gives it. */
export function sourceOf(name: string, labels: Readonly<Record<string, string>>, separator: string): string {
  const project = labels[LABEL.project] ?? ''
  const standard = [project, labels[LABEL.service], labels[LABEL.number]].join(separator)
  return name === standard ? name.slice(project.length + 1) : name
}

/** Of a service's containers the one with the lowest number (or `index`), those of `run` last. @throws ComposeError */
export async function containerOf(
  session: Pick<Session, 'engine'>,
  project: string,
  service: string,
  options: { index: number; all: boolean; oneOff: OneOff },
): Promise<ContainerSummary> {
  const { index, all, oneOff } = options
  const found = (await containersOf(session, project, { all, oneOff, services: [service] })).filter(
    container => index <= 0 || numberOf(container) === index,
  )
  const first = found.sort((a, b) => Number(isOneOff(a)) - Number(isOneOff(b)) || numberOf(a) - numberOf(b))[0]
  if (first) return first
  throw new ComposeError(`service "${service}" is not running${index > 0 ? ` container #${index}` : ''}`)
}

/** A project made from what its containers say of it, where there is no file. */
export function projectFromContainers(name: string, containers: readonly ContainerSummary[]): Project {
  const services = new Map<string, Service>()
  for (const container of containers) {
    const service = container.Labels[LABEL.service] ?? nameOf(container)
    const known = services.get(service)
    services.set(service, {
      ...(known ?? { image: container.Image, depends_on: dependenciesOf(container) }),
      scale: (known?.scale ?? 0) + 1,
    })
  }
  for (const service of services.values()) {
    for (const other of [...(service.depends_on?.keys() ?? [])])
      if (!services.has(other)) service.depends_on?.delete(other)
  }
  return {
    name,
    workingDir: '',
    files: [],
    environment: new Map(),
    profiles: [],
    services,
    disabled: new Map(),
    networks: new Map(),
    volumes: new Map(),
    secrets: new Map(),
    configs: new Map(),
    models: new Map(),
  }
}

function dependenciesOf({ Labels }: ContainerSummary): NonNullable<Service['depends_on']> {
  const words = (Labels[LABEL.dependsOn] ?? '').split(',').filter(word => word !== '')
  return new Map(
    words.map(word => {
      const [service = '', condition = 'running_or_healthy', restart = 'true'] = word.split(':')
      return [service, { condition, restart: restart === 'true', required: true }]
    }),
  )
}

/** The project of a command that has no file, its networks and volumes too. */
export async function projectWithResources(session: Session, name: string): Promise<Project> {
  const containers = await containersOf(session, name, { all: true, oneOff: 'without' })
  const project = projectFromContainers(name, containers)
  const filters = { label: [`${LABEL.project}=${name}`] }
  for (const volume of await session.engine.volumes.list(filters))
    project.volumes.set(volume.Labels?.[LABEL.volume] ?? volume.Name, { name: volume.Name })
  for (const network of await session.engine.networks.list(filters))
    project.networks.set(network.Labels[LABEL.network] ?? network.Name, { name: network.Name })
  return project
}
