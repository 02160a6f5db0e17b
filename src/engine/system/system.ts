/** GET /info, /version, /system/df. */
import type { DiskUsage, SystemInfo, SystemVersion } from '../../api/system.ts'
import { readIndex } from '../../container/containers.ts'
import { machineHostname } from '../../container/host-config.ts'
import { imageRows } from '../../image/images.ts'
import { kernelRelease, machineFacts } from '../../kernel/machine-facts.ts'
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
    KernelVersion: kernelRelease,
    OperatingSystem: 'minidock (simulated)',
    OSVersion: '',
    OSType: 'linux',
    Architecture: 'x86_64',
    NCPU: machineFacts.cpus,
    MemTotal: machineFacts.memory,
    DockerRootDir: '/var/lib/docker',
    Name: machineHostname,
    Labels: [],
    ServerVersion: simulatedVersion,
    LoggingDriver: 'json-file',
    CgroupDriver: 'cgroupfs',
    CgroupVersion: '2',
    SystemTime: rfc3339Nano(ctx.clock.now()),
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
  const sizes = new Map<string, number>()
  for (const row of imageRows(ctx.store)) sizes.set(row.id, row.size)
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
