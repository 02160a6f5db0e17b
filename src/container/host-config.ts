/** Defaults and checks of a HostConfig, in the words and the order of moby (daemon/container.go, daemon_unix.go). */
import type { HostConfig, MountSpec, Resources, RestartPolicy } from '../api/container.ts'
import { invalid } from '../errors.ts'
import { machineFacts } from '../kernel/machine-facts.ts'
import { canonicalCapabilities } from '../security/capabilities.ts'
import { maskedPaths, readonlyPaths } from './proc-paths.ts'

/** Name of the simulated host, as its containers on the host's network see it. */
export const machineHostname = 'minidock'
const minimumMemory = 6 * 1024 * 1024

/** A full HostConfig: what the request leaves out has the daemon's default. */
export function completeHostConfig(given: Partial<HostConfig>): HostConfig {
  const memory = given.Memory ?? 0
  const security = securityOf(given)
  return {
    Binds: given.Binds?.length ? given.Binds : null,
    ContainerIDFile: given.ContainerIDFile ?? '',
    LogConfig: { Type: given.LogConfig?.Type || 'json-file', Config: sorted(given.LogConfig?.Config ?? {}) },
    NetworkMode: !given.NetworkMode || given.NetworkMode === 'default' ? 'bridge' : given.NetworkMode,
    PortBindings: given.PortBindings ?? {},
    RestartPolicy: {
      Name: given.RestartPolicy?.Name || 'no',
      MaximumRetryCount: given.RestartPolicy?.MaximumRetryCount ?? 0,
    },
    AutoRemove: given.AutoRemove ?? false,
    VolumeDriver: given.VolumeDriver ?? '',
    VolumesFrom: given.VolumesFrom?.length ? given.VolumesFrom : null,
    ConsoleSize: given.ConsoleSize ?? [0, 0],
    ...(given.Annotations && Object.keys(given.Annotations).length > 0 && { Annotations: given.Annotations }),
    CapAdd: canonicalCapabilities(given.CapAdd),
    CapDrop: canonicalCapabilities(given.CapDrop),
    CgroupnsMode: given.CgroupnsMode || 'private',
    Dns: given.Dns ?? [],
    DnsOptions: given.DnsOptions ?? [],
    DnsSearch: given.DnsSearch ?? [],
    ExtraHosts: given.ExtraHosts?.length ? given.ExtraHosts : null,
    GroupAdd: given.GroupAdd?.length ? given.GroupAdd : null,
    IpcMode: given.IpcMode || 'private',
    Cgroup: given.Cgroup ?? '',
    Links: given.Links?.length ? given.Links : null,
    OomScoreAdj: given.OomScoreAdj ?? 0,
    PidMode: given.PidMode ?? '',
    Privileged: given.Privileged ?? false,
    PublishAllPorts: given.PublishAllPorts ?? false,
    ReadonlyRootfs: given.ReadonlyRootfs ?? false,
    SecurityOpt: security.SecurityOpt,
    ...(given.StorageOpt && Object.keys(given.StorageOpt).length > 0 && { StorageOpt: given.StorageOpt }),
    ...(given.Tmpfs && Object.keys(given.Tmpfs).length > 0 && { Tmpfs: given.Tmpfs }),
    UTSMode: given.UTSMode ?? '',
    UsernsMode: given.UsernsMode ?? '',
    ShmSize: given.ShmSize || 64 * 1024 * 1024,
    ...(given.Sysctls && Object.keys(given.Sysctls).length > 0 && { Sysctls: given.Sysctls }),
    Runtime: given.Runtime || 'runc',
    Isolation: given.Isolation ?? '',
    CpuShares: given.CpuShares ?? 0,
    Memory: memory,
    NanoCpus: given.NanoCpus ?? 0,
    CgroupParent: given.CgroupParent ?? '',
    BlkioWeight: given.BlkioWeight ?? 0,
    BlkioWeightDevice: given.BlkioWeightDevice ?? [],
    BlkioDeviceReadBps: given.BlkioDeviceReadBps ?? [],
    BlkioDeviceWriteBps: given.BlkioDeviceWriteBps ?? [],
    BlkioDeviceReadIOps: given.BlkioDeviceReadIOps ?? [],
    BlkioDeviceWriteIOps: given.BlkioDeviceWriteIOps ?? [],
    CpuPeriod: given.CpuPeriod ?? 0,
    CpuQuota: given.CpuQuota ?? 0,
    CpuRealtimePeriod: given.CpuRealtimePeriod ?? 0,
    CpuRealtimeRuntime: given.CpuRealtimeRuntime ?? 0,
    CpusetCpus: given.CpusetCpus ?? '',
    CpusetMems: given.CpusetMems ?? '',
    Devices: given.Devices ?? [],
    DeviceCgroupRules: given.DeviceCgroupRules?.length ? given.DeviceCgroupRules : null,
    DeviceRequests: given.DeviceRequests?.length ? given.DeviceRequests : null,
    MemoryReservation: given.MemoryReservation ?? 0,
    MemorySwap: given.MemorySwap || (memory > 0 ? memory * 2 : 0),
    MemorySwappiness:
      given.MemorySwappiness === undefined || given.MemorySwappiness === -1 ? null : given.MemorySwappiness,
    OomKillDisable: given.OomKillDisable ?? false,
    PidsLimit: given.PidsLimit && given.PidsLimit > 0 ? given.PidsLimit : null,
    Ulimits: (given.Ulimits ?? [])
      .map(({ Name, Hard, Soft }) => ({ Name, Hard, Soft }))
      .sort((a, b) => (a.Name < b.Name ? -1 : 1)),
    CpuCount: given.CpuCount ?? 0,
    CpuPercent: given.CpuPercent ?? 0,
    IOMaximumIOps: given.IOMaximumIOps ?? 0,
    IOMaximumBandwidth: given.IOMaximumBandwidth ?? 0,
    ...(given.Mounts?.length && { Mounts: given.Mounts.map(orderedMount) }),
    MaskedPaths: security.MaskedPaths,
    ReadonlyPaths: security.ReadonlyPaths,
    ...(given.Init !== undefined && { Init: given.Init }),
  }
}

