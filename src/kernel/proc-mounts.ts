/** /proc/N/mounts and mountinfo. */
import type { RootFs } from '../vfs/rootfs.ts'
import { fromName } from './bytes.ts'

const mountOptions = (mount: ReturnType<RootFs['mounts']>[number]): string =>
  [mount.readonly ? 'ro' : 'rw', ...mount.flags].join(',')

/** The text of /proc/N/mounts. */
export function mountLines(rootfs: RootFs): string {
  return rootfs
    .mounts()
    .map(mount => `${mount.source} ${fromName(mount.path)} ${mount.fs.type} ${mountOptions(mount)} 0 0\n`)
    .join('')
}

/** The text of /proc/N/mountinfo. */
export function mountInfo(rootfs: RootFs): string {
  return rootfs
    .mounts()
    .map(
      mount =>
        `${500 + mount.id} ${mount.id === 1 ? 499 : 501} 0:${60 + mount.id} / ${fromName(mount.path)} ${mountOptions(mount)} - ${mount.fs.type} ${mount.source} ${mount.readonly ? 'ro' : 'rw'}\n`,
    )
    .join('')
}
