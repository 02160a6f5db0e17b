/**
 * Decides what must happen for a project to be as its file says, from what is there. It touches nothing; what it comes
 * to is a plan (compose pkg/compose/convergence.go, create.go).
 */
import type { ContainerSummary } from '../api/container.ts'
import type { Network, Service, VolumeConfig } from './file/model.ts'
import { scaleOf } from './file/model.ts'
import { dependentsOf, type Project } from './file/project.ts'
import { networkHash, serviceHash, volumeHash } from './hash.ts'
import { LABEL } from './labels.ts'
import type { Seen } from './look.ts'
import { isOneOff, isOrphan, nameOf, numberOf } from './observed.ts'
import { Plan } from './plan.ts'

export type Recreate = 'diverged' | 'force' | 'never'

export interface ReconcileOptions {
  /** The services that were asked for; others are there because these need them. */
  services: readonly string[]
  recreate: Recreate
  recreateDependencies: Recreate
  removeOrphans: boolean
  ignoreOrphans: boolean
  separator: string
  warn: (message: string) => void
  /** Whether a volume that no longer fits its definition may be made anew. */
  confirm: (question: string) => Promise<boolean>
  /** Plans the start of what is created, too. */
  start: boolean
}

/** A container as it will be: one that is there, or the outcome of an operation. */
interface Target {
  number: number
  container: ContainerSummary | number
  running: boolean
  /** What must be done before it can be started. */
  after: number[]
}

/** The plan that brings a project up. */
export async function reconcile(project: Project, seen: Seen, options: ReconcileOptions): Promise<Plan> {
  const state = new Reconciler(project, seen, options)
  return state.run()
}

class Reconciler {
  readonly #project: Project
  readonly #seen: Seen
  readonly #options: ReconcileOptions
  readonly #plan = new Plan()
  /** Ids of networks and names of volumes that are there and stay. */
  readonly #networks = new Map<string, string>()
  readonly #volumes = new Map<string, string>()
  /** The services whose containers were stopped, and those whose containers are gone, before it comes to them. */
  readonly #stopped = new Set<string>()
  readonly #gone = new Set<string>()
  readonly #targets = new Map<string, Target[]>()
  readonly #done = new Map<string, number[]>()

  constructor(project: Project, seen: Seen, options: ReconcileOptions) {
    this.#project = project
    this.#seen = seen
    this.#options = options
  }

