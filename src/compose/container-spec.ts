/** A service as the engine is asked for it: a create request (compose pkg/compose/create.go). */
import { readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { ContainerCreateRequest, HostConfig, MountPoint, PortMap, Resources } from '../api/container.ts'
import type { EndpointSettings } from '../api/network.ts'
import { quote } from '../util/strconv.ts'
import type { Endpoint, Service } from './file/model.ts'
import { imageOf, type Project } from './file/project.ts'
import { ComposeError } from './file/tree.ts'
import { serviceHash } from './hash.ts'
import { LABEL, VERSION } from './labels.ts'
import { mountsOf } from './mounts.ts'

export interface SpecOptions {
  name: string
  /** The container's number; containers of `run` have none. */
  number?: number
  /** `network_mode` and `volumes_from` with the containers that they mean. */
  service: Service
  serviceName: string
  separator: string
  warn: (message: string) => void
  links: readonly string[]
  labels?: Readonly<Record<string, string>>
  /** The id of the image, once it is there. */
  imageId?: string
  inherited?: readonly MountPoint[]
  imageVolumes?: readonly string[]
  oneOff?: boolean
  autoRemove?: boolean
  attachStdin?: boolean
  /** Whether other containers find it by the service's name. */
  aliases?: boolean
  envFiles?: readonly string[]
}

/** @throws ComposeError for what compose refuses to ask the engine for */
export function createRequest(project: Project, options: SpecOptions): ContainerCreateRequest {
  const { service, attachStdin = false } = options
  const stdin = service.stdin_open === true
  const { mode, endpoints } = networking(project, options)
  return {
    Hostname: service.hostname ?? '',
    Domainname: service.domainname ?? '',
    User: service.user ?? '',
    ExposedPorts: exposedPorts(service),
    Tty: service.tty === true,
    OpenStdin: stdin,
    StdinOnce: attachStdin && stdin,
    AttachStdin: attachStdin,
    AttachStdout: true,
    AttachStderr: true,
    ...(service.command && { Cmd: service.command }),
    ...(service.entrypoint && { Entrypoint: service.entrypoint }),
    Image: imageOf(project, options.serviceName, service, options.separator),
    WorkingDir: service.working_dir ?? '',
    Labels: labelsOf(project, options),
    ...(service.stop_signal && { StopSignal: service.stop_signal }),
    ...(service.stop_grace_period !== undefined && { StopTimeout: Math.floor(service.stop_grace_period / 1e9) }),
    Env: [...(service.environment ?? [])].map(([key, value]) => (value === null ? key : `${key}=${value}`)),
    ...healthcheck(service),
    HostConfig: hostConfig(project, options, mode),
    ...(endpoints && { NetworkingConfig: { EndpointsConfig: endpoints } }),
  }
}

function labelsOf(project: Project, options: SpecOptions): Record<string, string> {
  const { service, number, envFiles = [] } = options
  const needs = [...(service.depends_on ?? [])].map(
    ([other, dependency]) => `${other}:${dependency?.condition ?? ''}:${dependency?.restart === true}`,
  )
  return {
    ...Object.fromEntries(service.labels ?? []),
    [LABEL.project]: project.name,
    [LABEL.service]: options.serviceName,
    [LABEL.version]: VERSION,
    [LABEL.workingDir]: project.workingDir,
    [LABEL.configFiles]: project.files.join(','),
    [LABEL.oneOff]: options.oneOff ? 'True' : 'False',
    ...(envFiles.length > 0 && { [LABEL.envFile]: envFiles.join(',') }),
    ...(options.imageId !== undefined && { [LABEL.image]: options.imageId }),
    ...options.labels,
    [LABEL.configHash]: serviceHash(service),
    ...(number !== undefined && { [LABEL.number]: String(number) }),
    [LABEL.dependsOn]: needs.join(','),
  }
}

function healthcheck({ healthcheck: check }: Service): Pick<ContainerCreateRequest, 'Healthcheck'> {
  if (!check) return {}
  return {
    Healthcheck: {
      ...(check.disable ? { Test: ['NONE'] } : check.test && { Test: check.test }),
      ...(check.interval !== undefined && { Interval: check.interval }),
      ...(check.timeout !== undefined && { Timeout: check.timeout }),
      ...(check.start_period !== undefined && { StartPeriod: check.start_period }),
      ...(check.start_interval !== undefined && { StartInterval: check.start_interval }),
      ...(check.retries !== undefined && { Retries: check.retries }),
    },
  }
}

function exposedPorts({ expose = [], ports = [] }: Service): Record<string, Record<string, never>> {
  const keys = [
    ...expose.flatMap(text => range(text)),
    ...ports.map(({ target, protocol = 'tcp' }) => `${target}/${protocol}`),
  ]
  return Object.fromEntries(keys.map(key => [key, {}]))
}

/** `8000-8002/udp` port by port. */
function range(text: string): string[] {
  const [ports = '', protocol = 'tcp'] = text.split('/')
  const [first = '', last = first] = ports.split('-')
  if (!/^\d+$/.test(first) || !/^\d+$/.test(last)) return [text]
  return Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => `${Number(first) + i}/${protocol}`)
}

