/** From the flags of `run` and `create` to what the engine is asked for (docker/cli container/opts.go). Prints nothing. */
import { readFileSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import type {
  ContainerCreateRequest,
  DeviceMapping,
  DeviceRequest,
  HealthConfig,
  HostConfig,
  MountSpec,
  RestartPolicy,
  RestartPolicyName,
} from '../../../api/container.ts'
import type { EndpointSettings } from '../../../api/network.ts'
import { codeOf } from '../../../errors.ts'
import { parseExpose, parsePublish } from '../../../network/port-spec.ts'
import { jsonFault } from '../../../util/go-json.ts'
import { quote } from '../../../util/strconv.ts'
import type { Flags } from '../../flags.ts'
import { resolveEnv } from '../../opts/env.ts'
import { readEnvFile, readLabelFile } from '../../opts/files.ts'
import { parseGpus } from '../../opts/gpus.ts'
import { parseMount } from '../../opts/mount.ts'
import { checkMacAddress, type NetworkAttachment, parseNetwork } from '../../opts/network.ts'
import { deviceBytesRate, deviceRate, deviceWeight } from '../../opts/throttle.ts'
import { parseUlimit } from '../../opts/ulimit.ts'

export interface RunOptions {
  request: ContainerCreateRequest
  name: string
  platform: string
  /** The image as given, for messages. */
  image: string
}

export interface RunEnvironment {
  cwd: string
  env: Readonly<Record<string, string | undefined>>
}

/** Throws an Error in docker's words for values that contradict one another or cannot be read. */
export function parseRun(args: readonly string[], flags: Flags, host: RunEnvironment): RunOptions {
  const [image = '', ...command] = args
  if (flags.bool('use-api-socket'))
    throw new Error('minidock does not model --use-api-socket: it has no API socket by itself')
  const pull = flags.string('pull')
  if (!['always', 'missing', 'never', ''].includes(pull))
    throw new Error(`invalid pull option: '${pull}': must be one of "always", "missing" or "never"`)
  const streams = flags.list('attach').map(name => name.toLowerCase())
  const detach = flags.changed('detach') && flags.bool('detach')
  const stdin = flags.bool('interactive')
  const attached = (name: string): boolean => (streams.length > 0 ? streams.includes(name) : !detach)
  const macAddress = flags.string('mac-address').trim()
  checkMacAddress(macAddress)
  const swappiness = flags.number('memory-swappiness')
  if (swappiness !== -1 && (swappiness < 0 || swappiness > 100))
    throw new Error(`invalid value: ${swappiness}. Valid memory swappiness range is 0-100`)
  const { binds, volumes } = splitVolumes(flags.list('volume'), host.cwd)
  const entrypoint = flags.changed('entrypoint') ? [flags.string('entrypoint')] : undefined
  const published = parsePublish(flags.list('publish'))
  const exposed = new Set([...published.exposed, ...flags.list('expose').flatMap(parseExpose)])
  const stdinAttached = stdin && attached('stdin')
  const request: ContainerCreateRequest = {
    Hostname: flags.string('hostname'),
    Domainname: flags.string('domainname'),
    User: flags.string('user'),
    AttachStdin: stdinAttached || streams.includes('stdin'),
    AttachStdout: attached('stdout'),
    AttachStderr: attached('stderr'),
    ...(exposed.size > 0 && { ExposedPorts: Object.fromEntries([...exposed].map(port => [port, {}])) }),
    Tty: flags.bool('tty'),
    OpenStdin: stdin,
    StdinOnce: stdinAttached,
    Env: [
      ...flags.list('env-file').flatMap(file => readEnvFile(file, host.cwd, host.env)),
      ...flags.list('env').map(text => resolveEnv(text, host.env)),
    ],
    Cmd: command.length > 0 ? command : null,
    ...healthcheck(flags),
    Image: image,
    Volumes: Object.fromEntries(volumes.map(path => [path, {}])),
    ...(macAddress !== '' && { MacAddress: macAddress }),
    Entrypoint: entrypoint ?? null,
    WorkingDir: flags.string('workdir'),
    Labels: keyValues([
      ...flags.list('label-file').flatMap(file => readLabelFile(file, host.cwd)),
      ...flags.list('label'),
    ]),
    ...(flags.changed('stop-signal') && { StopSignal: flags.string('stop-signal') }),
    ...(flags.changed('stop-timeout') && { StopTimeout: flags.number('stop-timeout') }),
  }
  const networks = networkAttachments(flags, macAddress)
  request.HostConfig = hostConfig(flags, host, {
    binds,
    bindings: published.bindings,
    network: networks[0]?.target ?? 'default',
  })
  request.NetworkingConfig = { EndpointsConfig: endpoints(networks, flags.list('link')) }
  if (request.HostConfig.AutoRemove && request.HostConfig.RestartPolicy?.Name !== 'no')
    throw new Error('conflicting options: cannot specify both --restart and --rm')
  return { request, name: flags.string('name'), platform: flags.string('platform'), image }
}

function hostConfig(
  flags: Flags,
  host: RunEnvironment,
  given: { binds: string[]; bindings: HostConfig['PortBindings']; network: string },
): Partial<HostConfig> {
  const mode = (flag: string, name: string, valid: (value: string) => boolean): string => {
    const value = flags.string(flag)
    if (!valid(value)) throw new Error(`--${flag}: invalid ${name} mode`)
    return value
  }
  const hostOrNone = (value: string): boolean => value === '' || value === 'host'
  const logDriver = flags.string('log-driver')
  if (logDriver === 'none' && flags.list('log-opt').length > 0) throw new Error('invalid logging opts for driver none')
  const tmpfs = Object.fromEntries(flags.list('tmpfs').map(text => splitOnce(text, ':')))
  const cdi = flags.list('device').filter(isCdiDevice)
  const deviceRequests: DeviceRequest[] = [
    ...flags.list('gpus').map(parseGpus),
    ...(cdi.length > 0 ? [{ Driver: 'cdi', Count: 0, DeviceIDs: cdi, Capabilities: null, Options: null }] : []),
  ]
  return {
    Binds: given.binds,
    ContainerIDFile: flags.string('cidfile'),
    LogConfig: { Type: logDriver, Config: keyValues(flags.list('log-opt')) },
    NetworkMode: given.network,
    PortBindings: given.bindings,
    RestartPolicy: parseRestartPolicy(flags.string('restart')),
    AutoRemove: flags.bool('rm'),
    VolumeDriver: flags.string('volume-driver'),
    VolumesFrom: [...flags.list('volumes-from')],
    ...(flags.changed('annotation') && { Annotations: Object.fromEntries(flags.map('annotation')) }),
    CapAdd: [...flags.list('cap-add')],
    CapDrop: [...flags.list('cap-drop')],
    CgroupnsMode: mode('cgroupns', 'CGROUP', value => ['', 'private', 'host'].includes(value)),
    Dns: [...flags.list('dns')],
    DnsOptions: [...flags.list('dns-option'), ...flags.list('dns-opt')],
    DnsSearch: [...flags.list('dns-search')],
    ExtraHosts: [...flags.list('add-host')].map(text => text.replace('=', ':')),
    GroupAdd: [...flags.list('group-add')],
    IpcMode: flags.string('ipc'),
    Links: [...flags.list('link')],
    OomScoreAdj: flags.number('oom-score-adj'),
    PidMode: mode('pid', 'PID', value => hostOrNone(value) || /^container:./.test(value)),
    Privileged: flags.bool('privileged'),
    PublishAllPorts: flags.bool('publish-all'),
    ReadonlyRootfs: flags.bool('read-only'),
    ...securityOptions(flags.list('security-opt'), host.cwd),
    StorageOpt: Object.fromEntries(
      flags.list('storage-opt').map(text => {
        if (!text.includes('=')) throw new Error('invalid storage option')
        return splitOnce(text, '=')
      }),
    ),
    Tmpfs: tmpfs,
    UTSMode: mode('uts', 'UTS', hostOrNone),
    UsernsMode: mode('userns', 'USER', hostOrNone),
    ShmSize: flags.number('shm-size'),
    Sysctls: Object.fromEntries(flags.map('sysctl')),
    Runtime: flags.string('runtime'),
    Isolation: flags.string('isolation'),
    CpuShares: flags.number('cpu-shares'),
    Memory: flags.number('memory'),
    NanoCpus: flags.number('cpus'),
    CgroupParent: flags.string('cgroup-parent'),
    BlkioWeight: flags.number('blkio-weight'),
    BlkioWeightDevice: flags.list('blkio-weight-device').map(deviceWeight),
    BlkioDeviceReadBps: flags.list('device-read-bps').map(deviceBytesRate),
    BlkioDeviceWriteBps: flags.list('device-write-bps').map(deviceBytesRate),
    BlkioDeviceReadIOps: flags.list('device-read-iops').map(deviceRate),
    BlkioDeviceWriteIOps: flags.list('device-write-iops').map(deviceRate),
    CpuPeriod: flags.number('cpu-period'),
    CpuQuota: flags.number('cpu-quota'),
    CpuRealtimePeriod: flags.number('cpu-rt-period'),
    CpuRealtimeRuntime: flags.number('cpu-rt-runtime'),
    CpusetCpus: flags.string('cpuset-cpus'),
    CpusetMems: flags.string('cpuset-mems'),
    Devices: flags
      .list('device')
      .filter(text => !isCdiDevice(text))
      .map(parseDevice),
    DeviceCgroupRules: [...flags.list('device-cgroup-rule')],
    ...(deviceRequests.length > 0 && { DeviceRequests: deviceRequests }),
    MemoryReservation: flags.number('memory-reservation'),
    MemorySwap: flags.number('memory-swap'),
    MemorySwappiness: flags.number('memory-swappiness'),
    OomKillDisable: flags.bool('oom-kill-disable'),
    PidsLimit: flags.number('pids-limit'),
    Ulimits: flags.list('ulimit').map(parseUlimit),
    Mounts: flags.list('mount').map((text): MountSpec => parseMount(text, host.cwd)),
    ...(flags.changed('init') && { Init: flags.bool('init') }),
  }
}

/** `-v` values: binds as the daemon reads them, and paths of anonymous volumes. */
function splitVolumes(specs: readonly string[], cwd: string): { binds: string[]; volumes: string[] } {
  const binds: string[] = []
  const volumes: string[] = []
  // The daemon gets each but once.
  for (const spec of new Set(specs)) {
    if (spec === '') throw new Error('invalid empty volume spec')
    // A single letter before a colon is a drive, as compose's loader has it; two characters are a path whatever they are.
    const parts =
      spec.length <= 2
        ? [spec]
        : spec
            .replace(/(^|:)([A-Za-z]):/g, '$1$2\0')
            .split(':')
            .map(part => part.replaceAll('\0', ':'))
    if (parts.length > 3) throw new Error(`invalid spec: ${spec}: too many colons`)
    if (parts.some(part => part === '')) throw new Error(`invalid spec: ${spec}: empty section between colons`)
    const [source = '', ...rest] = parts
    if (rest.length === 0) volumes.push(source)
    else binds.push([source.startsWith('.') ? resolve(cwd, source) : source, ...rest].join(':'))
  }
  return { binds, volumes }
}

/** `no`, `always`, `unless-stopped`, `on-failure[:n]`; whether the name exists is the engine's business. */
export function parseRestartPolicy(text: string): RestartPolicy {
  const [name, count] = splitOnce(text, ':')
  if (text.includes(':')) {
    if (name === '') throw new Error('invalid restart policy format: no policy provided before colon')
    if (!/^[+-]?\d+$/.test(count))
      throw new Error('invalid restart policy format: maximum retry count must be an integer')
  }
  return { Name: (name || 'no') as RestartPolicyName, MaximumRetryCount: Number(count || 0) }
}

function healthcheck(flags: Flags): { Healthcheck?: HealthConfig } {
  const names = [
    'health-cmd',
    'health-interval',
    'health-timeout',
    'health-start-period',
    'health-start-interval',
    'health-retries',
  ]
  const command = flags.string('health-cmd')
  const given =
    names.some(name => flags.changed(name)) && (command !== '' || names.slice(1).some(name => flags.number(name) !== 0))
  if (flags.bool('no-healthcheck')) {
    if (given) throw new Error('--no-healthcheck conflicts with --health-* options')
    return { Healthcheck: { Test: ['NONE'] } }
  }
  if (!given) return {}
  for (const name of names.slice(1)) if (flags.number(name) < 0) throw new Error(`--${name} cannot be negative`)
  const config: HealthConfig = {
    ...(command !== '' && { Test: ['CMD-SHELL', command] }),
    ...(flags.number('health-interval') && { Interval: flags.number('health-interval') }),
    ...(flags.number('health-timeout') && { Timeout: flags.number('health-timeout') }),
    ...(flags.number('health-start-period') && { StartPeriod: flags.number('health-start-period') }),
    ...(flags.number('health-start-interval') && { StartInterval: flags.number('health-start-interval') }),
    ...(flags.number('health-retries') && { Retries: flags.number('health-retries') }),
  }
  return { Healthcheck: config }
}

/**
 * Options keep their text; a seccomp profile's file is read and compacted (behaviours.md 25). `systempaths=unconfined` is
 * no option of the daemon's: nothing of /proc and /sys is then hidden.
 */
function securityOptions(
  values: readonly string[],
  cwd: string,
): Pick<HostConfig, 'SecurityOpt'> & Partial<Pick<HostConfig, 'MaskedPaths' | 'ReadonlyPaths'>> {
  const unconfined = values.includes('systempaths=unconfined')
  const own = values.filter(value => value !== 'systempaths=unconfined')
  return {
    SecurityOpt: values.length > 0 ? securityTexts(own, cwd) : null,
    ...(unconfined && { MaskedPaths: [], ReadonlyPaths: [] }),
  }
}

function securityTexts(values: readonly string[], cwd: string): string[] {
  return values.map(value => {
    const equals = value.indexOf('=')
    const separator = equals < 0 ? value.indexOf(':') : equals
    if (separator < 0) {
      if (value !== 'no-new-privileges') throw new Error(`Invalid --security-opt: ${JSON.stringify(value)}`)
      return value
    }
    const [key, text] = [value.slice(0, separator), value.slice(separator + 1)]
    if (text === '') throw new Error(`Invalid --security-opt: ${JSON.stringify(value)}`)
    if (key !== 'seccomp' || text === 'unconfined' || text === 'builtin') return value
    const profile = readProfile(text, cwd)
    const fault = jsonFault(profile)
    if (fault !== undefined) throw new Error(`compacting json for seccomp profile (${text}) failed: ${fault}`)
    return `${key}=${JSON.stringify(JSON.parse(profile))}`
  })
}

function readProfile(path: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, path), 'utf8')
  } catch (error) {
    const code = codeOf(error)
    const reason =
      code === 'EISDIR' ? 'is a directory' : code === 'EACCES' ? 'permission denied' : 'no such file or directory'
    throw new Error(
      `opening seccomp profile (${path}) failed: ${code === 'EISDIR' ? 'read' : 'open'} ${path}: ${reason}`,
    )
  }
}

