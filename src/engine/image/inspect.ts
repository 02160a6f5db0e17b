/** GET /images/{name}/json and /images/{name}/history. */
import type { ImageContainerConfig, ImageHistoryItem, ImageInspect } from '../../api/image.ts'
import { dockerRoot } from '../../container/inspect.ts'
import { notFound } from '../../errors.ts'
import { type HistoryEntry, platformOf } from '../../image/config.ts'
import { configOf, findImage, type ImageRecord } from '../../image/images.ts'
import { parsePlatform, platformFits, platformText } from '../../image/platform.ts'
import { namesById } from '../../image/tags.ts'
import { parseRfc3339, rfc3339Nano } from '../../util/time.ts'
import type { EngineContext } from '../context.ts'
import { foldersOf } from './for-container.ts'

/** Everything about one image, as Docker with the overlay2 store tells it. */
export async function inspectImage(
  ctx: EngineContext,
  reference: string,
  options: { platform?: string } = {},
): Promise<ImageInspect> {
  const record = findForPlatform(ctx, reference, options.platform)
  const config = configOf(record)
  const { tags, digests } = namesById(ctx.store).get(record.id) ?? { tags: [], digests: [] }
  const diffIDs = config.rootfs.diff_ids ?? []
  const [top, ...lower] = foldersOf(diffIDs).map(folder => `${dockerRoot}/overlay2/${folder}`)
  const comment = config.comment || (config.history?.at(-1)?.comment ?? '')
  return {
    Id: record.id,
    RepoTags: tags,
    RepoDigests: digests,
    Parent: record.parent ?? '',
    Comment: comment,
    Created: config.created ?? '',
    DockerVersion: config.docker_version ?? '',
    Author: config.author ?? '',
    Architecture: config.architecture,
    ...(config.variant && { Variant: config.variant }),
    Os: config.os,
    ...(config['os.version'] && { OsVersion: config['os.version'] }),
    Size: record.layerSizes.reduce((sum, size) => sum + size, 0),
    GraphDriver: {
      Data: top
        ? {
            ...(lower.length > 0 && { LowerDir: lower.map(folder => `${folder}/diff`).join(':') }),
            MergedDir: `${top}/merged`,
            UpperDir: `${top}/diff`,
            WorkDir: `${top}/work`,
          }
        : null,
      Name: 'overlay2',
    },
    RootFS: { Type: config.rootfs.type, ...(diffIDs.length > 0 && { Layers: diffIDs }) },
    Metadata: { LastTagTime: rfc3339Nano(record.lastTagTime ?? 0) },
    Config: apiConfig(config.config ?? {}),
  }
}

/** The config with the fields that the API always has, in the order of its JSON. */
function apiConfig(config: ImageContainerConfig): ImageContainerConfig {
  const all = {
    ...(config.ArgsEscaped && { ArgsEscaped: true }),
    Cmd: config.Cmd ?? null,
    Entrypoint: config.Entrypoint ?? null,
    Env: config.Env ?? null,
    ...(config.ExposedPorts && { ExposedPorts: sorted(config.ExposedPorts) }),
    ...(config.Healthcheck && { Healthcheck: sorted(config.Healthcheck) }),
    Labels: config.Labels ? sorted(config.Labels) : null,
    OnBuild: config.OnBuild ?? null,
    ...(config.Shell && { Shell: config.Shell }),
    ...(config.StopSignal && { StopSignal: config.StopSignal }),
    User: config.User ?? '',
    Volumes: config.Volumes ? sorted(config.Volumes) : null,
    WorkingDir: config.WorkingDir ?? '',
  }
  // The API's type says "absent" where Docker's JSON says null.
  return all as ImageContainerConfig
}

/** The same object with its keys in order, as Go writes maps. */
function sorted<T extends object>(map: T): T {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1))) as T
}

/** How an image came about, the newest step first. */
export async function imageHistory(
  ctx: EngineContext,
  reference: string,
  options: { platform?: string } = {},
): Promise<ImageHistoryItem[]> {
  const record = findForPlatform(ctx, reference, options.platform)
  const config = configOf(record)
  const names = namesById(ctx.store)
  const sizes = [...record.layerSizes]
  const history: HistoryEntry[] = config.history ?? []
  const items = history.map((entry): ImageHistoryItem => {
    const created = parseRfc3339(entry.created ?? '')
    return {
      Comment: entry.comment ?? '',
      Created: Number.isNaN(created) ? 0 : Math.floor(created / 1000),
      CreatedBy: entry.created_by ?? '',
      Id: '<missing>',
      Size: entry.empty_layer ? 0 : (sizes.shift() ?? 0),
      Tags: null,
    }
  })
  items.reverse()
  // Where an image's parents are known, their rows carry their ids.
  let at: ImageRecord | undefined = record
  for (const item of items) {
    if (!at) break
    item.Id = at.id
    item.Tags = names.get(at.id)?.tags ?? null
    at = at.parent === undefined ? undefined : findParent(ctx, at.parent)
  }
  return items
}

function findParent(ctx: EngineContext, id: string): ImageRecord | undefined {
  try {
    return findImage(ctx.store, id)
  } catch {
    return undefined
  }
}

/** @throws EngineError 'notFound' when the image is there for another platform */
export function findForPlatform(ctx: EngineContext, reference: string, platform: string | undefined): ImageRecord {
  const record = findImage(ctx.store, reference)
  if (!platform) return record
  const wanted = parsePlatform(platform)
  const own = platformOf(configOf(record))
  if (platformFits(own, wanted)) return record
  throw notFound(
    `image with reference ${reference} was found but its platform (${platformText(own)}) does not match the specified platform (${platformText(wanted)})`,
  )
}