/** Who shares the host's processes or memory, or is privileged, has no SELinux label (generateSecurityOpt). */
function securityOf(given: Partial<HostConfig>): Pick<HostConfig, 'SecurityOpt' | 'MaskedPaths' | 'ReadonlyPaths'> {
  const options = given.SecurityOpt ?? null
  const free = given.Privileged || given.IpcMode === 'host' || given.PidMode === 'host'
  const labelled = options?.some(option => /^label[=:]/.test(option)) ?? false
  return {
    SecurityOpt: free && !labelled ? [...(options ?? []), 'label=disable'] : options,
    MaskedPaths: given.MaskedPaths ?? (given.Privileged ? null : maskedPaths),
    ReadonlyPaths: given.ReadonlyPaths ?? (given.Privileged ? null : readonlyPaths),
  }
}

/** By key, as Go's maps are printed. */
export function sorted<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** A mount with its fields in the order of the API's type. */
function orderedMount(mount: MountSpec): MountSpec {
  const { Type, Source, Target, ...rest } = mount
  return { Type, ...(Source !== undefined && { Source }), Target, ...rest }
}

const policies = ['no', 'always', 'unless-stopped', 'on-failure']

/** Throws Docker's error for a restart policy that makes no sense. */
export function checkRestartPolicy(policy: RestartPolicy): void {
  const { Name: name, MaximumRetryCount: count } = policy
  if (!policies.includes(name))
    throw invalid(
      `invalid restart policy: unknown policy '${name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
    )
  if (name !== 'on-failure' && count !== 0) {
    const negative = count < 0 ? ' and cannot be negative' : ''
    throw invalid(`invalid restart policy: maximum retry count can only be used with 'on-failure'${negative}`)
  }
  if (count < 0) throw invalid('invalid restart policy: maximum retry count cannot be negative')
}

/** Checks limits. `current` is what an update starts from. */
export function checkResources(given: Partial<Resources>, update = false): void {
  const memory = given.Memory ?? 0
  const swap = given.MemorySwap ?? 0
  if (memory !== 0 && memory < minimumMemory) throw invalid('Minimum memory limit allowed is 6MB')
  if (memory > 0 && swap > 0 && swap < memory)
    throw invalid('Minimum memoryswap limit should be larger than memory limit, see usage')
  if (memory === 0 && swap > 0 && !update)
    throw invalid('You should always set the Memory limit when using Memoryswap limit, see usage')
  const swappiness = given.MemorySwappiness
  if (swappiness !== undefined && swappiness !== null && swappiness !== -1 && (swappiness < 0 || swappiness > 100))
    throw invalid(`Invalid value: ${swappiness}, valid memory swappiness range is 0-100`)
  const reservation = given.MemoryReservation ?? 0
  if (reservation > 0 && reservation < minimumMemory) throw invalid('Minimum memory reservation allowed is 6MB')
  if (reservation > 0 && memory > 0 && memory < reservation)
    throw invalid('Minimum memory limit can not be less than memory reservation limit, see usage')
  const shares = given.CpuShares ?? 0
  if (shares < 0) throw invalid(`invalid CPU shares (${shares}): value must be a positive integer`)
  const { NanoCpus: nano = 0, CpuPeriod: period = 0, CpuQuota: quota = 0 } = given
  if (nano > 0 && period > 0) throw invalid('Conflicting options: Nano CPUs and CPU Period cannot both be set')
  if (nano > 0 && quota > 0) throw invalid('Conflicting options: Nano CPUs and CPU Quota cannot both be set')
  if (nano < 0 || nano > machineFacts.cpus * 1e9)
    throw invalid(
      `range of CPUs is from 0.01 to ${machineFacts.cpus}.00, as there are only ${machineFacts.cpus} CPUs available`,
    )
  if (period !== 0 && (period < 1000 || period > 1_000_000))
    throw invalid('CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)')
  if (quota > 0 && quota < 1000) throw invalid('CPU cfs quota can not be less than 1ms (i.e. 1000)')
  checkCpuset('CPUs', given.CpusetCpus ?? '', machineFacts.cpus)
  checkCpuset('memory nodes', given.CpusetMems ?? '', 1)
  const weight = given.BlkioWeight ?? 0
  if (weight !== 0 && (weight < 10 || weight > 1000)) throw invalid('Range of blkio weight is from 10 to 1000')
}

function checkCpuset(what: 'CPUs' | 'memory nodes', value: string, available: number): void {
  if (value === '') return
  const name = what === 'CPUs' ? 'cpuset cpus' : 'cpuset mems'
  for (const part of value.split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part)
    if (!match || (match[2] !== undefined && Number(match[2]) < Number(match[1])))
      throw invalid(`Invalid value ${value} for ${name}: invalid format: ${value}`)
    if (Number(match[2] ?? match[1]) >= available)
      throw invalid(
        `Requested ${what} are not available - requested ${value}, available: 0${available > 1 ? `-${available - 1}` : ''}`,
      )
  }
}
