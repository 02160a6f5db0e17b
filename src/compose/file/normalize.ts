/** What a file implies: the default network, names, dependencies, variables of the environment (compose-go normalize). */
import { cut, isMapping, type Mapping, mapping, mappingAt, type Value } from './tree.ts'

type Environment = ReadonlyMap<string, string>

/** Completes a merged file in place. */
export function normalize(file: Mapping, name: string, environment: Environment): void {
  file.name = name
  const services = Object.values(mappingAt(file, 'services') ?? {}).filter(isMapping)
  addDefaultNetwork(file, services)
  for (const service of services) normalizeService(service, environment)
  nameResources(file, name)
}

function addDefaultNetwork(file: Mapping, services: readonly Mapping[]): void {
  let used = false
  for (const service of services) {
    if (service.provider !== undefined || service.network_mode !== undefined) continue
    const networks = mappingAt(service, 'networks')
    if (!networks || Object.keys(networks).length === 0) service.networks = mapping([['default', null]])
    used ||= 'default' in (mappingAt(service, 'networks') ?? {})
  }
  const networks = mappingAt(file, 'networks') ?? mapping()
  if (used && !('default' in networks)) networks.default = null
  if (Object.keys(networks).length > 0) file.networks = networks
}

function normalizeService(service: Mapping, environment: Environment): void {
  if (service.pull_policy === 'if_not_present') service.pull_policy = 'missing'
  const build = mappingAt(service, 'build')
  if (build) {
    build.context ??= '.'
    if (build.dockerfile === undefined && build.dockerfile_inline === undefined) build.dockerfile = 'Dockerfile'
    if (build.args !== undefined) build.args = fill(build.args, environment, false)
  }
  if (service.environment !== undefined) service.environment = fill(service.environment, environment, true)
  const dependencies = mappingAt(service, 'depends_on') ?? mapping()
  for (const [other, restart] of implied(service)) {
    dependencies[other] ??= mapping([
      ['condition', 'service_started'],
      ['restart', restart],
      ['required', true],
    ])
  }
  if (Object.keys(dependencies).length > 0) service.depends_on = dependencies
  for (const volume of list(service.volumes)) {
    if (isMapping(volume) && typeof volume.target === 'string')
      volume.target = volume.target.replace(/\/+/g, '/').replace(/(?<=.)\/$/, '')
  }
}

const list = (value: Value | undefined): Value[] => (Array.isArray(value) ? value : [])

/** The services that a service needs without saying so, and whether it restarts with them. */
function* implied(service: Mapping): Generator<[string, boolean]> {
  for (const link of list(service.links)) yield [String(link).split(':', 1)[0] ?? '', true]
  for (const key of ['network_mode', 'ipc', 'pid', 'uts', 'cgroup']) {
    const shared = /^service:(.*)$/.exec(String(service[key] ?? ''))?.[1]
    if (shared !== undefined) yield [shared, true]
  }
  for (const source of list(service.volumes_from)) {
    const text = String(source)
    if (!text.startsWith('container:')) yield [text.split(':', 1)[0] ?? '', false]
  }
}

/** Variables without a value get that of the environment. */
function fill(value: Value, environment: Environment, keepEmpty: boolean): Value {
  if (Array.isArray(value)) {
    return value.flatMap(entry => {
      if (typeof entry !== 'string' || cut(entry)) return [entry]
      const found = environment.get(entry)
      return found !== undefined ? [`${entry}=${found}`] : keepEmpty ? [entry] : []
    })
  }
  if (!isMapping(value)) return value
  const made = mapping()
  for (const [key, entry] of Object.entries(value)) {
    const filled = entry ?? environment.get(key) ?? null
    if (filled !== null || keepEmpty) made[key] = filled
  }
  return made
}

/** Networks, volumes, configs and secrets are called after the project, unless they are someone else's. */
function nameResources(file: Mapping, project: string): void {
  for (const kind of ['networks', 'volumes', 'configs', 'secrets']) {
    const resources = mappingAt(file, kind)
    if (!resources) continue
    for (const [key, value] of Object.entries(resources)) {
      const resource = isMapping(value) ? value : mapping()
      const external = /^(1|t|T|TRUE|true|True)$/.test(String(resource.external ?? ''))
      resource.name ??= external ? key : `${project}_${key}`
      resources[key] = resource
    }
  }
}
