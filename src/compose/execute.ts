/** Does what a plan says, in its order, what may go at once at once. Nothing is decided here. */
import type { ContainerSummary } from '../api/container.ts'
import type { NetworkCreateRequest } from '../api/network.ts'
import { quote } from '../util/strconv.ts'
import { createRequest } from './container-spec.ts'
import type { Service } from './file/model.ts'
import type { Project } from './file/project.ts'
import { ComposeError } from './file/tree.ts'
import { networkHash, volumeHash } from './hash.ts'
import { runHook } from './hook.ts'
import { injectFiles } from './inject.ts'
import { LABEL, VERSION } from './labels.ts'
import { containersOf, isOneOff, nameOf, numberOf } from './observed.ts'
import type { Action, Operation } from './plan.ts'
import { resolveShared } from './reconcile.ts'
import { errorLine, isConflict, isNotFound, type Session, together } from './session.ts'
import { waitFor } from './wait.ts'

export interface ExecuteOptions {
  /** Keeps anonymous volumes of what is made anew. */
  inherit: boolean
  /** Seconds that containers get to stop; absent: their own. */
  timeout?: number
  /** The containers that were there before. */
  existing?: readonly ContainerSummary[]
  images: ReadonlyMap<string, string>
  envFiles: readonly string[]
  /** When waits for dependencies end, in ms since the epoch. */
  until?: number
  /** Shows what a container's hook prints. */
  hookOutput?: (name: string, text: string) => void
}

/** Whether an operation belongs to the start of what is there, not to its making. */
export const isStart = ({ action }: Operation): boolean => action.kind === 'StartContainer' || action.kind === 'WaitFor'

type Of<K extends Action['kind']> = Extract<Action, { kind: K }>

export class Execution {
  #session: Session
  readonly #project: Project
  readonly #options: ExecuteOptions
  /** What operations made. */
  readonly #made = new Map<number, { id: string; name: string }>()
  /** Containers by service, as they come to be. */
  readonly #containers = new Map<string, Map<number, string>>()
  /** The last start: they go one after the other. */
  #starting: Promise<unknown> = Promise.resolve()

  constructor(session: Session, project: Project, options: ExecuteOptions) {
    this.#session = session
    this.#project = project
    this.#options = options
    for (const container of options.existing ?? [])
      if (!isOneOff(container)) this.#remember(container.Labels[LABEL.service] ?? '', numberOf(container), container.Id)
  }

  /**
   * Does some operations of a plan; what they need beyond these is taken for done.
   * @throws the first error of an operation; what waits for it is not begun
   */
  async all(operations: readonly Operation[]): Promise<void> {
    let failure: { error: unknown } | undefined
    const runs = new Map<number, Promise<void>>()
    const failed = new Set<number>()
    for (const operation of operations) {
      const before = Promise.all(operation.needs.map(id => runs.get(id)))
      const run = before.then(async () => {
        if (failure || operation.needs.some(id => failed.has(id))) {
          failed.add(operation.id)
          return
        }
        try {
          await this.#do(operation)
        } catch (error) {
          failed.add(operation.id)
          failure ??= { error }
        }
      })
      runs.set(operation.id, run)
    }
    await Promise.all(runs.values())
    if (failure) throw failure.error
  }

  /** The same without telling of it: in the foreground, what containers print says enough. */
  quietly(operations: readonly Operation[]): Promise<void> {
    const { report: _report, ...rest } = this.#session
    this.#session = { ...rest, report: () => {} }
    return this.all(operations)
  }

