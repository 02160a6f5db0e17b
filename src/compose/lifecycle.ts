/** Stopping, starting again and removing what is there (compose pkg/compose/{stop,restart,kill,remove,down}.go). */
import type { ContainerSummary } from '../api/container.ts'
import { type StopOptions, stopAndRemove, stopContainer } from './execute.ts'
import { dependentsOf, imageOf, type Project, serviceOf, withSelected } from './file/project.ts'
import { ComposeError } from './file/tree.ts'
import { inOrder, inReverseOrder } from './graph.ts'
import { runHook } from './hook.ts'
import { LABEL } from './labels.ts'
import { containersOf, isOf, isOrphan, nameOf } from './observed.ts'
import { isConflict, isNotFound, type Session, together } from './session.ts'
import { waitFor } from './wait.ts'

const of = (containers: readonly ContainerSummary[], service: string): ContainerSummary[] =>
  containers.filter(isOf([service]))

/** Stops services' containers (all of them for no names), those that depend on others first. */
export async function stop(
  session: Session,
  project: Project,
  services: readonly string[],
  options: StopOptions = {},
): Promise<void> {
  const containers = await containersOf(session, project.name, { all: true, oneOff: 'without' })
  await inReverseOrder(project, async service => {
    if (services.length > 0 && !services.includes(service)) return
    await together(of(containers, service).map(one => () => stopContainer(session, project, service, one, options)))
  })
}

/** Restarts services' containers, and those of services that are to restart with them. */
export async function restart(
  session: Session,
  given: Project,
  services: readonly string[],
  options: StopOptions & { noDeps: boolean },
): Promise<void> {
  const containers = await containersOf(session, given.name, { all: true, oneOff: 'without' })
  const project = restarting(options.noDeps ? withSelected(given, services, 'none') : given)
  const selected = withSelected(project, services, 'dependents')
  const { timeout } = options
  await inOrder(selected, async name => {
    const service = serviceOf(selected, name)
    for (const [on, dependency] of service.depends_on ?? []) {
      const { condition = 'service_started', required = true } = dependency ?? {}
      if (condition === 'service_started' || !selected.services.has(on)) continue
      await waitFor(session, { dependent: name, on, condition, required, containers: of(containers, on) })
    }
    await together(
      of(containers, name).map(container => async () => {
        for (const hook of service.pre_stop ?? []) await runHook(session, name, container.Id, hook)
        const id = `Container ${nameOf(container)}`
        session.report({ id, state: 'working', status: 'Restarting' })
        await session.engine.containers.restart(container.Id, timeout === undefined ? {} : { t: timeout })
        session.report({ id, state: 'done', status: 'Started' })
        for (const hook of service.post_start ?? []) await runHook(session, name, container.Id, hook)
      }),
    )
  })
}

/** The project with only the dependencies by which services restart together. */
function restarting(project: Project): Project {
  const services = new Map(
    [...project.services].map(([name, service]) => {
      const kept = [...(service.depends_on ?? [])].filter(([, dependency]) => dependency?.restart === true)
      return [name, { ...service, depends_on: new Map(kept) }] as const
    }),
  )
  return { ...project, services }
}

/** Sends a signal; false when there is nothing to send it to. */
export async function kill(
  session: Session,
  name: string,
  project: Project | undefined,
  options: { services: readonly string[]; signal: string; all: boolean; orphans: boolean },
): Promise<boolean> {
  const { services, signal, all, orphans } = options
  const found = await containersOf(session, name, { all, oneOff: 'with', services })
  const containers = orphans || !project ? found : found.filter(isOf([...project.services.keys()]))
  if (containers.length === 0) return false
  await together(
    containers.map(container => async () => {
      const id = `Container ${nameOf(container)}`
      session.report({ id, state: 'working', status: 'Killing' })
      try {
        await session.engine.containers.kill(container.Id, { signal })
      } catch (error) {
        session.report({ id, state: 'error', status: 'Error while Killing' })
        throw error
      }
      session.report({ id, state: 'done', status: 'Killed' })
    }),
  )
  return true
}

/** Freezes or thaws services' containers. */
export async function pause(
  session: Session,
  name: string,
  project: Project | undefined,
  services: readonly string[],
  frozen: boolean,
): Promise<void> {
  const found = await containersOf(session, name, { all: false, oneOff: 'without', services })
  const containers = project ? found.filter(isOf([...project.services.keys()])) : found
  await together(
    containers.map(container => async () => {
      if (frozen) await session.engine.containers.pause(container.Id)
      else await session.engine.containers.unpause(container.Id)
      session.report({ id: `Container ${nameOf(container)}`, state: 'done', status: frozen ? 'Paused' : 'Unpaused' })
    }),
  )
}

/** Removes containers that do not run. */
export async function remove(
  session: Session,
  containers: readonly ContainerSummary[],
  options: { volumes: boolean; force: boolean },
): Promise<void> {
  await together(
    containers.map(container => async () => {
      const id = `Container ${nameOf(container)}`
      session.report({ id, state: 'working', status: 'Removing' })
      await session.engine.containers.remove(container.Id, options)
      session.report({ id, state: 'done', status: 'Removed' })
    }),
  )
}

export interface DownOptions extends StopOptions {
  services: readonly string[]
  removeOrphans: boolean
  volumes: boolean
  images: '' | 'local' | 'all'
  /** Whether there is a file: a service that is not in it is an error. */
  fromFile: boolean
}

