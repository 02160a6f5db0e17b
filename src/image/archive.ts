/**
 * Image archives as `docker save` of version 28 writes them: an OCI layout with Docker's own manifest.json and
 * repositories beside it, layers as plain tars, and for old Dockers a v1 document a layer. The same images give the
 * same bytes.
 */
import type { ImageContainerConfig } from '../api/image.ts'
import { chainID } from '../layer/chain-id.ts'
import { type TarEntry, writeTar } from '../layer/tar-writer.ts'
import { parseRfc3339 } from '../util/time.ts'
import { diffIDs, fullContainerConfig, goJson, type ImageConfig, sha256 } from './config.ts'
import { type Descriptor, encodeManifest, ociConfig, ociIndex, ociLayer, ociManifest } from './manifest.ts'
import { familiarName, familiarString, fullString, type Reference } from './reference.ts'

/** An image to write, with the names it is to have when it is loaded. */
export interface ArchiveImage {
  id: string
  /** The config document's exact text. */
  config: string
  /** References with tags, sorted. */
  tags: readonly Reference[]
}

/** A layer's tar: its size, and its bytes when they are asked for. */
export interface LayerTar {
  size: number
  bytes(): Iterable<Uint8Array>
}

/** A file of the archive. `mtime` in seconds. */
interface ArchiveFile {
  size: number
  mtime: number
  bytes(): Iterable<Uint8Array>
}

/** The bytes of an archive of images, in the order given. Layers that several have are written once. */
export function* writeArchive(
  images: readonly ArchiveImage[],
  layer: (diffID: string) => LayerTar,
): Generator<Uint8Array, void> {
  const { files, lastLayer } = archiveFiles(images, layer)
  yield* writeTar(entries(files, createdOf(images.at(-1)), lastLayer))
}

/** The folders have the times that Docker leaves them: of the last image, and of the last that brought a layer. */
function* entries(
  files: ReadonlyMap<string, ArchiveFile>,
  lastImage: number,
  lastLayer: number,
): Generator<TarEntry, void> {
  yield { header: { path: 'blobs', type: 'dir', mode: 0o755, mtime: lastImage } }
  yield { header: { path: 'blobs/sha256', type: 'dir', mode: 0o755, mtime: lastLayer } }
  for (const path of [...files.keys()].sort()) {
    const file = files.get(path)
    if (!file) continue
    yield { header: { path, type: 'file', mode: 0o644, mtime: file.mtime, size: file.size }, content: file.bytes() }
  }
}

