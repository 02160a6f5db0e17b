/** What a `docker save` archive says of an image, without what differs from machine to machine: ids, times, tags. */
import { createHash } from 'node:crypto'
import { TarReader } from '../../src/layer/tar-reader.ts'

export interface ImageFacts {
  /** The config document without times and digests. */
  config: Record<string, unknown>
  /** `created_by`, with `(empty)` after it where there is no layer; the base's own entries left out. */
  history: string[]
  /** Each new layer's entries: `type mode uid:gid size path`, then the first digits of the content's sha256 or a link's target. */
  layers: string[][]
}

interface Entry {
  type: string
  mode: number
  uid: number
  gid: number
  target: string
  content: Buffer
}

function entriesOf(tar: Uint8Array): [string, Entry][] {
  const entries: [string, Entry][] = []
  const pieces: Buffer[] = []
  const finish = (): void => {
    const last = entries.at(-1)
    if (last) last[1].content = Buffer.concat(pieces)
    pieces.length = 0
  }
  const reader = new TarReader({
    entry: ({ path, type, mode, uid = 0, gid = 0, target = '' }) => {
      finish()
      entries.push([path, { type, mode, uid, gid, target, content: Buffer.alloc(0) }])
    },
    data: bytes => pieces.push(Buffer.from(bytes)),
  })
  reader.push(tar)
  reader.finish()
  finish()
  return entries
}

function entryText(path: string, { type, mode, uid, gid, target, content }: Entry): string {
  const end =
    type === 'file' ? createHash('sha256').update(content).digest('hex').slice(0, 12) : target ? `-> ${target}` : ''
  return `${type} ${mode.toString(8)} ${uid}:${gid} ${content.length} ${path} ${end}`.trimEnd()
}

interface Archive {
  document: Record<string, unknown> & {
    history: { created_by?: string; empty_layer?: boolean }[]
    rootfs: { diff_ids?: string[] }
  }
  layers: (Buffer | undefined)[]
}

function readArchive(archive: Uint8Array): Archive {
  const files = new Map(entriesOf(archive))
  const json = (path: string): unknown => JSON.parse(files.get(path)?.content.toString() ?? 'null')
  const [manifest] = json('manifest.json') as [{ Config: string; Layers: string[] }]
  return {
    document: json(manifest.Config) as Archive['document'],
    layers: manifest.Layers.map(path => files.get(path)?.content),
  }
}

/** How many layers and history entries an image has, and its lowest layer. */
export interface Base {
  lowest: string
  layers: number
  history: number
}

export function baseOf(archive: Uint8Array): Base {
  const { document, layers } = readArchive(archive)
  return {
    lowest: document.rootfs.diff_ids?.[0] ?? '',
    layers: layers.length,
    history: document.history.length,
  }
}

/** Reads the only image of an archive, without what it has of the base where it stands on it. */
export function imageFacts(archive: Uint8Array, base: Base): ImageFacts {
  const { document, layers } = readArchive(archive)
  const { history, rootfs, created: _, ...config } = document
  const based = rootfs.diff_ids?.[0] === base.lowest
  return {
    config,
    history: history
      .slice(based ? base.history : 0)
      .map(entry => `${entry.created_by}${entry.empty_layer ? ' (empty)' : ''}`),
    layers: layers.slice(based ? base.layers : 0).map(tar =>
      entriesOf(tar ?? Buffer.alloc(0))
        .map(([path, entry]) => entryText(path, entry))
        .sort(),
    ),
  }
}
