/** Places in a container's files where something is mounted or made before its start, with the words of runc and the daemon. */
import type { HostConfig } from '../api/container.ts'
import type { ContainerRecord, MountRecord } from '../container/record.ts'
import { type EngineError, systemError } from '../errors.ts'
import { machineFacts } from '../kernel/machine-facts.ts'
import type { AddedDevice } from '../runtime/root-mounts.ts'
import { devicesAt, hostDevices } from '../security/devices.ts'
import { isErrno } from '../vfs/errno.ts'
import type { RootFs } from '../vfs/rootfs.ts'
import { readTmpfsOptions, type TmpfsOptions } from '../volume/tmpfs-options.ts'
import { initFailed } from './volume/mount-source.ts'

/** The nodes of `--device`, and with `--privileged` all of the host's. */
export function addedDevices({ Devices, Privileged }: HostConfig): AddedDevice[] {
  const all = Privileged ? [...hostDevices].map(([path, node]) => ({ path, node })) : []
  const named = (Devices ?? []).flatMap(({ PathOnHost, PathInContainer }) =>
    devicesAt(PathOnHost).map(({ below, node }) => ({ path: PathInContainer + below, node })),
  )
  return [...all, ...named]
}

/** Options of a tmpfs, or runc's failure over one that the kernel refuses. */
export function tmpfsOptions(
  text: string,
  destination: string,
  asked: { safe: boolean } = { safe: true },
): TmpfsOptions {
  const bad = (data: string): EngineError =>
    initFailed(
      `error mounting "tmpfs" to rootfs at "${destination}": mount src=tmpfs, dst=${destination}, dstFd=/proc/thread-self/fd/11, flags=MS_NOSUID|MS_NODEV|MS_NOEXEC, data=${data}: invalid argument`,
    )
  return readTmpfsOptions(text, machineFacts.memory, bad, asked)
}

/** runc mounts nothing over the root itself. */
export function onTopOfRoot(source: string, graphId: string): EngineError {
  const merged = `/var/lib/docker/overlay2/${graphId}/merged`
  return initFailed(
    `error mounting "${source}" to rootfs at "/": create mountpoint for / mount: mountpoint "${merged}" is on the top of rootfs "${merged}"`,
  )
}

/** What may be covered in /proc: files that lxcfs and the like make up for a container (runc libcontainer checkProcMount). */
const procFilesToCover =
  /^\/proc\/(cpuinfo|diskstats|meminfo|stat|swaps|uptime|loadavg|slabinfo|sys\/kernel\/ns_last_pid|sys\/crypto\/fips_enabled)$/

/** runc mounts nothing else over /proc, nor in it. */
function checkProcMount(path: string, source: string, graphId: string): void {
  if ((path !== '/proc' && !path.startsWith('/proc/')) || procFilesToCover.test(path)) return
  throw initFailed(
    `error mounting "${source}" to rootfs at "${path}": create mountpoint for ${path} mount: check proc-safety of ${path} mount: "/var/lib/docker/overlay2/${graphId}/merged${path}" cannot be mounted because it is ${path === '/proc' ? 'not of type proc' : 'inside /proc'}`,
  )
}

/** Makes the place of a mount where there is none, as runc does: a folder, or a file for a file. */
export function makeMountPoint(
  rootfs: RootFs,
  mount: MountRecord,
  source: string,
  graphId: string,
  folder: boolean,
): void {
  const path = mount.Destination
  checkProcMount(path, source, graphId)
  if (rootfs.exists(path)) return
  try {
    rootfs.mkdirAll(folder ? path : path.slice(0, path.lastIndexOf('/')) || '/')
    if (!folder) rootfs.writeFile(path, new Uint8Array(0), { mode: 0o755 })
  } catch (error) {
    if (!isErrno(error)) throw error
    throw initFailed(
      `error mounting "${source}" to rootfs at "${path}": create mountpoint for ${path} mount: make mountpoint "${path}": mkdirat /var/lib/docker/overlay2/${graphId}/merged${path}: ${error.message.toLowerCase()}`,
    )
  }
}

/** Makes the working directory, owned by root, where there is none. */
export function makeWorkingDirectory(files: RootFs, record: ContainerRecord): void {
  const path = record.config.WorkingDir
  if (path === '') return
  if (isFile(files, path)) throw systemError(`Cannot mkdir: ${path} is not a directory`)
  try {
    files.mkdirAll(path)
  } catch (error) {
    if (isErrno(error)) throw systemError(`lstat ${mergedDir(record)}${path}: ${error.message.toLowerCase()}`)
    throw error
  }
}

/** The container's root file system on the simulated host. */
export const mergedDir = (record: ContainerRecord): string => `/var/lib/docker/overlay2/${record.graphId}/merged`

/** Whether something that is no directory is there. */
export const isFile = (files: RootFs, path: string): boolean => files.exists(path) && files.stat(path).type !== 'dir'