function portBindings({ ports = [] }: Service): PortMap {
  const bindings: PortMap = {}
  for (const { target, protocol = 'tcp', host_ip = '', published = '' } of ports) {
    const key = `${target}/${protocol}`
    bindings[key] = [...(bindings[key] ?? []), { HostIp: host_ip, HostPort: published }]
  }
  return bindings
}

/** The networks of a service, those of the highest priority first. */
export const networksOf = ({ networks }: Service): string[] =>
  [...(networks ?? [])]
    .sort(([a, x], [b, y]) => (y?.priority ?? 0) - (x?.priority ?? 0) || (a < b ? -1 : 1))
    .map(([key]) => key)

function networking(
  project: Project,
  options: SpecOptions,
): { mode: string; endpoints?: Record<string, Partial<EndpointSettings>> } {
  const { service } = options
  if (service.network_mode) return { mode: service.network_mode }
  if (project.networks.size === 0) return { mode: 'none' }
  const keys = networksOf(service)
  const nameOf = (key: string): string => project.networks.get(key)?.name ?? key
  const [main = 'default'] = keys
  const endpoints: Record<string, Partial<EndpointSettings>> = {}
  for (const key of keys.length > 0 ? keys : [main]) {
    const own = service.networks?.get(key) ?? null
    endpoints[nameOf(key)] = endpointOf(options, own, key === main ? service.mac_address : undefined)
  }
  return { mode: nameOf(main), endpoints }
}

function endpointOf(options: SpecOptions, own: Endpoint | null, mac: string | undefined): Partial<EndpointSettings> {
  const { name, serviceName, aliases = true, links } = options
  const driver = new Map(own?.driver_opts)
  if (own?.interface_name) driver.set('com.docker.network.endpoint.ifname', own.interface_name)
  const address = own?.mac_address ?? mac
  return {
    Aliases: [name, ...(aliases ? [serviceName, ...(own?.aliases ?? [])] : [])],
    ...(links.length > 0 && { Links: [...links] }),
    ...(own && {
      IPAMConfig: {
        ...(own.ipv4_address && { IPv4Address: own.ipv4_address }),
        ...(own.ipv6_address && { IPv6Address: own.ipv6_address }),
        ...(own.link_local_ips && { LinkLocalIPs: own.link_local_ips }),
      },
    }),
    ...(address && { MacAddress: address }),
    ...(driver.size > 0 && { DriverOpts: Object.fromEntries(driver) }),
    ...(own?.gw_priority && { GwPriority: own.gw_priority }),
  }
}

