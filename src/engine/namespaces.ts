/** Who shares which namespace with whom, by the modes of `--pid`, `--ipc`, `--network` and `--cgroupns`. */
import { readIndex } from '../container/containers.ts'
import type { ContainerRecord } from '../container/record.ts'
import type { ContainerIndexEntry } from '../container/summary.ts'
import { machineFacts } from '../kernel/machine-facts.ts'
import type { StoreReader } from '../store/types.ts'
import { TreeFs } from '../vfs/tree-fs.ts'
import { hostId } from './host/id.ts'
import { runs } from './network/topology.ts'

/** The container that a namespace began with: another one, the host, or the container itself. */
export function ownerOf(mode: string, id: string): string {
  if (mode === 'host') return hostId
  return mode.startsWith('container:') ? mode.slice('container:'.length) : id
}

/** The running containers whose processes those of a container see or are seen by, and that share its memory. */
export function sharersOf(reader: StoreReader, { id, hostConfig }: ContainerRecord): string[] {
  const owner = ownerOf(hostConfig.PidMode, id)
  const sharesWith = (entry: ContainerIndexEntry): boolean =>
    owner === hostId ||
    ownerOf(entry.pidMode ?? '', entry.id) === owner ||
    ownerOf(entry.ipcMode ?? '', entry.id) === id
  return Object.values(readIndex(reader).entries)
    .filter(entry => runs(entry) && sharesWith(entry))
    .map(entry => entry.id)
}

/** A /dev/shm that several containers have. */
export interface SharedMemory {
  fs: TreeFs
  bytes: number
  /** Where in the store it is kept, and the container whose it is. */
  prefix: string
  owner: string
}

/** The host's own, with half of the machine's memory at most. */
export function hostMemory(reader: StoreReader): SharedMemory {
  const bytes = machineFacts.memory / 2
  const prefix = 'host/shm'
  const made = { type: 'tmpfs', root: { mode: 0o1777 }, limits: { bytes } }
  return { fs: TreeFs.load(reader, prefix, made) ?? new TreeFs(made), bytes, prefix, owner: hostId }
}
