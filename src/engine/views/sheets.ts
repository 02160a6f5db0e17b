/** The sheets of overlays: layers of images, and what containers wrote above them. */
import { apiMount } from '../../container/inspect.ts'
import { type ImageConfig, platformOf } from '../../image/config.ts'
import { configOf, findImage, type ImageRecord } from '../../image/images.ts'
import { readLayerIndex } from '../../image/layer-tars.ts'
import { platformText } from '../../image/platform.ts'
import { namesById } from '../../image/tags.ts'
import { chainIDs } from '../../layer/chain-id.ts'
import type { LayerEntry } from '../../layer/layer-index.ts'
import type { OverlayFs } from '../../layer/overlay.ts'
import { markerOf } from '../../layer/whiteout.ts'
import type { StoreReader } from '../../store/types.ts'
import type { EngineContext } from '../context.ts'
import { imageNameFor } from '../image/for-container.ts'
import { findForPlatform } from '../image/inspect.ts'
import { listImages } from '../image/list.ts'
import type { ImageView, LayerView, OverlayView, Sheet, SheetEntry } from '../internals.ts'

/** Throws EngineError for a container that is not there. */
export async function overlayView(ctx: EngineContext, reference: string): Promise<OverlayView> {
  return ctx.machine.change(async live => {
    const record = live.find(reference)
    const { overlay } = (await live.world(record)).files
    const image = findImage(live.tx, record.image)
    const [init] = overlay.lower.layers
    return {
      id: record.id,
      name: record.name,
      image: imageNameFor(live.tx, { image: record.image, imageName: record.config.Image }),
      state: record.state.status,
      sheets: [
        ...layerSheets(live.tx, image),
        sheetOf('init', `${record.graphId}-init`, (init?.index.entries ?? []).flatMap(readEntry)),
        sheetOf('upper', record.graphId, upperEntries(overlay)),
      ],
      mounts: record.mounts.map(mount => ({ path: apiMount(mount).Destination, type: mount.Type })),
    }
  })
}

/** Throws EngineError for an image that is not there, or not for the platform. */
export async function imageView(ctx: EngineContext, reference: string, platform?: string): Promise<ImageView> {
  const record = findForPlatform(ctx, reference, platform)
  const config = configOf(record)
  const chains = chainIDs(config.rootfs.diff_ids ?? [])
  const others = await neighbours(ctx, record.id)
  let made = 0
  return {
    id: record.id,
    names: namesById(ctx.store).get(record.id)?.tags ?? [],
    platform: platformText(platformOf(config)),
    layers: layerSheets(ctx.store, record).map((sheet, at): LayerView => {
      const blob = record.blobs?.[at]
      return {
        ...sheet,
        chainID: chains[at] ?? '',
        ...(blob && { blob: { digest: blob.digest, size: blob.size } }),
        sharedWith: others.filter(other => other.chains[at] === chains[at]).map(other => other.name),
      }
    }),
    history: (config.history ?? []).map(entry => ({
      createdBy: entry.created_by ?? '',
      ...(!entry.empty_layer && { layer: made++ }),
    })),
    config: record.config,
  }
}

/** The other images of the store, each with the chainIDs of its layers. */
async function neighbours(ctx: EngineContext, id: string): Promise<{ name: string; chains: readonly string[] }[]> {
  return (await listImages(ctx, {}))
    .filter(image => image.Id !== id)
    .map(image => ({
      name: image.RepoTags[0] ?? image.Id.slice(7, 19),
      chains: chainIDs(configOf(findImage(ctx.store, image.Id)).rootfs.diff_ids ?? []),
    }))
}

function layerSheets(reader: StoreReader, record: ImageRecord): Sheet[] {
  const { history = [], rootfs }: ImageConfig = configOf(record)
  const made = history.filter(entry => !entry.empty_layer)
  const diffs = rootfs.diff_ids ?? []
  const chains = chainIDs(diffs)
  return diffs.map((diffID, at) => ({
    ...sheetOf(
      'layer',
      (chains[at] ?? '').replace('sha256:', ''),
      readLayerIndex(reader, diffID).entries.flatMap(readEntry),
    ),
    diffID,
    createdBy: made[at]?.created_by ?? '',
  }))
}

const sheetOf = (kind: Sheet['kind'], folder: string, entries: SheetEntry[]): Sheet => ({
  kind,
  diffID: '',
  folder,
  createdBy: '',
  entries,
})

/** An entry of a layer's tar, its whiteouts read. */
function readEntry(entry: LayerEntry): SheetEntry[] {
  if (entry.path === '') return []
  const slash = entry.path.lastIndexOf('/')
  const folder = slash < 0 ? '' : `/${entry.path.slice(0, slash)}`
  const marker = markerOf(entry.path.slice(slash + 1))
  if (marker?.kind === 'ignored') return []
  if (marker?.kind === 'opaque') return [{ path: folder || '/', kind: 'opaque', size: 0 }]
  if (marker) return [{ path: `${folder}/${marker.name}`, kind: 'whiteout', size: 0 }]
  return [{ path: `/${entry.path}`, kind: kindOf(entry.type), size: entry.type === 'file' ? (entry.size ?? 0) : 0 }]
}

function kindOf(type: LayerEntry['type']): SheetEntry['kind'] {
  if (type === 'file' || type === 'link') return 'file'
  if (type === 'dir') return 'directory'
  return type === 'symlink' ? 'symlink' : 'device'
}

/** What lies in a container's upper directory. */
function upperEntries(overlay: OverlayFs): SheetEntry[] {
  const entries: SheetEntry[] = []
  const walk = (ino: number, below: number | undefined, path: string): void => {
    const node = overlay.upper.peek(ino)
    for (const name of node?.whiteouts ?? []) entries.push({ path: `${path}/${name}`, kind: 'whiteout', size: 0 })
    for (const [name, child] of node?.entries ?? []) {
      const here = `${path}/${name}`
      const size = child.type === 'file' ? overlay.upper.stat(child.ino).size : 0
      entries.push({ path: here, kind: kindOf(child.type), size })
      if (!child.entries) continue
      const lower = below === undefined ? undefined : overlay.lower.child(below, name)
      // A folder made in the place of one that was removed hides all that the layers have there.
      if (lower !== undefined && !overlay.showsLower(child.ino)) entries.push({ path: here, kind: 'opaque', size: 0 })
      walk(child.ino, overlay.showsLower(child.ino) ? lower : undefined, here)
    }
  }
  walk(overlay.root, overlay.lower.root, '')
  return entries
}
