/**
 * The images of a store (moby's image store): one record an image, named by the digest of its config, and an
 * index of what listings need.
 */
import { EngineError } from '../errors.ts'
import { chainIDs } from '../layer/chain-id.ts'
import { layerPath } from '../layer/layer-index.ts'
import { orInstead, readWhole } from '../store/damaged.ts'
import type { StoreReader, Transaction } from '../store/types.ts'
import { parseRfc3339 } from '../util/time.ts'
import { diffIDs, type ImageConfig, sha256 } from './config.ts'
import type { Descriptor } from './manifest.ts'
import { familiarString, parseAnyReference, type Reference, withDefaultTag } from './reference.ts'
import { lookupTag } from './tags.ts'

export interface ImageRecord {
  v: 1
  /** `sha256:<hex>` of `config`. */
  id: string
  /** The config document exactly as it came. */
  config: string
  /** Bytes that each layer adds, lowest first. */
  layerSizes: number[]
  /** The image that a commit or a classic build started from. */
  parent?: string
  /** ms since the epoch when it was last tagged here. */
  lastTagTime?: number
  /** The compressed layers in the registry that they came from, lowest first. */
  blobs?: Descriptor[]
}

export interface ImageIndexRow {
  id: string
  /** ms since the epoch; 0 when the config does not say. */
  created: number
  size: number
  diffIDs: readonly string[]
  parent?: string
  labels?: Record<string, string>
}

export interface ImageIndex {
  v: 1
  entries: Record<string, ImageIndexRow>
  /** Images that were removed by force while a container was using them: their records stay for its sake. */
  detached?: Record<string, ImageIndexRow>
}

export const imageIndexPath = 'index/images.json'
export const imagePath = (id: string): string => `images/${hexOf(id)}.json`
const hexOf = (id: string): string => id.slice(id.indexOf(':') + 1)

function readIndex(reader: StoreReader): ImageIndex {
  return orInstead(
    reader,
    () => reader.read<ImageIndex>(imageIndexPath) ?? rebuildImageIndex(reader),
    () => rebuildImageIndex(reader),
  )
}

/** The index made anew from the records, and stored when `reader` is a transaction. Damaged records are left out. */
export function rebuildImageIndex(reader: StoreReader): ImageIndex {
  const index: ImageIndex = { v: 1, entries: {} }
  for (const file of reader.list('images')) {
    const record = readWhole<ImageRecord>(reader, `images/${file}`)
    if (record) index.entries[record.id] = rowOf(record)
  }
  if ('put' in reader) (reader as Transaction).put(imageIndexPath, index)
  return index
}

function rowOf(image: Omit<ImageRecord, 'v'>): ImageIndexRow {
  const config = JSON.parse(image.config) as ImageConfig
  const labels = config.config?.Labels
  return {
    id: image.id,
    created: createdOf(config),
    size: image.layerSizes.reduce((sum, size) => sum + size, 0),
    diffIDs: diffIDs(config),
    ...(image.parent && { parent: image.parent }),
    ...(labels && Object.keys(labels).length > 0 && { labels }),
  }
}

/** A row for each image, in no particular order. */
export function imageRows(reader: StoreReader): ImageIndexRow[] {
  return Object.values(readIndex(reader).entries)
}

/** The row of an image; undefined when there is none. */
export function imageRow(reader: StoreReader, id: string): ImageIndexRow | undefined {
  const { entries } = readIndex(reader)
  return Object.hasOwn(entries, id) ? entries[id] : undefined
}

/** The record with a whole id; undefined when there is none. */
export function readImage(reader: StoreReader, id: string): ImageRecord | undefined {
  return imageRow(reader, id) && reader.read<ImageRecord>(imagePath(id))
}

/** The config of a record, parsed. */
export function configOf(record: ImageRecord): ImageConfig {
  return JSON.parse(record.config) as ImageConfig
}

/**
 * Stores an image; its layers must be stored in the same transaction or before.
 * @param image.config  the config document's exact text
 * @returns the image's id, and whether it is new here
 */
export function addImage(
  tx: Transaction,
  image: { config: string; layerSizes: number[]; parent?: string; blobs?: Descriptor[] },
): { id: string; isNew: boolean } {
  const id = sha256(image.config)
  const index = readIndex(tx)
  if (Object.hasOwn(index.entries, id)) return { id, isNew: false }
  if (index.detached) delete index.detached[id]
  index.entries[id] = rowOf({ id, ...image })
  const record: ImageRecord = { v: 1, id, ...image }
  tx.put(imagePath(id), record)
  tx.put(imageIndexPath, index)
  return { id, isNew: true }
}

function createdOf(config: ImageConfig): number {
  const time = parseRfc3339(config.created ?? '')
  return Number.isNaN(time) ? 0 : time
}