function hostConfig(project: Project, options: SpecOptions, mode: string): Partial<HostConfig> {
  const { service, warn, inherited = [], imageVolumes = [] } = options
  const mounts = mountsOf(project, service, { warn, inherited, imageVolumes })
  const security = securityOptions(project, service.security_opt ?? [])
  return {
    AutoRemove: options.autoRemove === true,
    ...(service.annotations && { Annotations: Object.fromEntries(service.annotations) }),
    Binds: mounts.Binds,
    ...(mounts.Mounts.length > 0 && { Mounts: mounts.Mounts }),
    CapAdd: service.cap_add ?? null,
    CapDrop: service.cap_drop ?? null,
    NetworkMode: mode,
    ...(service.init !== undefined && { Init: service.init }),
    IpcMode: service.ipc ?? '',
    CgroupnsMode: service.cgroup ?? '',
    ReadonlyRootfs: service.read_only === true,
    ...restartPolicy(service),
    ...(service.shm_size && { ShmSize: service.shm_size }),
    ...(service.sysctls && { Sysctls: Object.fromEntries(service.sysctls) }),
    PortBindings: portBindings(service),
    ...resources(service),
    VolumesFrom: service.volumes_from ?? null,
    Dns: service.dns ?? [],
    DnsSearch: service.dns_search ?? [],
    DnsOptions: service.dns_opt ?? [],
    ExtraHosts: [...(service.extra_hosts ?? [])].flatMap(([host, ips]) => ips.map(ip => `${host}:${ip}`)),
    SecurityOpt: security.options.length > 0 ? security.options : null,
    ...(security.unconfined && { MaskedPaths: [], ReadonlyPaths: [] }),
    ...(service.storage_opt && { StorageOpt: Object.fromEntries(service.storage_opt) }),
    UsernsMode: service.userns_mode ?? '',
    UTSMode: service.uts ?? '',
    Privileged: service.privileged === true,
    PidMode: service.pid ?? '',
    ...(service.tmpfs && { Tmpfs: Object.fromEntries(service.tmpfs.map(tmpfs)) }),
    Isolation: service.isolation ?? '',
    ...(service.runtime && { Runtime: service.runtime }),
    ...(service.logging && {
      LogConfig: { Type: service.logging.driver ?? '', Config: Object.fromEntries(service.logging.options ?? []) },
    }),
    GroupAdd: service.group_add ?? null,
    Links: options.links.length > 0 ? [...options.links] : null,
    OomScoreAdj: service.oom_score_adj ?? 0,
  }
}

function tmpfs(text: string): [string, string] {
  const colon = text.indexOf(':')
  return colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)]
}

function restartPolicy({ restart, deploy }: Service): Pick<Partial<HostConfig>, 'RestartPolicy'> {
  const [word = '', attempts = '0'] = (restart ?? '').split(':')
  const condition = deploy?.restart_policy ? (deploy.restart_policy.condition ?? '') : word
  const count = deploy?.restart_policy ? (deploy.restart_policy.max_attempts ?? 0) : Number(attempts) || 0
  if (condition === '') return {}
  const known = new Map([
    ['none', 'no'],
    ['any', 'always'],
  ])
  // What the engine does not know it refuses in its own words.
  const Name = (known.get(condition) ?? condition) as HostConfig['RestartPolicy']['Name']
  return { RestartPolicy: { Name, MaximumRetryCount: count } }
}

/** Billionths of a CPU; Go keeps the number in 32 bits. */
const nanoCpus = (cpus: number): number => Math.trunc(Math.fround(Math.fround(cpus) * 1e9))

