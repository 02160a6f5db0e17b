/** The volumes' endpoints of the API. */
import type { Filters, PruneReport } from '../../api/system.ts'
import type { Volume, VolumeCreateRequest } from '../../api/volume.ts'
import { matchLabels } from '../../container/filters.ts'
import { conflict, invalid, invalidFilter, messageOf, notFound } from '../../errors.ts'
import { matchesRegexp } from '../../util/regexp.ts'
import { parseBool } from '../../util/strconv.ts'
import { rfc3339Nano } from '../../util/time.ts'
import { checkLocalOptions } from '../../volume/local-driver.ts'
import { checkVolumeName } from '../../volume/mounts.ts'
import { type VolumeRecord, volumeMountpoint } from '../../volume/record.ts'
import type { EngineContext } from '../context.ts'
import { notManager } from '../swarm.ts'
import { noSuchVolume, readVolume, readVolumes, removeVolume, useVolume, volumeUsers } from './volumes.ts'

const acceptedFilters = ['dangling', 'driver', 'label', 'name']

function toApi(volume: VolumeRecord): Volume {
  return {
    CreatedAt: rfc3339Nano(Math.floor(volume.created / 1000) * 1000),
    Driver: volume.driver,
    Labels: volume.labels,
    Mountpoint: volumeMountpoint(volume.name),
    Name: volume.name,
    Options: volume.options && Object.fromEntries(Object.entries(volume.options).sort(([a], [b]) => (a < b ? -1 : 1))),
    Scope: 'local',
  }
}

/** Makes a volume; one of that name that is there already is given back as it is. */
export async function createVolume(ctx: EngineContext, request: VolumeCreateRequest): Promise<Volume> {
  if (request.ClusterVolumeSpec) throw notManager()
  return ctx.machine.change(live => {
    const driver = request.Driver || 'local'
    if (driver !== 'local')
      throw notFound(
        `create ${request.Name ?? ''}: error looking up volume plugin ${driver}: plugin "${driver}" not found`,
      )
    if (request.Name) checkVolumeName(request.Name)
    const name = request.Name || live.random.id()
    const known = readVolume(live.tx, name)
    // Options of a volume that is there already are not read.
    if (!known) checkLocalOptions(name, request.DriverOpts ?? {})
    if (known && known.driver !== driver)
      throw conflict(
        `a volume named "${name}" already exists with the "${known.driver}" driver. Choose a different volume name`,
      )
    const volume = useVolume(live, name, {
      anonymous: !request.Name,
      driver,
      labels: request.Labels ?? null,
      options: request.DriverOpts && Object.keys(request.DriverOpts).length > 0 ? request.DriverOpts : null,
    })
    return toApi(volume)
  })
}

export async function listVolumes(ctx: EngineContext, filters: Filters = {}): Promise<Volume[]> {
  for (const key of Object.keys(filters)) if (!acceptedFilters.includes(key)) throw invalidFilter(key)
  for (const value of filters['dangling'] ?? [])
    if (!['true', '1', 'false', '0'].includes(value)) throw invalid(`invalid filter 'dangling=[${value}]'`)
  await ctx.machine.settle()
  const any = (key: string, test: (value: string) => boolean): boolean => !filters[key] || filters[key].some(test)
  return readVolumes(ctx.store)
    .filter(
      volume =>
        any(
          'dangling',
          value => ['true', '1'].includes(value) === (volumeUsers(ctx.store, volume.name).length === 0),
        ) &&
        any('driver', value => volume.driver === value) &&
        any('name', value => matchesRegexp(volume.name, value)) &&
        matchLabels(filters['label'] ?? [], volume.labels),
    )
    .map(toApi)
}

export async function inspectVolume(ctx: EngineContext, name: string): Promise<Volume> {
  await ctx.machine.settle()
  const volume = readVolume(ctx.store, name)
  if (!volume) throw noSuchVolume(name)
  return toApi(volume)
}

/** Removes a volume that no container mounts; with `force` a missing one is no error. */
export async function removeVolumeByName(ctx: EngineContext, name: string, force = false): Promise<void> {
  await ctx.machine.change(live => {
    if (force && !readVolume(live.tx, name)) return
    removeVolume(live, name, 'must')
  })
}

function readBool(text: string): boolean {
  try {
    return parseBool(text)
  } catch (error) {
    throw invalid(`invalid filter 'all': ${messageOf(error)}`)
  }
}

/** Removes unused volumes: the anonymous ones, or with the filter `all` the named ones too. */
export async function pruneVolumes(ctx: EngineContext, filters: Filters = {}): Promise<PruneReport> {
  for (const key of Object.keys(filters)) if (!['all', 'label', 'label!'].includes(key)) throw invalidFilter(key)
  const all = filters['all']?.map(readBool).includes(true) ?? false
  return ctx.machine.change(live => {
    const report: PruneReport = { Deleted: [], SpaceReclaimed: 0 }
    for (const volume of readVolumes(live.tx)) {
      if (!all && !volume.anonymous) continue
      // What is mounted by options is not the store's to take away.
      if (volume.options) continue
      if (volumeUsers(live.tx, volume.name).length > 0) continue
      if (!matchLabels(filters['label'] ?? [], volume.labels)) continue
      if (filters['label!']?.some(label => matchLabels([label], volume.labels))) continue
      report.SpaceReclaimed += live.worlds.volumeSize(live.tx, volume.name)
      removeVolume(live, volume.name, 'must')
      report.Deleted.push(volume.name)
    }
    live.emit({ type: 'volume', action: 'prune', id: '', attributes: { reclaimed: String(report.SpaceReclaimed) } })
    return report
  })
}
