/** GET /info, /version, /system/df. */
import type { DiskUsage, SystemInfo, SystemVersion } from '../../api/system.ts'
import { readIndex } from '../../container/containers.ts'
import { machineHostname } from '../../container/host-config.ts'
import { chainSizes, imageRows } from '../../image/images.ts'
import { kernelRelease, machineFacts } from '../../kernel/machine-facts.ts'
import { type Remapping, userNamespaces } from '../../kernel/user-namespaces.ts'
import { rfc3339Nano } from '../../util/time.ts'
import { cacheUsage } from '../build/usage.ts'
import { listContainers } from '../container/list.ts'
import type { EngineContext } from '../context.ts'
import { listImages } from '../image/list.ts'
import { volumesWithUsage } from '../volume/usage.ts'

/** The Docker Engine whose behaviour is simulated. */
export const simulatedVersion = '28.5.2'
export const apiVersion = '1.51'
const oldestApiVersion = '1.24'
/** Those that Docker is built with; which of them work here: container/log-config.ts. */
const logDrivers = ['awslogs', 'fluentd', 'gelf', 'journald', 'json-file', 'local', 'splunk', 'syslog']

/** What `docker info` tells of the users of containers. */
const remapped: Readonly<Record<Remapping, readonly string[]>> = {
  none: [],
  remap: ['name=userns'],
  rootless: ['name=rootless'],
}

const rootFolders: Readonly<Record<Remapping, string>> = {
  none: '/var/lib/docker',
  remap: '/var/lib/docker/100000.100000',
  rootless: '/home/student/.local/share/docker',
}

export async function systemInfo(ctx: EngineContext): Promise<SystemInfo> {
  await ctx.machine.settle()
  const states = Object.values(readIndex(ctx.store).entries).map(entry => entry.state.status)
  const count = (...wanted: string[]): number => states.filter(state => wanted.includes(state)).length
  return {
    ID: 'minidock',
    Containers: states.length,
    ContainersRunning: count('running', 'restarting'),
    ContainersPaused: count('paused'),
    ContainersStopped: count('created', 'exited'),
    Images: imageRows(ctx.store).length,
    Driver: 'overlay2',
    DriverStatus: [
      ['Backing Filesystem', 'extfs'],
      ['Supports d_type', 'true'],
      ['Using metacopy', 'false'],
      ['Native Overlay Diff', 'true'],
      ['userxattr', 'false'],
    ],
    Plugins: {
      Volume: ['local'],
      Network: ['bridge', 'host', 'ipvlan', 'macvlan', 'null', 'overlay'],
      Authorization: null,
      Log: logDrivers,
    },
    MemoryLimit: true,
    SwapLimit: true,
    CpuCfsPeriod: true,
    CpuCfsQuota: true,
    CPUShares: true,
    CPUSet: true,
    PidsLimit: true,
    IPv4Forwarding: true,
    Debug: false,
    // There is no daemon that would have descriptors, goroutines and listeners.
    NFd: 0,
    // Not with cgroup v2.
    OomKillDisable: false,
    NGoroutines: 0,
    SystemTime: rfc3339Nano(ctx.clock.now()),
    LoggingDriver: 'json-file',
    CgroupDriver: 'cgroupfs',
    CgroupVersion: '2',
    NEventsListener: 0,
    KernelVersion: kernelRelease,
    OperatingSystem: 'minidock (simulated)',
    OSVersion: '',
    OSType: 'linux',
    Architecture: 'x86_64',
    IndexServerAddress: 'https://index.docker.io/v1/',
    RegistryConfig: {
      IndexConfigs: { 'docker.io': { Mirrors: [], Name: 'docker.io', Official: true, Secure: true } },
      InsecureRegistryCIDRs: ['::1/128', '127.0.0.0/8'],
      Mirrors: null,
    },
    NCPU: machineFacts.cpus,
    MemTotal: machineFacts.memory,
    GenericResources: null,
    DockerRootDir: rootFolders[userNamespaces.remapping],
    HttpProxy: '',
    HttpsProxy: '',
    NoProxy: '',
    Name: machineHostname,
    Labels: [],
    ExperimentalBuild: false,
    ServerVersion: simulatedVersion,
    Runtimes: { 'io.containerd.runc.v2': { path: 'runc' }, runc: { path: 'runc' } },
    DefaultRuntime: 'runc',
    Swarm: {
      NodeID: '',
      NodeAddr: '',
      LocalNodeState: 'inactive',
      ControlAvailable: false,
      Error: '',
      RemoteManagers: null,
    },
    LiveRestoreEnabled: false,
    Isolation: '',
    InitBinary: 'docker-init',
    ContainerdCommit: { ID: '' },
    RuncCommit: { ID: '' },
    InitCommit: { ID: '' },
    SecurityOptions: ['name=seccomp,profile=builtin', ...remapped[userNamespaces.remapping], 'name=cgroupns'],
    FirewallBackend: { Driver: 'iptables' },
    CDISpecDirs: ['/etc/cdi', '/var/run/cdi'],
    Containerd: {
      Address: '/run/containerd/containerd.sock',
      Namespaces: { Containers: 'moby', Plugins: 'plugins.moby' },
    },
    Warnings: null,
  }
}

export function systemVersion(): SystemVersion {
  return {
    Version: simulatedVersion,
    ApiVersion: apiVersion,
    MinAPIVersion: oldestApiVersion,
    GitCommit: 'simulated',
    GoVersion: 'none',
    Os: 'linux',
    Arch: 'amd64',
    KernelVersion: kernelRelease,
    BuildTime: '',
  }
}

export async function diskUsage(ctx: EngineContext): Promise<DiskUsage> {
  const images = await listImages(ctx, { sharedSize: true })
  const containers = await listContainers(ctx, { all: true, size: true })
  const { sizes } = chainSizes(ctx.store)
  return {
    LayersSize: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    Images: images.map(image => ({
      ...image,
      Containers: containers.filter(container => container.ImageID === image.Id).length,
    })),
    Containers: containers,
    Volumes: await volumesWithUsage(ctx),
    BuildCache: cacheUsage(ctx.store),
  }
}