  async #do({ id, action }: Operation): Promise<void> {
    switch (action.kind) {
      case 'CreateNetwork':
        return this.#createNetwork(action.key)
      case 'RecreateNetwork':
        return this.#recreateNetwork(action)
      case 'CreateVolume':
        return this.#createVolume(action.key)
      case 'RecreateVolume':
        return this.#recreateVolume(action)
      case 'StopContainer':
        return stopContainer(this.#session, this.#project, action.service, action.container, {})
      case 'RemoveContainer':
        return stopAndRemove(this.#session, this.#project, action.service, action.container, {
          ...this.#grace,
          volumes: false,
        })
      case 'KeepContainer':
        return this.#tell(nameOf(action.container), 'done', 'Running')
      case 'CreateContainer':
        return this.#create(id, action)
      case 'RecreateContainer':
        return this.#recreate(id, action)
      case 'UnpauseContainer':
        return this.#restart(action.container)
      case 'WaitFor':
        return this.#wait(action)
      case 'StartContainer':
        return this.#start(action)
      case 'Fail':
        throw new ComposeError(action.message)
    }
  }

  get #grace(): { timeout?: number } {
    return this.#options.timeout === undefined ? {} : { timeout: this.#options.timeout }
  }

  #tell(name: string, state: 'working' | 'done' | 'warning' | 'error', status: string): void {
    this.#session.report({ id: `Container ${name}`, state, status })
  }

  #service(name: string): Service {
    return this.#project.services.get(name) ?? {}
  }

  async #createNetwork(key: string): Promise<void> {
    const network = this.#project.networks.get(key) ?? {}
    const name = network.name ?? key
    const tell = (state: 'working' | 'done' | 'error', status: string): void =>
      this.#session.report({ id: `Network ${name}`, state, status })
    tell('working', 'Creating')
    const { ipam } = network
    const pools = (ipam?.config ?? []).map(pool => ({
      Subnet: pool.subnet ?? '',
      ...(pool.ip_range && { IPRange: pool.ip_range }),
      ...(pool.gateway && { Gateway: pool.gateway }),
      ...(pool.aux_addresses && { AuxiliaryAddresses: Object.fromEntries(pool.aux_addresses) }),
    }))
    const request: NetworkCreateRequest = {
      Name: name,
      Driver: network.driver ?? '',
      Internal: network.internal === true,
      Attachable: network.attachable === true,
      ...(network.driver_opts && { Options: Object.fromEntries(network.driver_opts) }),
      ...((ipam?.driver || pools.length > 0) && { IPAM: { Driver: ipam?.driver ?? '', Config: pools } }),
      ...(network.enable_ipv6 !== undefined && { EnableIPv6: network.enable_ipv6 }),
      ...(network.enable_ipv4 !== undefined && { EnableIPv4: network.enable_ipv4 }),
      Labels: {
        ...Object.fromEntries(network.labels ?? []),
        [LABEL.network]: key,
        [LABEL.project]: this.#project.name,
        [LABEL.version]: VERSION,
        [LABEL.configHash]: networkHash(network),
      },
    }
    try {
      await this.#session.engine.networks.create(request)
    } catch (error) {
      tell('error', 'Error')
      throw new ComposeError(`failed to create network ${name}: ${errorLine(error)}`)
    }
    tell('done', 'Created')
  }

  /** A network that is no longer as the file says: its containers leave it, it goes, and they join the new one. */
  async #recreateNetwork({ key, services }: Of<'RecreateNetwork'>): Promise<void> {
    const { engine } = this.#session
    const name = this.#project.networks.get(key)?.name ?? key
    const containers = await this.#containersOf(services)
    await together(
      containers.map(
        one => () => stopContainer(this.#session, this.#project, one.Labels[LABEL.service] ?? '', one, {}),
      ),
    )
    const joined = containers.filter(one => one.NetworkSettings.Networks[name] !== undefined)
    for (const { Id } of joined) await engine.networks.disconnect(name, Id, true)
    await engine.networks.remove(name)
    this.#session.report({ id: `Network ${name}`, state: 'done', status: 'Removed' })
    await this.#createNetwork(key)
    for (const { Id } of joined) await engine.networks.connect(name, Id)
  }

  async #createVolume(key: string): Promise<void> {
    const volume = this.#project.volumes.get(key) ?? {}
    const name = volume.name ?? key
    const tell = (state: 'working' | 'done' | 'error', status: string): void =>
      this.#session.report({ id: `Volume ${name}`, state, status })
    tell('working', 'Creating')
    try {
      await this.#session.engine.volumes.create({
        Name: name,
        ...(volume.driver && { Driver: volume.driver }),
        ...(volume.driver_opts && { DriverOpts: Object.fromEntries(volume.driver_opts) }),
        Labels: {
          ...Object.fromEntries(volume.labels ?? []),
          [LABEL.volume]: key,
          [LABEL.project]: this.#project.name,
          [LABEL.version]: VERSION,
          [LABEL.configHash]: volumeHash(volume),
        },
      })
    } catch (error) {
      tell('error', 'Error')
      throw error
    }
    tell('done', 'Created')
  }

  /** A volume that is no longer as the file says: the containers that mount it go with it. */
  async #recreateVolume({ key, services }: Of<'RecreateVolume'>): Promise<void> {
    const containers = await this.#containersOf(services)
    await together(
      containers.map(
        one => () => stopContainer(this.#session, this.#project, one.Labels[LABEL.service] ?? '', one, {}),
      ),
    )
    await together(
      containers.map(one => async () => {
        this.#tell(nameOf(one), 'working', 'Removing')
        await this.#session.engine.containers.remove(one.Id)
        this.#tell(nameOf(one), 'done', 'Removed')
      }),
    )
    await this.#session.engine.volumes.remove(this.#project.volumes.get(key)?.name ?? key, true)
    await this.#createVolume(key)
  }

  #containersOf(services: readonly string[]): Promise<ContainerSummary[]> {
    if (services.length === 0) return Promise.resolve([])
    return containersOf(this.#session, this.#project.name, { all: true, oneOff: 'without', services })
  }

  /** Makes a container; of one that is replaced it takes the anonymous volumes. */
  async #make(
    { service: name, number }: Of<'CreateContainer'> | Of<'RecreateContainer'>,
    as: string,
    named: string,
    replaced?: ContainerSummary,
  ): Promise<string> {
    const { engine, separator, warn } = this.#session
    const own = this.#service(name)
    const service = resolveShared(own, (other, what) => this.#shared(name, other, what))
    const imageId = this.#options.images.get(name)
    const inherited = replaced && this.#options.inherit ? replaced.Mounts : []
    const request = createRequest(this.#project, {
      name: named,
      number,
      service,
      serviceName: name,
      separator,
      warn,
      links: await linksOf(this.#session, this.#project, own, number),
      envFiles: this.#options.envFiles,
      ...(imageId !== undefined && { imageId }),
      ...(replaced && {
        labels: { [LABEL.replace]: own.container_name ?? [name, number].join(separator) },
        inherited,
        imageVolumes: inherited.length > 0 && imageId !== undefined ? await this.#imageVolumes(imageId) : [],
      }),
    })
    const { Id, Warnings } = await engine.containers.create(request, {
      name: as,
      ...(own.platform && { platform: own.platform }),
    })
    for (const text of Warnings) this.#session.report({ id: name, state: 'warning', text, status: '' })
    return Id
  }

  async #imageVolumes(image: string): Promise<string[]> {
    const { Config } = await this.#session.engine.images.inspect(image)
    return Object.keys(Config?.Volumes ?? {})
  }

  /** The container whose namespace or volumes a service shares. */
  #shared(service: string, other: string, what: string): string {
    const made = [...(this.#containers.get(other) ?? [])].sort(([a], [b]) => a - b)[0]
    if (made) return made[1]
    const verb = what === 'volume' ? 'share volume' : `share ${what}`
    throw new ComposeError(`cannot ${verb} with service ${other || service}: container missing`)
  }

  #remember(service: string, number: number, id: string): void {
    const known = this.#containers.get(service) ?? new Map<number, string>()
    this.#containers.set(service, known.set(number, id))
  }

  async #create(operation: number, action: Of<'CreateContainer'>): Promise<void> {
    this.#tell(action.name, 'working', 'Creating')
    try {
      const id = await this.#make(action, action.name, action.name)
      this.#made.set(operation, { id, name: action.name })
      this.#remember(action.service, action.number, id)
    } catch (error) {
      this.#tell(action.name, 'error', errorLine(error))
      throw error
    }
    this.#tell(action.name, 'done', 'Created')
  }

  async #recreate(operation: number, action: Of<'RecreateContainer'>): Promise<void> {
    const { containers } = this.#session.engine
    const { container, name } = action
    const shown = nameOf(container)
    this.#tell(shown, 'working', 'Recreate')
    try {
      const temporary = `${container.Id.slice(0, 12)}_${name}`
      const id = await this.#make(action, temporary, name, container)
      const { timeout } = this.#options
      await containers.stop(container.Id, timeout === undefined ? {} : { t: timeout })
      await containers.remove(container.Id)
      await containers.rename(temporary, name)
      this.#made.set(operation, { id, name })
      this.#remember(action.service, action.number, id)
    } catch (error) {
      this.#tell(shown, 'error', errorLine(error))
      throw error
    }
    this.#tell(shown, 'done', 'Recreated')
  }

  async #restart(container: ContainerSummary): Promise<void> {
    this.#tell(nameOf(container), 'working', 'Restart')
    await this.#session.engine.containers.start(container.Id)
    this.#tell(nameOf(container), 'done', 'Restarted')
  }

  async #wait({ service, on, condition, required }: Of<'WaitFor'>): Promise<void> {
    const { until } = this.#options
    const containers = (await this.#containersOf([on])).reverse()
    await waitFor(this.#session, {
      dependent: service,
      on,
      condition,
      required,
      containers,
      ...(until !== undefined && { until }),
    })
  }

  /** Starts go one at a time, so that ports from ranges are given out in order. */
  #start(action: Of<'StartContainer'>): Promise<void> {
    const run = this.#starting.then(() => this.#startNow(action))
    this.#starting = run.catch(() => undefined)
    return run
  }

  async #startNow({ service: name, container }: Of<'StartContainer'>): Promise<void> {
    const made =
      typeof container === 'number' ? this.#made.get(container) : { id: container.Id, name: nameOf(container) }
    if (!made) throw new ComposeError(`service ${quote(name)} has no container to start`)
    const service = this.#service(name)
    await injectFiles(this.#session, this.#project, name, service, made.id)
    this.#tell(made.name, 'working', 'Starting')
    await this.#session.engine.containers.start(made.id)
    for (const hook of service.post_start ?? [])
      await runHook(this.#session, name, made.id, hook, text => this.#options.hookOutput?.(made.name, text))
    this.#tell(made.name, 'done', 'Started')
  }
}