  async run(): Promise<Plan> {
    let last: number[] = []
    const chain = (id: number | undefined): void => {
      if (id !== undefined) last = [id]
    }
    for (const [key, network] of this.#project.networks) chain(this.#network(key, network, last))
    for (const [key, volume] of this.#project.volumes) chain(await this.#volume(key, volume, last))
    const orphans = this.#orphans(last)
    for (const service of inNeedOrder(this.#project)) this.#service(service, [...last, ...orphans])
    if (this.#options.start) this.#starts()
    return this.#plan
  }

  #network(key: string, network: Network, needs: readonly number[]): number | undefined {
    const resource = `network:${key}`
    const name = network.name ?? key
    const found = this.#seen.networks.filter(one => one.Name === name)
    const byId = this.#seen.networks.find(one => one.Id === name)
    const [first = byId] = found
    const fail = (message: string, cause: string): number =>
      this.#plan.add(resource, { kind: 'Fail', message }, cause, needs)
    if (network.external) {
      if (!first)
        return fail(`network ${name} declared as external, but could not be found`, 'external network is missing')
      if (found.length > 1) {
        const advice = 'Use network ID as `name` to avoid ambiguity'
        return fail(`multiple networks with name ${JSON.stringify(name)} were found. ${advice}`, 'name is ambiguous')
      }
      this.#networks.set(key, first.Id)
      return undefined
    }
    if (!first) return this.#plan.add(resource, { kind: 'CreateNetwork', key }, 'no existing network', needs)
    this.#warnOfNetwork(name, first.Labels[LABEL.project])
    const label = first.Labels[LABEL.network] ?? ''
    if (label !== key) {
      const want = `set to ${JSON.stringify(label)} (expected: ${JSON.stringify(key)})`
      return fail(`network ${name} was found but has incorrect label ${LABEL.network} ${want}`, 'network is not ours')
    }
    const hash = first.Labels[LABEL.configHash] ?? ''
    if (hash === '' || hash === networkHash(network)) {
      this.#networks.set(key, first.Id)
      return undefined
    }
    const services = [...this.#project.services].filter(([, one]) => one.networks?.has(key)).map(([service]) => service)
    for (const service of services) this.#stopped.add(service)
    const action = { kind: 'RecreateNetwork', key, services } as const
    return this.#plan.add(resource, action, 'network configuration changed', needs)
  }

  #warnOfNetwork(name: string, owner: string | undefined): void {
    if (owner === this.#project.name) return
    const whose = owner === undefined ? 'by compose' : `for project ${JSON.stringify(this.#project.name)}`
    this.#options.warn(
      `a network with name ${name} exists but was not created ${whose}.\nSet \`external: true\` to use an existing network`,
    )
  }

  async #volume(key: string, volume: VolumeConfig, needs: readonly number[]): Promise<number | undefined> {
    const resource = `volume:${key}`
    const name = volume.name ?? key
    const found = this.#seen.volumes.get(name)
    if (!found) {
      if (!volume.external) return this.#plan.add(resource, { kind: 'CreateVolume', key }, 'no existing volume', needs)
      const message = `external volume ${JSON.stringify(name)} not found`
      return this.#plan.add(resource, { kind: 'Fail', message }, 'external volume is missing', needs)
    }
    this.#volumes.set(key, name)
    if (volume.external) return undefined
    const owner = found.Labels?.[LABEL.project]
    const advice = 'Use `external: true` to use an existing volume'
    if (owner === undefined)
      this.#options.warn(
        `volume ${JSON.stringify(name)} already exists but was not created by Docker Compose. ${advice}`,
      )
    else if (owner !== this.#project.name) {
      const whose = `was created for project ${JSON.stringify(owner)} (expected ${JSON.stringify(this.#project.name)})`
      this.#options.warn(`volume ${JSON.stringify(name)} already exists but ${whose}. ${advice}`)
    }
    const hash = found.Labels?.[LABEL.configHash]
    if (hash === undefined || hash === volumeHash(volume)) return undefined
    const question = `Volume ${JSON.stringify(name)} exists but doesn't match configuration in compose file. Recreate (data will be lost)?`
    if (!(await this.#options.confirm(question))) return undefined
    const services = [...this.#project.services]
      .filter(([, one]) => one.volumes?.some(mount => mount.source === key))
      .map(([service]) => service)
    for (const service of services) this.#gone.add(service)
    return this.#plan.add(resource, { kind: 'RecreateVolume', key, services }, 'volume configuration changed', needs)
  }

  /** Containers that nothing in the file accounts for. */
  #orphans(needs: readonly number[]): number[] {
    const { ignoreOrphans, removeOrphans, warn } = this.#options
    const orphans = ignoreOrphans ? [] : this.#seen.containers.filter(isOrphan(this.#project))
    if (orphans.length === 0) return []
    if (!removeOrphans) {
      warn(
        `Found orphan containers ([${orphans.map(nameOf).join(' ')}]) for this project. If you removed or renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up.`,
      )
      return []
    }
    return orphans.map(container => {
      const service = container.Labels[LABEL.service] ?? ''
      const action = { kind: 'RemoveContainer', container, service } as const
      return this.#plan.add(`orphan:${nameOf(container)}`, action, 'no such service in the file', needs)
    })
  }

  #service(name: string, needs: readonly number[]): void {
    const service = this.#project.services.get(name) ?? {}
    if (service.provider) return
    const scale = scaleOf(service)
    const before = [...(service.depends_on?.keys() ?? [])].flatMap(other => this.#done.get(other) ?? [])
    const waits = [...needs, ...before]
    if (scale > 1 && service.container_name) {
      const message = `WARNING: The ${JSON.stringify(name)} service is using the custom container name ${JSON.stringify(service.container_name)}. Docker requires each container to have a unique name. Remove the custom name to scale the service`
      this.#done.set(name, [
        this.#plan.add(`service:${name}`, { kind: 'Fail', message }, 'one name, several containers', waits),
      ])
      return
    }
    const policy = this.#options.services.includes(name) ? this.#options.recreate : this.#options.recreateDependencies
    const resolved = this.#resolve(service)
    const containers = this.#observed(name).map(container => ({
      container,
      reason: this.#obsolete(name, resolved, container, policy),
    }))
    // What is up to date is kept first, and of that the lowest numbers.
    containers.sort(
      (a, b) =>
        Number(a.reason !== undefined) - Number(b.reason !== undefined) ||
        numberOf(a.container) - numberOf(b.container),
    )
    const targets: Target[] = []
    const done: number[] = []
    containers.forEach(({ container, reason }, i) => {
      if (i >= scale) {
        const action = { kind: 'RemoveContainer', container, service: name } as const
        done.push(this.#plan.add(`service:${name}:${numberOf(container)}`, action, `scaled down to ${scale}`, waits))
      } else if (reason !== undefined) targets.push(this.#recreate(name, service, container, reason, waits))
      else targets.push(this.#keep(name, container, waits))
    })
    const next = Math.max(0, ...containers.map(({ container }) => numberOf(container))) + 1
    for (let i = 0; i < scale - containers.length; i++)
      targets.push(this.#create(name, service, next + i, waits, containers.length))
    this.#targets.set(name, targets)
    this.#done.set(name, [...done, ...targets.flatMap(target => target.after)])
  }

  #observed(service: string): ContainerSummary[] {
    if (this.#gone.has(service)) return []
    return this.#seen.containers.filter(one => one.Labels[LABEL.service] === service && !isOneOff(one))
  }

  #create(
    service: string,
    { container_name }: Service,
    number: number,
    needs: readonly number[],
    existing: number,
  ): Target {
    const name = container_name ?? [this.#project.name, service, number].join(this.#options.separator)
    const action = { kind: 'CreateContainer', service, number, name } as const
    const cause = existing > 0 ? 'scaled up' : 'no existing container'
    const id = this.#plan.add(`service:${service}:${number}`, action, cause, needs)
    return { number, container: id, running: false, after: [id] }
  }

  #recreate(
    service: string,
    { container_name }: Service,
    container: ContainerSummary,
    reason: string,
    needs: readonly number[],
  ): Target {
    const number = numberOf(container)
    const name = container_name ?? [this.#project.name, service, number].join(this.#options.separator)
    const stops = this.#stopDependents(service, needs)
    const action = { kind: 'RecreateContainer', service, number, name, container } as const
    const id = this.#plan.add(`service:${service}:${number}`, action, reason, [...needs, ...stops])
    return { number, container: id, running: false, after: [id] }
  }

  /** What is to restart with a service stops before the service is made anew. */
  #stopDependents(service: string, needs: readonly number[]): number[] {
    const dependents = dependentsOf(this.#project, service, dependency => dependency.restart === true)
    return dependents.flatMap(dependent => {
      if (this.#stopped.has(dependent)) return []
      this.#stopped.add(dependent)
      return this.#observed(dependent).map(container => {
        const action = { kind: 'StopContainer', container, service: dependent } as const
        return this.#plan.add(`service:${dependent}:${numberOf(container)}`, action, `${service} is made anew`, needs)
      })
    })
  }

  #keep(service: string, container: ContainerSummary, needs: readonly number[]): Target {
    const number = numberOf(container)
    const resource = `service:${service}:${number}`
    const stopped = this.#stopped.has(service)
    const target: Target = { number, container, running: false, after: [...needs] }
    if (container.State === 'running' && !stopped) {
      this.#plan.add(resource, { kind: 'KeepContainer', container, service }, 'up to date', needs)
      return { ...target, running: true }
    }
    if (container.State !== 'paused') return target
    const action = { kind: 'UnpauseContainer', container, service } as const
    return { ...target, running: true, after: [this.#plan.add(resource, action, 'it is paused', needs)] }
  }

  /** Why a container must be made anew; undefined when it need not. */
  #obsolete(
    name: string,
    service: Service | undefined,
    container: ContainerSummary,
    policy: Recreate,
  ): string | undefined {
    if (policy === 'never') return undefined
    if (policy === 'force') return 'asked for'
    if (!service || container.Labels[LABEL.configHash] !== serviceHash(service)) return 'configuration changed'
    if ((container.Labels[LABEL.image] ?? '') !== (this.#seen.images.get(name) ?? '')) return 'image changed'
    if (container.State === 'running' && !this.#stopped.has(name)) {
      const joined = new Set(Object.values(container.NetworkSettings.Networks).map(one => one.NetworkID))
      for (const key of service.networks?.keys() ?? [])
        if (!joined.has(this.#networks.get(key) ?? '')) return `not on network ${key}`
    }
    for (const { type, source } of service.volumes ?? []) {
      if (type !== 'volume' || !source) continue
      const volume = this.#volumes.get(source)
      if (!container.Mounts.some(mount => mount.Type === 'volume' && mount.Name === volume))
        return `without volume ${source}`
    }
    return undefined
  }

  /** A service with the containers that it shares things with; undefined when those are yet to be made. */
  #resolve(service: Service): Service | undefined {
    let known = true
    const idOf = (name: string): string => {
      const [first] = [...(this.#targets.get(name) ?? [])].sort((a, b) => a.number - b.number)
      if (first === undefined || typeof first.container === 'number') {
        known = false
        return ''
      }
      return first.container.Id
    }
    const resolved = resolveShared(service, idOf)
    return known ? resolved : undefined
  }

  #starts(): void {
    const started = new Map<string, number[]>()
    for (const name of inNeedOrder(this.#project)) {
      const service = this.#project.services.get(name) ?? {}
      const targets = this.#targets.get(name) ?? []
      const needs = [...(service.depends_on?.keys() ?? [])].flatMap(other => started.get(other) ?? [])
      // Nothing starts before all is made.
      const all = [...this.#done.values()].flat()
      const waits = planWaits(this.#plan, this.#project, name, [...needs, ...all])
      const own: number[] = [...waits]
      for (const { number, container, running, after } of targets) {
        if (running) continue
        const action = { kind: 'StartContainer', service: name, number, container } as const
        const cause = typeof container === 'number' ? 'it is new' : 'it does not run'
        own.push(this.#plan.add(`service:${name}:${number}`, action, cause, [...needs, ...waits, ...after, ...all]))
      }
      started.set(name, [...needs, ...own])
    }
  }
}

/** The plan that starts what is there and does not run; `containers` are all of the project's. */
export function planStart(project: Project, containers: readonly ContainerSummary[]): Plan {
  const plan = new Plan()
  const started = new Map<string, number[]>()
  for (const name of inNeedOrder(project)) {
    const service = project.services.get(name) ?? {}
    if (service.deploy?.replicas === 0) continue
    const needs = [...(service.depends_on?.keys() ?? [])].flatMap(other => started.get(other) ?? [])
    const waits = planWaits(plan, project, name, needs)
    const own: number[] = [...waits]
    if (containers.length === 0 && scaleOf(service) > 0) {
      const message = `service ${JSON.stringify(name)} has no container to start`
      own.push(plan.add(`service:${name}`, { kind: 'Fail', message }, 'no container', [...needs, ...waits]))
    }
    for (const container of containers) {
      if (container.Labels[LABEL.service] !== name || container.State === 'running') continue
      const number = numberOf(container)
      const action = { kind: 'StartContainer', service: name, number, container } as const
      own.push(plan.add(`service:${name}:${number}`, action, 'it does not run', [...needs, ...waits]))
    }
    started.set(name, [...needs, ...own])
  }
  return plan
}

/** What a service waits for before it starts. */
function planWaits(plan: Plan, project: Project, name: string, needs: readonly number[]): number[] {
  return [...(project.services.get(name)?.depends_on ?? [])].flatMap(([on, dependency]) => {
    const { condition = 'service_started', required = true } = dependency ?? {}
    const other = project.services.get(on)
    if (condition === 'service_started' || !other || scaleOf(other) === 0 || other.provider) return []
    const action = { kind: 'WaitFor', service: name, on, condition, required } as const
    return [plan.add(`service:${name}`, action, `${on}: ${condition}`, needs)]
  })
}

/** Each service after those it depends on. */
function inNeedOrder(project: Project): string[] {
  const order = new Set<string>()
  const visit = (name: string): void => {
    const service = project.services.get(name)
    if (!service || order.has(name)) return
    for (const other of [...(service.depends_on?.keys() ?? [])].sort()) visit(other)
    order.add(name)
  }
  for (const name of [...project.services.keys()].sort()) visit(name)
  return [...order]
}

/** A service whose shared namespaces and volumes name containers, as `idOf` finds them for services. */
export function resolveShared(service: Service, idOf: (service: string, what: string) => string): Service {
  const resolved: Service = { ...service }
  const shared = (mode: string | undefined, what: string): string | undefined =>
    mode?.startsWith('service:') ? `container:${idOf(mode.slice('service:'.length), what)}` : mode
  const network = shared(service.network_mode, 'network namespace')
  const ipc = shared(service.ipc, 'IPC namespace')
  const pid = shared(service.pid, 'PID namespace')
  if (network !== undefined) resolved.network_mode = network
  if (ipc !== undefined) resolved.ipc = ipc
  if (pid !== undefined) resolved.pid = pid
  if (service.volumes_from) {
    resolved.volumes_from = service.volumes_from.map(spec => {
      const [first = '', second = ''] = spec.split(':')
      return first === 'container' ? second : idOf(first, 'volume')
    })
  }
  return resolved
}
