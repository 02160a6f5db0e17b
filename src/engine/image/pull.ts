/** POST /images/create?fromImage= (moby distribution/pull_v2.go). */
import type { ProgressMessage } from '../../api/image.ts'
import { EngineError, invalid, notFound } from '../../errors.ts'
import { diffIDs, type ImageConfig, sha256 } from '../../image/config.ts'
import { rememberBlob } from '../../image/distribution.ts'
import { addImage, hasLayer, imageRow, imageRows, touchImage } from '../../image/images.ts'
import { readLayerIndex } from '../../image/layer-tars.ts'
import type { Descriptor, Manifest, ManifestIndex } from '../../image/manifest.ts'
import { isIndex } from '../../image/manifest.ts'
import { hostPlatform, type Platform, parsePlatform, platformFits, platformText } from '../../image/platform.ts'
import { familiarName, familiarString, parseReference, type Reference, withDefaultTag } from '../../image/reference.ts'
import { lookupTag, setTag } from '../../image/tags.ts'
import { type LayerIndex, layerPath } from '../../layer/layer-index.ts'
import type { Credentials } from '../../registry/remote.ts'
import type { Document, ImageSource } from '../../registry/source.ts'
import type { Transaction } from '../../store/types.ts'
import type { EngineContext } from '../context.ts'
import { blobSink } from './blobs.ts'
import { imageEvent } from './events.ts'
import { sourceOf } from './sources.ts'

export interface PullOptions {
  platform?: string
  all?: boolean
  auth?: Credentials
  signal?: AbortSignal
}

/** An image of a source: its documents, checked against their digests. */
interface Resolved {
  /** The digest that names what was asked for: an index's or a manifest's. */
  digest: string
  manifest: Manifest
  config: Document
}

/** Fetches an image, or every tag of a repository. Nothing of an image is stored before all of it is there. */
export async function* pullImage(
  ctx: EngineContext,
  text: string,
  options: PullOptions = {},
): AsyncGenerator<ProgressMessage, void> {
  const given = parseReference(text)
  const platform = options.platform ? parsePlatform(options.platform) : hostPlatform
  const source = await sourceOf(ctx, given, options.auth)
  if (!options.all) {
    yield* pullOne(ctx, source, withDefaultTag(given), platform, options.signal)
    return
  }
  let fresh = false
  for (const tag of await source.tags(given)) {
    const reference: Reference = { domain: given.domain, path: given.path, tag }
    for await (const message of pullOne(ctx, source, reference, platform, options.signal)) {
      if (message.status?.startsWith('Status: ')) fresh ||= message.status.startsWith('Status: Downloaded')
      else yield message
    }
  }
  const what = fresh ? 'Downloaded newer image for' : 'Image is up to date for'
  yield { status: `Status: ${what} ${familiarName(given)}` }
}

async function* pullOne(
  ctx: EngineContext,
  source: ImageSource,
  reference: Reference,
  platform: Platform,
  signal: AbortSignal | undefined,
): AsyncGenerator<ProgressMessage, void> {
  const resolved = await resolveFor(source, reference, platform)
  const { domain, path, tag = '', digest } = reference
  const name = familiarString(digest === undefined ? reference : { domain, path, digest })
  yield { status: `Pulling from ${path}`, id: digest === undefined ? tag : name }
  const config = JSON.parse(resolved.config.text) as ImageConfig
  const ids = diffIDs(config)
  const { layers } = resolved.manifest
  if (ids.length !== layers.length) throw invalid("layers from manifest don't match image configuration")
  const indexes = new Map<string, LayerIndex>()
  if (!imageRow(ctx.store, resolved.config.descriptor.digest)) {
    try {
      yield* fetchLayers(ctx, source, reference, layers, ids, indexes, signal)
    } catch (error) {
      for (const diffID of indexes.keys()) if (!hasLayer(ctx.store, diffID)) ctx.content.remove(diffID)
      throw error
    }
  }
  yield { status: `Digest: ${resolved.digest}` }
  let fresh = await store(ctx, reference, resolved, ids, indexes)
  while (fresh === undefined) {
    // Another process removed a layer that was here a moment ago.
    for (const [position, layer] of layers.entries()) {
      const diffID = ids[position] ?? ''
      if (!indexes.has(diffID) && !hasLayer(ctx.store, diffID))
        indexes.set(diffID, await takeLayer(ctx, source, reference, layer, diffID))
    }
    fresh = await store(ctx, reference, resolved, ids, indexes)
  }
  yield { status: `Status: ${fresh ? 'Downloaded newer image' : 'Image is up to date'} for ${name}` }
}

