/** Putting a damaged store right: what cannot be used is set aside, what is derived is made anew. */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  type ContainerIndex,
  indexPath,
  processesPath,
  readIndex,
  rebuildIndex,
  recordPath,
} from '../../container/containers.ts'
import type { ContainerRecord } from '../../container/record.ts'
import { sealEvents } from '../../events/event-log.ts'
import {
  type ImageIndex,
  type ImageRecord,
  imageIndexPath,
  imagePath,
  imageRows,
  rebuildImageIndex,
} from '../../image/images.ts'
import { parseReference } from '../../image/reference.ts'
import { allTags, removeTag } from '../../image/tags.ts'
import { validateImage } from '../../image/validate.ts'
import { networkPath, readNetworks, saveNetwork } from '../../network/networks.ts'
import { initialNetworks } from '../../network/record.ts'
import { hostError } from '../../store/atomic.ts'
import type { Transaction } from '../../store/types.ts'
import { systemRandom } from '../../util/random.ts'
import type { VolumeRecord } from '../../volume/record.ts'
import { readVolume, volumeFolder } from '../volume/volumes.ts'

/**
 * Moves a damaged document into `damaged/`, under its own path. Those of a container or volume go with all that
 * belongs to it, except for a container's processes: without them it has simply ended.
 */
export function setAside(root: string, path: string): void {
  const [top = '', name = '', file = ''] = path.split('/')
  const whole = (top === 'containers' && file !== 'proc.json') || (top === 'volumes' && file !== '')
  const from = whole ? `${top}/${name}` : path
  let to = join(root, 'damaged', from)
  for (let n = 2; existsSync(to); n++) to = join(root, 'damaged', `${from}.${n}`)
  try {
    if (!existsSync(join(root, from))) return
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
    renameSync(join(root, from), to)
  } catch (error) {
    throw hostError(error, 'rename', join(root, from))
  }
}

/** Removes what interrupted commands have left. */
export function removeLeftovers(root: string, leftovers: readonly { path: string }[]): void {
  for (const { path } of leftovers) {
    const [top = '', name = ''] = path.split('/')
    const folder = ['containers', 'volumes', 'trash'].includes(top) && !/\.tmp-/.test(path.split('/').at(-1) ?? '')
    try {
      rmSync(join(root, folder ? `${top}/${name}` : path), { recursive: true, force: true })
    } catch (error) {
      throw hostError(error, 'remove', join(root, path))
    }
  }
}

/** Makes the documents fit together again, after damaged ones are out of the way. */
export async function repairLinks(tx: Transaction, now: number): Promise<void> {
  await dropBrokenImages(tx)
  rebuildImages(tx)
  const known = new Set(imageRows(tx).map(row => row.id))
  for (const { reference, id } of allTags(tx)) if (!known.has(id)) removeTag(tx, parseReference(reference))
  rebuildContainers(tx, now)
  repairNetworks(tx, now)
  sealEvents(tx)
}

/** The index of images anew; images that were detached from their names stay so. */
function rebuildImages(tx: Transaction): void {
  const before = tx.read<ImageIndex>(imageIndexPath)?.detached ?? {}
  const { entries } = rebuildImageIndex(tx)
  const isDetached = (id: string): boolean => Object.hasOwn(before, id)
  const part = (detached: boolean): ImageIndex['entries'] =>
    Object.fromEntries(Object.entries(entries).filter(([id]) => isDetached(id) === detached))
  tx.put(imageIndexPath, { v: 1, entries: part(false), detached: part(true) } satisfies ImageIndex)
}

/** Images that are not what their id says, or lack a layer, go, so that they can be pulled again. */
async function dropBrokenImages(tx: Transaction): Promise<void> {
  for (const file of tx.list('images')) {
    const id = `sha256:${file.replace(/\.json$/, '')}`
    const record = tx.read<ImageRecord>(imagePath(id))
    const problems = record ? await validateImage(tx, id) : []
    if (problems.some(({ message }) => !message.startsWith('the index of images'))) tx.remove(imagePath(id))
  }
}

function rebuildContainers(tx: Transaction, now: number): void {
  for (const id of tx.list('containers')) {
    const record = tx.read<ContainerRecord>(recordPath(id))
    if (record) restoreVolumes(tx, record, now)
    if (!record || !['running', 'paused', 'restarting'].includes(record.state.status)) continue
    const files = tx.read(imagePath(record.image)) !== undefined
    const processes = tx.read(processesPath(id)) !== undefined || record.state.status === 'restarting'
    if (files && processes) continue
    // As Docker says it of a container whose process is gone after a crash of the daemon.
    record.state = { ...record.state, status: 'exited', exitCode: 255, pid: 0, finishedAt: now }
    tx.remove(processesPath(id))
    tx.put(recordPath(id), record)
  }
  const { removed, next } = readIndex(tx)
  const fresh = rebuildIndex(tx)
  const index: ContainerIndex = { ...fresh, removed, next: Math.max(fresh.next, next) }
  tx.put(indexPath, index)
}

/** Volumes that a container mounts and that are lost are there again, empty. */
function restoreVolumes(tx: Transaction, record: ContainerRecord, now: number): void {
  for (const { Type, Name: name, Driver, anonymous } of record.mounts) {
    if (Type !== 'volume' || !name || readVolume(tx, name)) continue
    const base = { v: 1, name, created: now, driver: Driver ?? 'local', labels: null, options: null } as const
    tx.put(`${volumeFolder(name)}/volume.json`, {
      ...base,
      anonymous: anonymous ?? false,
    } satisfies VolumeRecord)
  }
}

function repairNetworks(tx: Transaction, now: number): void {
  const all = readNetworks(tx)
  // A store that nobody has written to has none.
  if (all.length === 0 && Object.keys(readIndex(tx).entries).length === 0) return
  for (const network of all) {
    const live = Object.entries(network.endpoints).filter(([id]) => tx.read<ContainerRecord>(recordPath(id))?.state.pid)
    if (live.length === Object.keys(network.endpoints).length) continue
    tx.put(networkPath(network.id), { ...network, endpoints: Object.fromEntries(live) })
  }
  const random = systemRandom()
  for (const fresh of initialNetworks(now, [random.id(), random.id(), random.id()]))
    if (!all.some(network => network.name === fresh.name)) saveNetwork(tx, fresh)
}
