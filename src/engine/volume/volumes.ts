/** Volumes of the store, as the engine's verbs use them. */

import { readIndex } from '../../container/containers.ts'
import { conflict, type EngineError, notFound } from '../../errors.ts'
import { readWhole } from '../../store/damaged.ts'
import type { StoreReader } from '../../store/types.ts'
import type { VolumeRecord } from '../../volume/record.ts'
import type { Live } from '../live.ts'

export const volumeFolder = (name: string): string => `volumes/${name}`
const volumePath = (name: string): string => `${volumeFolder(name)}/volume.json`

export const noSuchVolume = (name: string): EngineError => notFound(`get ${name}: no such volume`)

export function readVolume(reader: StoreReader, name: string): VolumeRecord | undefined {
  return reader.read<VolumeRecord>(volumePath(name))
}

export function readVolumes(reader: StoreReader): VolumeRecord[] {
  return reader.list('volumes').flatMap(name => readWhole<VolumeRecord>(reader, volumePath(name)) ?? [])
}

export function saveVolume(live: Live, volume: VolumeRecord): void {
  live.tx.put(volumePath(volume.name), volume)
}

/** The volume of that name, made when there is none. */
export function useVolume(
  live: Live,
  name: string,
  options: {
    anonymous: boolean
    driver: string
    labels: Record<string, string> | null
    options: Record<string, string> | null
  },
): VolumeRecord {
  const known = readVolume(live.tx, name)
  if (known) return known
  const labels = options.anonymous ? { ...options.labels, 'com.docker.volume.anonymous': '' } : options.labels
  const volume: VolumeRecord = {
    v: 1,
    name,
    created: live.time,
    driver: options.driver,
    labels,
    options: options.options,
    anonymous: options.anonymous,
  }
  saveVolume(live, volume)
  live.emit({ type: 'volume', action: 'create', id: name, attributes: { driver: volume.driver } })
  return volume
}

/** Ids of the containers that mount a volume. */
export function volumeUsers(reader: StoreReader, name: string): string[] {
  return Object.values(readIndex(reader).entries).flatMap(entry =>
    entry.mounts.some(mount => mount.Type === 'volume' && mount.Name === name) ? [entry.id] : [],
  )
}

/** Whether a running container other than this one mounts a volume. */
export function isMountedByOthers(reader: StoreReader, name: string, container: string): boolean {
  const { entries } = readIndex(reader)
  return volumeUsers(reader, name).some(
    id => id !== container && ['running', 'paused'].includes(entries[id]?.state.status ?? ''),
  )
}

/** Removes a volume. One that a container mounts is an error, or left alone with `unused`. */
export function removeVolume(live: Live, name: string, when: 'must' | 'unused'): void {
  const volume = readVolume(live.tx, name)
  if (!volume) {
    if (when === 'unused') return
    throw noSuchVolume(name)
  }
  const users = volumeUsers(live.tx, name)
  if (users.length > 0) {
    if (when === 'unused') return
    throw conflict(`remove ${name}: volume is in use - [${users.join(', ')}]`)
  }
  live.tx.remove(volumeFolder(name))
  live.emit({ type: 'volume', action: 'destroy', id: name, attributes: { driver: volume.driver } })
}