/**
 * An image's config and layers for a build: what is missing is fetched and stored, but the image gets no name here, as
 * with BuildKit. `keep` stores in the same transaction what holds the layers.
 */
export async function fetchLayersFor(
  ctx: EngineContext,
  reference: Reference,
  platform: Platform,
  keep: (tx: Transaction, diffIDs: readonly string[]) => void,
): Promise<{ config: ImageConfig; diffIDs: readonly string[] }> {
  const source = await sourceOf(ctx, reference)
  const { manifest, config: document } = await resolveFor(source, reference, platform)
  const config = JSON.parse(document.text) as ImageConfig
  const ids = diffIDs(config)
  const indexes = new Map<string, LayerIndex>()
  for (const [position, layer] of manifest.layers.entries()) {
    const diffID = ids[position] ?? ''
    if (!hasLayer(ctx.store, diffID)) indexes.set(diffID, await takeLayer(ctx, source, reference, layer, diffID))
  }
  await ctx.machine.change(({ tx }) => {
    for (const [diffID, index] of indexes) storeLayer(tx, diffID, index)
    keep(tx, ids)
  })
  return { config, diffIDs: ids }
}

/** The documents of a reference for a platform. */
async function resolveFor(source: ImageSource, reference: Reference, platform: Platform): Promise<Resolved> {
  const top = checked(await source.resolve(reference))
  let manifest = top
  if (isIndex(top.descriptor.mediaType)) {
    const { manifests } = JSON.parse(top.text) as ManifestIndex
    const fitting = manifests.find(entry => entry.platform && platformFits(entry.platform, platform))
    if (!fitting) throw notFound(`no matching manifest for ${platformText(platform)} in the manifest list entries`)
    manifest = checked(await source.document(reference, fitting))
  }
  const parsed = JSON.parse(manifest.text) as Manifest
  const config = checked(await source.document(reference, parsed.config))
  return { digest: top.descriptor.digest, manifest: parsed, config }
}

function checked(document: Document): Document {
  const digest = sha256(document.text)
  if (digest === document.descriptor.digest) return document
  throw new EngineError('dataLoss', `image verification failed for digest ${document.descriptor.digest}`)
}

/** Brings in the layers that are missing, with the progress that Docker shows. */
async function* fetchLayers(
  ctx: EngineContext,
  source: ImageSource,
  reference: Reference,
  layers: readonly Descriptor[],
  ids: readonly string[],
  indexes: Map<string, LayerIndex>,
  signal: AbortSignal | undefined,
): AsyncGenerator<ProgressMessage, void> {
  const there = commonPrefix(ctx, ids)
  const label = (index: number): string => layers[index]?.digest.slice('sha256:'.length, 'sha256:'.length + 12) ?? ''
  for (const index of layers.keys()) {
    const status = index < there ? 'Already exists' : 'Pulling fs layer'
    yield { status, progressDetail: {}, id: label(index) }
  }
  for (let index = there + 3; index < layers.length; index++)
    yield { status: 'Waiting', progressDetail: {}, id: label(index) }
  for (let index = there; index < layers.length; index++) {
    const layer = layers[index]
    const diffID = ids[index]
    if (!layer || diffID === undefined) continue
    if (signal?.aborted) throw new EngineError('cancelled', 'context canceled')
    const id = label(index)
    yield* bar('Downloading', id, layer.size)
    if (!indexes.has(diffID) && !hasLayer(ctx.store, diffID)) {
      indexes.set(diffID, await takeLayer(ctx, source, reference, layer, diffID))
    }
    yield { status: 'Verifying Checksum', progressDetail: {}, id }
    yield { status: 'Download complete', progressDetail: {}, id }
  }
  for (let index = there; index < layers.length; index++) {
    yield* bar('Extracting', label(index), layers[index]?.size ?? 0)
    yield { status: 'Pull complete', progressDetail: {}, id: label(index) }
  }
}

