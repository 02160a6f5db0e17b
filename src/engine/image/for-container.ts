/** What containers need to know of images. */
import type { ImageContainerConfig } from '../../api/image.ts'
import type { ContainerIndexEntry } from '../../container/summary.ts'
import { EngineError } from '../../errors.ts'
import { platformOf } from '../../image/config.ts'
import { configOf, findImage, imageOfContainer, imageRows, resolveImage } from '../../image/images.ts'
import { parsePlatform, platformFits, platformText } from '../../image/platform.ts'
import { familiarString, parseReference, withDefaultTag } from '../../image/reference.ts'
import { chainIDs } from '../../layer/chain-id.ts'
import type { StoreReader } from '../../store/types.ts'

/** What a new container takes from its image. */
export interface ImageForContainer {
  id: string
  config: ImageContainerConfig
  /** Bytes of all layers. */
  size: number
  /** As `docker inspect` of the container says it: `linux`. */
  platform: string
}

/**
 * The image that `docker create REFERENCE` means.
 * @param platform  as the user wrote it; the image must be for it
 * @throws EngineError 'notFound' `No such image: …`, also when it is there for another platform only
 */
export function imageForContainer(
  reader: StoreReader,
  reference: string,
  platform: string | undefined,
): ImageForContainer {
  const record = findImage(reader, reference)
  const config = configOf(record)
  if (platform) {
    const wanted = parsePlatform(platform)
    const own = platformOf(config)
    if (!platformFits(own, wanted)) {
      const name = nameOf(reference)
      throw new EngineError(
        'notFound',
        `image with reference ${name} was found but its platform (${platformText(own)}) does not match the specified platform (${platformText(wanted)})`,
        { missing: 'image' },
      )
    }
  }
  const size = record.layerSizes.reduce((sum, bytes) => sum + bytes, 0)
  return { id: record.id, config: config.config ?? {}, size, platform: config.os }
}

function nameOf(reference: string): string {
  try {
    return familiarString(withDefaultTag(parseReference(reference)))
  } catch {
    return reference
  }
}

/** The name that `docker ps` shows: the container's own while it still means its image, else the image's short id. */
export function imageNameFor(reader: StoreReader, entry: Pick<ContainerIndexEntry, 'image' | 'imageName'>): string {
  try {
    if (resolveImage(reader, entry.imageName) === entry.image) return entry.imageName
  } catch {
    // The name means nothing any more.
  }
  return entry.image.slice('sha256:'.length, 'sha256:'.length + 12)
}

/** Ids of the images that `ps --filter ancestor=REFERENCE` stands for: the image and those committed from it. */
export function ancestorsOf(reader: StoreReader, reference: string): ReadonlySet<string> {
  const found = new Set<string>()
  try {
    found.add(resolveImage(reader, reference))
  } catch (error) {
    if (error instanceof EngineError) return found
    throw error
  }
  const rows = imageRows(reader)
  for (let before = -1; before !== found.size; ) {
    before = found.size
    for (const row of rows) if (row.parent !== undefined && found.has(row.parent)) found.add(row.id)
  }
  return found
}

/** The names of the overlay2 folders of an image's layers, top first, as `inspect` shows them. */
export function layerFolders(reader: StoreReader, image: string): string[] {
  const row = imageOfContainer(reader, image)
  return row ? foldersOf(row.diffIDs) : []
}

/** Folder names of a stack of layers, top first. */
export function foldersOf(diffIDs: readonly string[]): string[] {
  return chainIDs(diffIDs)
    .map(id => id.slice(id.indexOf(':') + 1))
    .reverse()
}

/** diffIDs of the layers under a container's files, lowest first. */
export function layersOfContainer(reader: StoreReader, image: string): readonly string[] {
  const row = imageOfContainer(reader, image)
  if (!row)
    throw new EngineError('dataLoss', `the image ${image} is missing from the store: run 'minidock system check'`)
  return row.diffIDs
}