/** A device by the name that a CDI specification gives it: `vendor.com/class=name`. */
const isCdiDevice = (text: string): boolean =>
  /^[a-zA-Z][\w.-]*[a-zA-Z0-9]\/[a-zA-Z][\w-]*[a-zA-Z0-9]=[a-zA-Z0-9](?:[\w.:-]*[a-zA-Z0-9])?$/.test(text)

function parseDevice(text: string): DeviceMapping {
  if (text.split(':').length > 3 || text.split(':', 1)[0] === '') throw new Error(`bad format for path: ${text}`)
  const [source = '', second, third] = text.split(':')
  const isMode = (value: string): boolean => /^[rwm]+$/.test(value) && new Set(value).size === value.length
  if (!isAbsolute(source)) throw new Error(`${source} is not an absolute path`)
  const mode = third ?? (second !== undefined && isMode(second) ? second : 'rwm')
  const target = second === undefined || (third === undefined && isMode(second)) ? source : second
  if (!isMode(mode)) throw new Error(`bad mode specified: ${mode}`)
  if (!isAbsolute(target)) throw new Error(`${target} is not an absolute path`)
  return { PathOnHost: source, PathInContainer: target, CgroupPermissions: mode }
}

/** The networks of `--network`, the first with what the single flags (`--ip`, `--network-alias`, ...) add to it. */
function networkAttachments(flags: Flags, macAddress: string): NetworkAttachment[] {
  const given = [...flags.list('network'), ...flags.list('net')].map(parseNetwork)
  const first: NetworkAttachment = given[0] ?? { target: 'default', aliases: [], driverOpts: {}, linkLocalIPs: [] }
  const aliases = [...flags.list('network-alias'), ...flags.list('net-alias')]
  const clash = (name: string): Error =>
    new Error(
      `conflicting options: cannot specify both --${name} and per-network ${name === 'network-alias' ? 'alias' : name}`,
    )
  if (aliases.length > 0) {
    if (first.aliases.length > 0) throw clash('network-alias')
    first.aliases = aliases
  }
  const [ip, ip6] = [flags.string('ip'), flags.string('ip6')]
  if (ip !== '') {
    if (first.ipv4) throw clash('ip')
    first.ipv4 = ip
  }
  if (ip6 !== '') {
    if (first.ipv6) throw clash('ip6')
    first.ipv6 = ip6
  }
  if (flags.list('link-local-ip').length > 0) first.linkLocalIPs = [...flags.list('link-local-ip')]
  if (macAddress !== '') first.macAddress = macAddress
  const all = [first, ...given.slice(1)]
  for (const { target, aliases: own, macAddress: mac = '' } of all) {
    checkMacAddress(mac)
    if (target === '') throw new Error('no name set for network')
    if (own.length > 0 && !isUserDefined(target))
      throw new Error('network-scoped aliases are only supported for user-defined networks')
  }
  const seen = new Set<string>()
  for (const { target } of all) {
    if (seen.has(target)) throw new Error(`network ${quote(target)} is specified multiple times`)
    seen.add(target)
  }
  if (all.some(each => isUserDefined(each.target)) && !all.every(each => isUserDefined(each.target)))
    throw new Error('conflicting options: cannot attach both user-defined and non-user-defined network-modes')
  return all
}