function* bar(status: string, id: string, total: number): Generator<ProgressMessage, void> {
  for (const part of [0.25, 0.5, 1])
    yield { status, progressDetail: { current: Math.max(1, Math.round(total * part)), total }, id }
}

/** How many of the lowest layers some image here has as well. */
function commonPrefix(ctx: EngineContext, ids: readonly string[]): number {
  let longest = 0
  for (const row of imageRows(ctx.store)) {
    let same = 0
    while (same < ids.length && row.diffIDs[same] === ids[same]) same++
    longest = Math.max(longest, same)
  }
  return longest
}

async function takeLayer(
  ctx: EngineContext,
  source: ImageSource,
  reference: Reference,
  layer: Descriptor,
  diffID: string,
): Promise<LayerIndex> {
  const supply = await source.layer(reference, layer, diffID)
  if ('index' in supply) return supply.index
  const { importLayer } = await import('../../layer/import-layer.ts')
  const index = await importLayer(supply.blob, blobSink(ctx))
  if (index.diffID === diffID) return index
  if (!hasLayer(ctx.store, index.diffID)) ctx.content.remove(index.diffID)
  throw new EngineError('dataLoss', `layer verification failed: expected ${diffID}, got ${index.diffID}`)
}

/** Stores image, layers and names in one step; returns whether anything is new, or undefined when a layer is missing. */
async function store(
  ctx: EngineContext,
  reference: Reference,
  { config, digest, manifest }: Resolved,
  ids: readonly string[],
  indexes: ReadonlyMap<string, LayerIndex>,
): Promise<boolean | undefined> {
  return ctx.machine.change(live => {
    const { tx } = live
    const known = imageRow(tx, config.descriptor.digest) !== undefined
    if (!known && ids.some(diffID => !indexes.has(diffID) && !hasLayer(tx, diffID))) return undefined
    const layerSizes = known ? [] : ids.map(diffID => storeLayer(tx, diffID, indexes.get(diffID)))
    for (const [position, { digest: blob, size }] of manifest.layers.entries())
      rememberBlob(tx, ids[position] ?? '', { digest: blob, size, domain: reference.domain, path: reference.path })
    const { id, isNew } = addImage(tx, { config: config.text, layerSizes, blobs: manifest.layers })
    const byDigest: Reference = { domain: reference.domain, path: reference.path, digest }
    const before = lookupTag(tx, reference)
    if (reference.digest === undefined) setTag(tx, reference, id)
    const newDigest = lookupTag(tx, byDigest) !== id
    setTag(tx, byDigest, id)
    const fresh = isNew || newDigest || before !== id
    if (fresh) touchImage(tx, id, live.time)
    live.emit(imageEvent(tx, 'pull', familiarString(reference), familiarName(reference), id))
    return fresh
  })
}

/** Stores a layer's index where it is new; returns the bytes that the layer adds. */
function storeLayer(tx: Transaction, diffID: string, index: LayerIndex | undefined): number {
  if (!index) return readLayerIndex(tx, diffID).size
  if (!hasLayer(tx, diffID)) tx.put(layerPath(diffID), index)
  return index.size
}