function resources(service: Service): Partial<Resources> {
  const limits = service.deploy?.resources?.limits
  const reserved = service.deploy?.resources?.reservations
  const memory = limits?.memory || service.mem_limit
  const cpus = limits?.cpus || service.cpus
  const pids = limits?.pids || service.pids_limit
  const reservation = reserved?.memory || service.mem_reservation
  const requests = [...deviceRequests(service)]
  return {
    ...(service.cgroup_parent && { CgroupParent: service.cgroup_parent }),
    ...(memory && { Memory: memory }),
    ...(service.memswap_limit && { MemorySwap: service.memswap_limit }),
    ...(service.mem_swappiness && { MemorySwappiness: service.mem_swappiness }),
    ...(reservation && { MemoryReservation: reservation }),
    ...(service.oom_kill_disable && { OomKillDisable: true }),
    ...(service.cpu_count && { CpuCount: service.cpu_count }),
    ...(service.cpu_percent && { CpuPercent: Math.trunc(service.cpu_percent * 100) }),
    ...(service.cpu_period && { CpuPeriod: service.cpu_period }),
    ...(service.cpu_quota && { CpuQuota: service.cpu_quota }),
    ...(service.cpu_rt_period && { CpuRealtimePeriod: service.cpu_rt_period }),
    ...(service.cpu_rt_runtime && { CpuRealtimeRuntime: service.cpu_rt_runtime }),
    ...(service.cpu_shares && { CpuShares: service.cpu_shares }),
    ...(cpus && { NanoCpus: nanoCpus(cpus) }),
    ...(service.cpuset && { CpusetCpus: service.cpuset }),
    ...(service.device_cgroup_rules && { DeviceCgroupRules: service.device_cgroup_rules }),
    ...(pids && { PidsLimit: pids }),
    ...blockIo(service),
    ...(service.devices && {
      Devices: service.devices.map(({ source = '', target = '', permissions = '' }) => ({
        PathOnHost: source,
        PathInContainer: target,
        CgroupPermissions: permissions,
      })),
    }),
    ...(requests.length > 0 && { DeviceRequests: requests }),
    ...(service.ulimits && {
      Ulimits: [...service.ulimits].map(([Name, limit]) => ({
        Name,
        Soft: limit?.soft || (limit?.single ?? 0),
        Hard: limit?.hard || (limit?.single ?? 0),
      })),
    }),
  }
}

function* deviceRequests({ gpus = [], deploy }: Service): Generator<NonNullable<Resources['DeviceRequests']>[number]> {
  const wanted = [
    ...gpus.map(one => ({ one, capabilities: [...(one.capabilities ?? []), 'gpu'] })),
    ...(deploy?.resources?.reservations?.devices ?? []).map(one => ({ one, capabilities: one.capabilities ?? [] })),
  ]
  for (const { one, capabilities } of wanted) {
    yield {
      Driver: one.driver ?? '',
      Count: one.count ?? 0,
      DeviceIDs: one.device_ids ?? null,
      Capabilities: [capabilities],
      Options: Object.fromEntries(one.options ?? []),
    }
  }
}

function blockIo({ blkio_config: io }: Service): Partial<Resources> {
  if (!io) return {}
  const rates = (list: typeof io.device_read_bps): { Path: string; Rate: number }[] =>
    (list ?? []).map(({ path = '', rate = 0 }) => ({ Path: path, Rate: rate }))
  return {
    ...(io.weight && { BlkioWeight: io.weight }),
    ...(io.weight_device && {
      BlkioWeightDevice: io.weight_device.map(({ path = '', weight = 0 }) => ({ Path: path, Weight: weight })),
    }),
    ...(io.device_read_bps && { BlkioDeviceReadBps: rates(io.device_read_bps) }),
    ...(io.device_read_iops && { BlkioDeviceReadIOps: rates(io.device_read_iops) }),
    ...(io.device_write_bps && { BlkioDeviceWriteBps: rates(io.device_write_bps) }),
    ...(io.device_write_iops && { BlkioDeviceWriteIOps: rates(io.device_write_iops) }),
  }
}

/** Security options, seccomp profiles read from their files. @throws ComposeError */
function securityOptions(project: Project, given: readonly string[]): { options: string[]; unconfined: boolean } {
  const options: string[] = []
  for (const option of given) {
    if (option === 'systempaths=unconfined') continue
    const [key = '', value] = option.includes('=') ? split(option, '=') : split(option, ':')
    if (value === undefined && key !== 'no-new-privileges')
      throw new ComposeError(`invalid security-opt: ${quote(option)}`)
    if (key === 'seccomp' && value !== 'unconfined' && value !== 'builtin') options.push(seccomp(project, value ?? ''))
    else options.push(option)
  }
  return { options, unconfined: given.includes('systempaths=unconfined') }
}

function split(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

function seccomp(project: Project, file: string): string {
  const path = isAbsolute(file) ? file : join(project.workingDir, file)
  try {
    return `seccomp=${JSON.stringify(JSON.parse(readFileSync(path, 'utf8')))}`
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new ComposeError(`compacting json for seccomp profile (${file}) failed: ${error.message}`)
    throw new ComposeError(`opening seccomp profile (${file}) failed: open ${path}: no such file or directory`)
  }
}