/** Bytes of every stack of layers of the store's images, by chainID: each layer in its place counts once. */
export function chainSizes(reader: StoreReader): { sizes: Map<string, number>; users: Map<string, number> } {
  const sizes = new Map<string, number>()
  const users = new Map<string, number>()
  for (const { id, diffIDs: ids } of imageRows(reader)) {
    const layerSizes = readImage(reader, id)?.layerSizes ?? []
    for (const [position, chain] of chainIDs(ids).entries()) {
      sizes.set(chain, layerSizes[position] ?? 0)
      users.set(chain, (users.get(chain) ?? 0) + 1)
    }
  }
  return { sizes, users }
}

/** Notes that an image was tagged. `now`: ms since the epoch. */
export function touchImage(tx: Transaction, id: string, now: number): void {
  const record = readImage(tx, id)
  if (record) tx.put(imagePath(id), { ...record, lastTagTime: now })
}

/**
 * Removes an image's row and record. Layers stay: see `unusedLayers`.
 * @param inUse  a container needs it still: it is no longer listed or found, but `imageOfContainer` knows it
 */
export function dropImage(tx: Transaction, id: string, inUse = false): void {
  const index = readIndex(tx)
  const row = index.entries[id]
  delete index.entries[id]
  if (inUse && row) index.detached = { ...index.detached, [id]: row }
  else tx.remove(imagePath(id))
  tx.put(imageIndexPath, index)
}

/** The row of the image that a container was made from, also after it was removed by force. */
export function imageOfContainer(reader: StoreReader, id: string): ImageIndexRow | undefined {
  const { entries, detached = {} } = readIndex(reader)
  if (Object.hasOwn(entries, id)) return entries[id]
  return Object.hasOwn(detached, id) ? detached[id] : undefined
}

/** Forgets images that were removed while in use and are used no more; returns their layers. */
export function sweepDetached(tx: Transaction, used: ReadonlySet<string>): string[] {
  const index = readIndex(tx)
  const gone = Object.values(index.detached ?? {}).filter(row => !used.has(row.id))
  if (gone.length === 0) return []
  for (const { id } of gone) {
    delete index.detached?.[id]
    if (!Object.hasOwn(index.entries, id)) tx.remove(imagePath(id))
  }
  tx.put(imageIndexPath, index)
  return gone.flatMap(row => row.diffIDs)
}

/** Which of these layers no image of the store has and `kept` does not name. */
export function unusedLayers(reader: StoreReader, candidates: readonly string[], kept: ReadonlySet<string>): string[] {
  const { entries, detached = {} } = readIndex(reader)
  const used = new Set([...Object.values(entries), ...Object.values(detached)].flatMap(row => row.diffIDs))
  return candidates.filter(diffID => !used.has(diffID) && !kept.has(diffID))
}

/** Whether a layer is in the store. */
export function hasLayer(reader: StoreReader, diffID: string): boolean {
  return reader.list('layers').includes(layerPath(diffID).slice('layers/'.length))
}

/** `No such image: nginx:latest`. */
export function noSuchImage(reference: Reference | string): EngineError {
  const name = typeof reference === 'string' ? reference : familiarString(withDefaultTag(reference))
  return new EngineError('notFound', `No such image: ${name}`, { missing: 'image' })
}

/** The only image whose id starts so; undefined when none or several do. */
export function searchId(reader: StoreReader, text: string): string | undefined {
  const prefix = text.startsWith('sha256:') ? text.slice('sha256:'.length) : text
  if (!/^[a-f0-9]+$/.test(prefix)) return undefined
  const found = Object.keys(readIndex(reader).entries).filter(id => hexOf(id).startsWith(prefix))
  return found.length === 1 ? found[0] : undefined
}

/**
 * The id of the image that a user's word means: a name, a digest, an id or the start of one (moby GetImage).
 * @throws EngineError 'notFound' `No such image: …`, 'invalid' for what is no reference
 */
export function resolveImage(reader: StoreReader, text: string): string {
  const reference = parseAnyReference(text)
  if ('id' in reference) {
    if (imageRow(reader, reference.id)) return reference.id
    throw noSuchImage(text)
  }
  const named = lookupTag(reader, reference)
  if (named !== undefined && imageRow(reader, named)) return named
  const id = searchId(reader, text)
  if (id === undefined) throw noSuchImage(reference)
  return id
}

/** The record that a user's word means. Throws as `resolveImage`. */
export function findImage(reader: StoreReader, text: string): ImageRecord {
  const record = readImage(reader, resolveImage(reader, text))
  if (!record) throw new EngineError('dataLoss', `the image ${text} is damaged: run "minidock system check"`)
  return record
}
