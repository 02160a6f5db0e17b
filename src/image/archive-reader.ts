/**
 * Reads image archives: those of `docker save` from version 1.10 on, and OCI layouts.
 * The tar is read once from front to back; what comes in which order does not matter.
 */
import { type EngineError, invalid } from '../errors.ts'
import { cleanPath } from '../layer/layer-indexer.ts'
import type { TarHeader } from '../layer/tar-header.ts'
import type { TarHandler } from '../layer/tar-reader.ts'
import { sha256 } from './config.ts'
import { isIndex } from './manifest.ts'
import { hostPlatform, type Platform, platformFits } from './platform.ts'

/** Takes the bytes of a large file in. */
export interface FileSink {
  write(bytes: Uint8Array): void
  /** Keeps them; `digest` is their sha256. */
  commit(): { digest: string }
  abort(): void
}

/** A file of an archive: in memory, or kept by a sink under its digest. */
export interface ArchivedFile {
  digest: string
  size: number
  bytes?: Uint8Array
}

/** An image of an archive, its layers not yet read. */
export interface ArchivedImage {
  /** The config document's text. */
  config: string
  /** Lowest first. */
  layers: ArchivedFile[]
  /** As written: `busybox:latest`. */
  tags: string[]
}

/** Files up to this size stay in memory, as long as all of them together do not exceed `MEMORY_MAX`. */
const SMALL = 1 << 20
const MEMORY_MAX = 64 << 20
const MAX_LINKS = 40

/** The files of an archive as it comes in; give it to a `TarReader`. */
export class ArchiveFiles implements TarHandler {
  private readonly open: () => FileSink
  private readonly files = new Map<string, ArchivedFile>()
  private readonly links = new Map<string, string>()
  private current: { path: string; size: number; parts: Uint8Array[]; sink?: FileSink } | undefined
  private memory = 0

  constructor(open: () => FileSink) {
    this.open = open
  }

  entry(header: TarHeader): void {
    this.close()
    const path = cleanPath(header.path)
    if (path === undefined || path === '') return
    if (header.type === 'symlink') this.links.set(path, `${path.slice(0, path.lastIndexOf('/') + 1)}${header.target}`)
    else if (header.type === 'link') this.links.set(path, header.target ?? '')
    else if (header.type === 'file') {
      const size = header.size ?? 0
      const large = size > SMALL || this.memory + size > MEMORY_MAX
      this.current = { path, size, parts: [], ...(large && { sink: this.open() }) }
    }
  }

  data(bytes: Uint8Array): void {
    if (this.current?.sink) this.current.sink.write(bytes)
    else this.current?.parts.push(bytes.slice())
  }

  /** The archive is at its end. */
  finish(): void {
    this.close()
  }

  /** Gives up what is under way. */
  abort(): void {
    this.current?.sink?.abort()
    this.current = undefined
  }

  /** The file at a path, symlinks followed. */
  get(path: string): ArchivedFile | undefined {
    let at = cleanPath(path)
    for (let followed = 0; at !== undefined && followed < MAX_LINKS; followed++) {
      const file = this.files.get(at)
      if (file) return file
      const target = this.links.get(at)
      at = target === undefined ? undefined : cleanPath(target)
    }
    return undefined
  }

  /** Every file that a sink keeps. */
  kept(): string[] {
    return [...this.files.values()].flatMap(file => (file.bytes ? [] : [file.digest]))
  }

  private close(): void {
    const { current } = this
    this.current = undefined
    if (!current) return
    if (current.sink) {
      this.files.set(current.path, { digest: current.sink.commit().digest, size: current.size })
      return
    }
    const bytes = Buffer.concat(current.parts)
    this.memory += bytes.length
    this.files.set(current.path, { digest: sha256(bytes), size: bytes.length, bytes })
  }
}

/**
 * The images of an archive.
 * @param folder  the name that errors give to the place where Docker would have unpacked it
 * @throws EngineError 'invalid' for what is no archive of images
 */
export async function imagesOf(files: ArchiveFiles, folder: string, platform?: Platform): Promise<ArchivedImage[]> {
  const list = files.get('manifest.json')
  if (list) return fromDockerArchive(files, textOf(list), folder)
  if (files.get('oci-layout') && files.get('index.json')) return fromLayout(files, folder, platform ?? hostPlatform)
  need(files, 'repositories', folder)
  throw invalid('the archive was made by a Docker older than 1.10: load and save it with a newer one first')
}

async function fromDockerArchive(files: ArchiveFiles, list: string, folder: string): Promise<ArchivedImage[]> {
  const { parseArchiveManifest } = await import('./foreign.ts')
  return parseArchiveManifest(list).map(({ Config, Layers, RepoTags }) => ({
    config: textOf(need(files, Config, folder)),
    layers: (Layers ?? []).map(path => need(files, path, folder)),
    tags: RepoTags ?? [],
  }))
}

async function fromLayout(files: ArchiveFiles, folder: string, platform: Platform): Promise<ArchivedImage[]> {
  const { parseIndex, parseManifestOrIndex } = await import('./foreign.ts')
  const blob = (digest: string): ArchivedFile => need(files, `blobs/${digest.replace(':', '/')}`, folder)
  const images = new Map<string, ArchivedImage>()
  const visit = (digest: string, tags: string[], depth: number): void => {
    const document = parseManifestOrIndex(textOf(checked(blob(digest), digest)))
    if ('index' in document) {
      if (depth > 4) throw invalid('too many levels of indexes')
      const fits = document.index.manifests.filter(({ platform: own }) => !own || platformFits(own, platform))
      for (const child of fits.slice(0, 1)) visit(child.digest, tags, depth + 1)
      return
    }
    const { config, layers } = document.manifest
    const known = images.get(config.digest)
    if (known) known.tags.push(...tags.filter(tag => !known.tags.includes(tag)))
    else {
      const text = textOf(checked(blob(config.digest), config.digest))
      images.set(config.digest, {
        config: text,
        layers: layers.map(layer => checked(blob(layer.digest), layer.digest)),
        tags,
      })
    }
  }
  const index = files.get('index.json')
  for (const { digest, annotations, mediaType } of parseIndex(index ? textOf(index) : '').manifests) {
    if (!isIndex(mediaType) && !mediaType.includes('manifest')) continue
    const name = annotations?.['io.containerd.image.name'] ?? ''
    visit(digest, name === '' ? [] : [name], 0)
  }
  return [...images.values()]
}

function need(files: ArchiveFiles, path: string, folder: string): ArchivedFile {
  const file = files.get(path)
  if (file) return file
  throw missing(path, folder)
}

const missing = (path: string, folder: string): EngineError =>
  invalid(`open ${folder}/${cleanPath(path) ?? path}: no such file or directory`)

/** Refuses a blob that is not what its name says. */
function checked(file: ArchivedFile, digest: string): ArchivedFile {
  if (file.digest !== digest) throw invalid(`content digest ${file.digest} does not match ${digest}`)
  return file
}

function textOf(file: ArchivedFile): string {
  if (!file.bytes) throw invalid('document too large')
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(file.bytes)
  } catch {
    throw invalid('invalid character in a JSON document')
  }
}