/** Stops and removes a project's containers, networks and, when asked, volumes and images. */
export async function down(session: Session, project: Project, options: DownOptions): Promise<void> {
  const { removeOrphans, fromFile, volumes } = options
  const oneOff = removeOrphans ? 'with' : 'without'
  const containers = await containersOf(session, project.name, { all: true, oneOff })
  const services = options.services.filter(name => {
    if (!project.services.has(name) && fromFile) serviceOf(project, name)
    return project.services.has(name)
  })
  if (options.services.length > 0 && services.length === 0) return
  const removal = { ...(options.timeout !== undefined && { timeout: options.timeout }), volumes }
  await inReverseOrder(
    project,
    async service => {
      await together(of(containers, service).map(one => () => stopAndRemove(session, project, service, one, removal)))
    },
    services,
  )
  const orphans = containers.filter(isOrphan(project))
  if (removeOrphans) {
    await together(orphans.map(one => () => stopAndRemove(session, undefined, '', one, { ...removal, volumes: false })))
  }
  const tasks = await leftovers(session, project, options)
  if (containers.length === 0 && tasks.length === 0)
    session.warn(`Warning: No resource found to remove for project "${project.name}".`)
  await together(tasks)
}

type Task = () => Promise<void>

async function leftovers(session: Session, project: Project, options: DownOptions): Promise<Task[]> {
  const tasks: Task[] = []
  for (const [key, network] of project.networks)
    if (!network.external) tasks.push(() => removeNetwork(session, project.name, key, network.name ?? key))
  if (options.images !== '') {
    for (const image of await imagesToRemove(session, project, options)) tasks.push(() => removeImage(session, image))
  }
  if (options.volumes) {
    for (const [key, volume] of project.volumes)
      if (!volume.external) tasks.push(() => removeVolume(session, volume.name ?? key))
  }
  return tasks
}

async function removeNetwork(session: Session, project: string, key: string, name: string): Promise<void> {
  const label = [`${LABEL.project}=${project}`, `${LABEL.network}=${key}`]
  const networks = await session.engine.networks.list({ label })
  if (networks.length === 0) return
  const tell = (state: 'working' | 'done' | 'warning' | 'error', status: string): void =>
    session.report({ id: `Network ${name}`, state, status })
  tell('working', 'Removing')
  let found = 0
  for (const network of networks.filter(one => one.Name === name)) {
    try {
      const { Containers } = await session.engine.networks.inspect(network.Id)
      found++
      if (Object.keys(Containers).length > 0) {
        tell('warning', 'Resource is still in use')
        continue
      }
      await session.engine.networks.remove(network.Id)
    } catch (error) {
      if (isNotFound(error)) continue
      tell('error', 'Error')
      throw error
    }
    tell('done', 'Removed')
  }
  if (found === 0) tell('warning', 'No resource found to remove')
}

async function removing(session: Session, id: string, remove: () => Promise<unknown>): Promise<void> {
  session.report({ id, state: 'working', status: 'Removing' })
  try {
    await remove()
    session.report({ id, state: 'done', status: 'Removed' })
  } catch (error) {
    if (isConflict(error)) session.report({ id, state: 'warning', status: 'Resource is still in use' })
    else if (isNotFound(error)) session.report({ id, state: 'done', status: 'Warning: No resource found to remove' })
    else throw error
  }
}

async function removeVolume(session: Session, name: string): Promise<void> {
  try {
    await session.engine.volumes.inspect(name)
  } catch (error) {
    if (isNotFound(error)) return
    throw error
  }
  await removing(session, `Volume ${name}`, () => session.engine.volumes.remove(name, true))
}

const removeImage = (session: Session, image: string): Promise<void> =>
  removing(session, `Image ${image}`, () => session.engine.images.remove(image))

/** `--rmi local`: what was built; `all`: what the file names, too. */
async function imagesToRemove(session: Session, project: Project, options: DownOptions): Promise<string[]> {
  const wanted = new Set<string>()
  const present = async (image: string): Promise<void> => {
    try {
      await session.engine.images.inspect(image)
      wanted.add(image.includes('@') || /:[^/]*$/.test(image) ? image : `${image}:latest`)
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
  const label = [`${LABEL.project}=${project.name}`]
  for (const { RepoTags, Labels } of await session.engine.images.list({ filters: { label, dangling: ['false'] } })) {
    const [tag] = RepoTags ?? []
    if (tag !== undefined && (options.removeOrphans || project.services.has(Labels?.[LABEL.service] ?? '')))
      wanted.add(tag)
  }
  for (const [name, service] of project.services)
    if (options.images === 'all' || !service.image) await present(imageOf(project, name, service, session.separator))
  return [...wanted].sort()
}

/** @throws ComposeError `invalid value for --rmi: "x"` */
export function readRmi(text: string): '' | 'local' | 'all' {
  if (text === '' || text === 'local' || text === 'all') return text
  throw new ComposeError(`invalid value for --rmi: ${JSON.stringify(text)}`)
}

/** Names of the services that `--wait` waits for, and on what. */
export function waitCondition(project: Project, service: string): string {
  const dependents = dependentsOf(project, service)
  const completes = dependents.some(
    name => project.services.get(name)?.depends_on?.get(service)?.condition === 'service_completed_successfully',
  )
  return completes ? 'service_completed_successfully' : 'running_or_healthy'
}
