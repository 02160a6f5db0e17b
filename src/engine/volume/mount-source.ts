/** What is behind a mount point: a folder of the host, a volume, an image, memory. */
import { existsSync, mkdirSync } from 'node:fs'
import type { MountRecord } from '../../container/record.ts'
import { type EngineError, invalid, systemError } from '../../errors.ts'
import { isErrno } from '../../vfs/errno.ts'
import type { FileSystem } from '../../vfs/filesystem.ts'
import { HostDir } from '../../vfs/host-dir.ts'
import { type BindPolicy, checkBind } from '../../volume/bind-policy.ts'
import type { VolumeSource } from '../../volume/local-driver.ts'
import { volumeMountpoint } from '../../volume/record.ts'
import { startFailed } from '../container/errors.ts'

export interface MountSource {
  fs: FileSystem
  /** What of it is mounted; its root when absent. */
  root?: number
  /** First field of /proc/mounts. */
  source: string
  flags: readonly string[]
  readonly: boolean
}

const runcInit =
  'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: '
const wrongKind =
  'not a directory: Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type'

/** A start that runc gives up while it mounts. */
export const initFailed = (reason: string): EngineError => startFailed(runcInit + reason, 125, 'system')

/** A directory on a file, or a file on a directory. */
export const mountMismatch = (source: string, destination: string): EngineError =>
  initFailed(
    `error mounting "${source}" to rootfs at "${destination}": mount src=${source}, dst=${destination}, dstFd=/proc/thread-self/fd/14, flags=MS_BIND|MS_REC: ${wrongKind}`,
  )

/** The folder or file behind a bind, as the policy allows it; `-v` has a missing folder made. */
export function bindSource(policy: BindPolicy, mount: MountRecord): MountSource {
  const path = checkBind(policy, mount.Source)
  if (mount.createSource && !existsSync(mount.Source)) makeSource(mount.Source)
  const fs = openBind(policy, path, !mount.RW, () =>
    initFailed(`failed to fulfil mount request: open ${mount.Source}: ${wrongKind}`),
  )
  return { fs, source: '/dev/vda1', flags: ['relatime'], readonly: !mount.RW }
}

/** A path whose links were resolved must lead where it led then. */
function openBind(
  policy: BindPolicy,
  path: string,
  readonly: boolean,
  failed: (reason: string) => EngineError,
): HostDir {
  try {
    const fs = new HostDir(path, { readonly, hide: policy.store })
    if (fs.path === path) return fs
  } catch (error) {
    if (!isErrno(error)) throw error
    throw failed(error.message.toLowerCase())
  }
  throw failed('no such file or directory')
}

function makeSource(path: string): void {
  try {
    mkdirSync(path, { recursive: true })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'ENOTDIR' || code === 'EEXIST')
      throw initFailed(`failed to fulfil mount request: open ${path}: ${wrongKind}`)
    const reason = code === 'EACCES' ? 'permission denied' : code === 'EROFS' ? 'read-only file system' : String(code)
    throw invalid(`error while creating mount source path '${path}': mkdir ${path}: ${reason}`)
  }
}

/** What a volume whose options name something else than the store's files is. */
export function deviceSource(
  policy: BindPolicy,
  name: string,
  source: VolumeSource & { kind: 'bind' | 'other' },
): { fs: FileSystem; readonly: boolean } {
  const path = volumeMountpoint(name)
  const failed = (what: string): EngineError =>
    systemError(
      `error while mounting volume '${path}': failed to mount local volume: mount ${source.device}:${path}${what}`,
    )
  if (source.kind === 'other') {
    const gone = source.device.startsWith('/') && !existsSync(source.device)
    throw failed(
      `${source.data === '' ? '' : `, data: ${source.data}`}: no such ${gone ? 'file or directory' : 'device'}`,
    )
  }
  const missing = (reason: string): EngineError => failed(`, flags: 0x1000: ${reason}`)
  if (!source.device.startsWith('/') || !existsSync(source.device)) throw missing('no such file or directory')
  return { fs: openBind(policy, checkBind(policy, source.device), source.readonly, missing), readonly: source.readonly }
}