const isUserDefined = (name: string): boolean =>
  !['default', 'bridge', 'host', 'none'].includes(name) && !name.startsWith('container:')

function endpoints(
  networks: readonly NetworkAttachment[],
  links: readonly string[],
): Record<string, Partial<EndpointSettings>> {
  return Object.fromEntries(
    networks.map((network, at) => {
      const ipam = network.ipv4 || network.ipv6 || network.linkLocalIPs.length > 0
      const endpoint: Partial<EndpointSettings> = {
        ...(links.length > 0 && isUserDefined(network.target) && at === 0 && { Links: [...links] }),
        ...(network.aliases.length > 0 && { Aliases: network.aliases }),
        ...(Object.keys(network.driverOpts).length > 0 && { DriverOpts: network.driverOpts }),
        ...(network.macAddress && { MacAddress: network.macAddress }),
        ...(network.gwPriority && { GwPriority: network.gwPriority }),
        ...(ipam && {
          IPAMConfig: {
            ...(network.ipv4 && { IPv4Address: network.ipv4 }),
            ...(network.ipv6 && { IPv6Address: network.ipv6 }),
            ...(network.linkLocalIPs.length > 0 && { LinkLocalIPs: network.linkLocalIPs }),
          },
        }),
      }
      return [network.target === 'default' ? 'bridge' : network.target, endpoint]
    }),
  )
}

function keyValues(values: readonly string[]): Record<string, string> {
  return Object.fromEntries(values.map(text => splitOnce(text, '=')))
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