function archiveFiles(
  images: readonly ArchiveImage[],
  layer: (diffID: string) => LayerTar,
): { files: Map<string, ArchiveFile>; lastLayer: number } {
  const files = new Map<string, ArchiveFile>()
  const add = (path: string, file: ArchiveFile): void => void (files.has(path) || files.set(path, file))
  const addText = (path: string, text: string, mtime: number): void => {
    const bytes = Buffer.from(text)
    add(path, { size: bytes.length, mtime, bytes: () => [bytes] })
  }
  const manifests: Descriptor[] = []
  const repositories: Record<string, Record<string, string>> = Object.create(null)
  const list: object[] = []
  let lastLayer = 0
  for (const image of images) {
    const config = JSON.parse(image.config) as ImageConfig
    const created = createdOf(image)
    const ids = diffIDs(config)
    const layers = ids.map((digest): Descriptor => {
      const tar = layer(digest)
      if (!files.has(blobPath(digest))) lastLayer = created
      add(blobPath(digest), { size: tar.size, mtime: created, bytes: () => tar.bytes() })
      return { mediaType: ociLayer, digest, size: tar.size }
    })
    for (const text of legacyDocuments(config)) addText(blobPath(sha256(text)), text, created)
    addText(blobPath(image.id), image.config, created)
    const configDescriptor = { mediaType: ociConfig, digest: image.id, size: Buffer.byteLength(image.config) }
    const manifest = encodeManifest(configDescriptor, layers)
    addText(blobPath(sha256(manifest)), manifest, 0)
    const descriptor = { mediaType: ociManifest, digest: sha256(manifest), size: Buffer.byteLength(manifest) }
    for (const tag of image.tags) {
      const name = familiarName(tag)
      repositories[name] ??= Object.create(null) as Record<string, string>
      const top = ids.at(-1)
      if (top !== undefined) repositories[name][tag.tag ?? 'latest'] = hexOf(top)
      manifests.push({
        ...descriptor,
        annotations: {
          'io.containerd.image.name': fullString(tag),
          'org.opencontainers.image.ref.name': tag.tag ?? 'latest',
        },
      })
    }
    if (image.tags.length === 0) manifests.push(descriptor)
    list.push({
      Config: blobPath(image.id),
      RepoTags: image.tags.length > 0 ? image.tags.map(familiarString) : null,
      Layers: ids.map(blobPath),
      LayerSources: sortedByKey(
        Object.fromEntries(layers.map(({ mediaType, digest, size }) => [digest, { mediaType, size, digest }])),
      ),
    })
  }
  addText('index.json', JSON.stringify({ schemaVersion: 2, mediaType: ociIndex, manifests }), 0)
  addText('manifest.json', `${JSON.stringify(list)}\n`, 0)
  addText('oci-layout', '{"imageLayoutVersion": "1.0.0"}', 0)
  if (Object.keys(repositories).length > 0) {
    const sorted = sortedByKey(repositories)
    for (const [name, tags] of Object.entries(sorted)) sorted[name] = sortedByKey(tags)
    addText('repositories', `${JSON.stringify(sorted)}\n`, 0)
  }
  return { files, lastLayer }
}

const hexOf = (digest: string): string => digest.slice('sha256:'.length)
const blobPath = (digest: string): string => `blobs/sha256/${hexOf(digest)}`

function sortedByKey<T>(map: Record<string, T>): Record<string, T> {
  const sorted: Record<string, T> = Object.create(null)
  for (const key of Object.keys(map).sort()) sorted[key] = map[key] as T
  return sorted
}

function createdOf(image: ArchiveImage | undefined): number {
  if (!image) return 0
  const { config } = image
  const time = parseRfc3339((JSON.parse(config) as ImageConfig).created ?? '')
  return Number.isFinite(time) && time > 0 ? Math.floor(time / 1000) : 0
}

/** One document a layer for Dockers before 1.10: only the top one says more than its parent (moby tarexport). */
function legacyDocuments(config: ImageConfig): string[] {
  const ids = diffIDs(config)
  const out: string[] = []
  let parent: string | undefined
  for (const index of ids.keys()) {
    const image = index === ids.length - 1 ? topDocument(config) : emptyDocument()
    const id = legacyId(image, chainID(ids.slice(0, index + 1)), parent)
    out.push(goJson({ id: hexOf(id), ...(parent && { parent: hexOf(parent) }), ...image, os: config.os }))
    parent = id
  }
  return out
}

const emptyDocument = (): Record<string, unknown> => ({
  created: '1970-01-01T00:00:00Z',
  container_config: fullContainerConfig({}),
})

function topDocument(config: ImageConfig): Record<string, unknown> {
  const full = (part: ImageContainerConfig | undefined): object => fullContainerConfig(part ?? {})
  return {
    ...(config.comment && { comment: config.comment }),
    created: config.created ?? '0001-01-01T00:00:00Z',
    ...(config.container && { container: config.container }),
    container_config: full(config.container_config),
    ...(config.docker_version && { docker_version: config.docker_version }),
    ...(config.author && { author: config.author }),
    ...(config.config && { config: full(config.config) }),
    ...(config.architecture && { architecture: config.architecture }),
    ...(config.variant && { variant: config.variant }),
    ...(config.os && { os: config.os }),
  }
}

/** The id of a v1 document: its keys sorted, with the layer's chainID and the parent's id (moby image/v1 CreateID). */
function legacyId(image: Record<string, unknown>, chain: string, parent: string | undefined): string {
  return sha256(goJson(sortedByKey({ ...image, layer_id: chain, ...(parent && { parent }) })))
}