/** `links` and `external_links` as the engine wants them. */
export async function linksOf(session: Session, project: Project, service: Service, number: number): Promise<string[]> {
  const links: string[] = []
  for (const link of service.links ?? []) {
    const [other = '', alias = other] = link.split(':')
    const found = await containersOf(session, project.name, { all: true, oneOff: 'without', services: [other] })
    for (const container of found) {
      const name = nameOf(container)
      links.push(`${name}:${alias}`)
      links.push(`${name}:${[other, number].join(session.separator)}`)
      links.push(`${name}:${[project.name, other, number].join(session.separator)}`)
    }
  }
  for (const link of service.external_links ?? []) {
    const [other = '', alias = other] = link.split(':')
    links.push(`${other}:${alias}`)
  }
  return links
}

export interface StopOptions {
  /** Seconds; absent: the container's own. */
  timeout?: number
}

/** Stops a container after its `pre_stop` hooks, telling of it. */
export async function stopContainer(
  session: Session,
  project: Project | undefined,
  service: string,
  container: ContainerSummary,
  { timeout }: StopOptions,
): Promise<void> {
  const id = `Container ${nameOf(container)}`
  session.report({ id, state: 'working', status: 'Stopping' })
  for (const hook of project?.services.get(service)?.pre_stop ?? [])
    if (container.State === 'running') await runHook(session, service, container.Id, hook)
  try {
    await session.engine.containers.stop(container.Id, timeout === undefined ? {} : { t: timeout })
  } catch (error) {
    session.report({ id, state: 'error', status: 'Error while Stopping' })
    throw error
  }
  session.report({ id, state: 'done', status: 'Stopped' })
}

/** Stops and removes a container; that it is gone already is fine. */
export async function stopAndRemove(
  session: Session,
  project: Project | undefined,
  service: string,
  container: ContainerSummary,
  options: StopOptions & { volumes: boolean },
): Promise<void> {
  const id = `Container ${nameOf(container)}`
  try {
    await stopContainer(session, project, service, container, options)
  } catch (error) {
    if (!isNotFound(error)) throw error
    session.report({ id, state: 'done', status: 'Removed' })
    return
  }
  session.report({ id, state: 'working', status: 'Removing' })
  try {
    await session.engine.containers.remove(container.Id, { force: true, volumes: options.volumes })
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) {
      session.report({ id, state: 'error', status: 'Error while Removing' })
      throw error
    }
  }
  session.report({ id, state: 'done', status: 'Removed' })
}
