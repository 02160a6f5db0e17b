/** POST /images/create?fromImage= (moby distribution/pull_v2.go). */
import type { ProgressMessage } from '../../api/image.ts'
import { EngineError, invalid, notFound } from '../../errors.ts'
import { diffIDs, type ImageConfig, platformOf, sha256 } from '../../image/config.ts'
import { rememberBlob } from '../../image/distribution.ts'
import { addImage, hasLayer, imageRow, touchImage } from '../../image/images.ts'
import { readLayerIndex } from '../../image/layer-tars.ts'
import { isIndex, type Manifest, type ManifestIndex, ociConfig } from '../../image/manifest.ts'
import { hostPlatform, type Platform, parsePlatform, platformFits, platformText } from '../../image/platform.ts'
import { familiarName, familiarString, parseReference, type Reference, withDefaultTag } from '../../image/reference.ts'
import { lookupTag, setTag } from '../../image/tags.ts'
import { type LayerIndex, layerPath } from '../../layer/layer-index.ts'
import type { Credentials } from '../../registry/auth.ts'
import type { Document, ImageSource } from '../../registry/source.ts'
import type { Transaction } from '../../store/types.ts'
import type { EngineContext } from '../context.ts'
import { imageEvent } from './events.ts'
import { FetchedLayers, shortDigest } from './fetch-layers.ts'
import { sourceOf } from './sources.ts'

export interface PullOptions {
  platform?: string
  all?: boolean
  auth?: Credentials
  signal?: AbortSignal
  /** Messages about each step of the protocol too. */
  verbose?: boolean
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
  const source = await sourceOf(ctx, given, options)
  if (!options.all) {
    yield* pullOne(ctx, source, withDefaultTag(given), options)
    return
  }
  let fresh = false
  for (const tag of await source.tags(given)) {
    const reference: Reference = { domain: given.domain, path: given.path, tag }
    for await (const message of pullOne(ctx, source, reference, options)) {
      if (message.status?.startsWith('Status: ')) fresh ||= message.status.startsWith('Status: Downloaded')
      else yield message
      if (message.error !== undefined) return
    }
  }
  const what = fresh ? 'Downloaded newer image for' : 'Image is up to date for'
  yield { status: `Status: ${what} ${familiarName(given)}` }
}

/** What goes wrong after the first line comes as a message with `error`. */
async function* pullOne(
  ctx: EngineContext,
  source: ImageSource,
  reference: Reference,
  options: PullOptions,
): AsyncGenerator<ProgressMessage, void> {
  const tell = (lines: readonly string[]): ProgressMessage[] =>
    options.verbose ? lines.map(line => ({ status: `[${line.replace(': ', '] ')}` })) : []
  const { domain, path, tag = '', digest } = reference
  const name = familiarString(digest === undefined ? reference : { domain, path, digest })
  if (options.verbose) yield* tell(await source.greeting(reference))
  // A digest that is not its document's is found when the pull has begun.
  let top: Document | EngineError
  try {
    top = checked(await source.resolve(reference))
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind !== 'dataLoss') throw error
    top = error
  }
  yield { status: `Pulling from ${path}`, id: digest === undefined ? tag : name }
  try {
    if (top instanceof EngineError) throw top
    const platform = options.platform ? parsePlatform(options.platform) : hostPlatform
    const found = await manifestFor(source, reference, top, platform)
    yield* tell(found.steps)
    const { layers } = found.manifest
    let config: Document
    try {
      config = checked(await source.document(reference, found.manifest.config))
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      for (const layer of layers) yield { status: 'Pulling fs layer', progressDetail: {}, id: shortDigest(layer) }
      const attempts = error.kind === 'notFound' ? 'download failed after attempts=1: ' : ''
      throw new EngineError(error.kind, `error pulling image configuration: ${attempts}${error.message}`)
    }
    yield* tell([`config: GET /v2/${path}/blobs/${config.descriptor.digest} -> 200, ${config.text.length} bytes`])
    const resolved = { digest: top.descriptor.digest, manifest: found.manifest, config }
    const ids = diffIDs(JSON.parse(config.text) as ImageConfig)
    if (ids.length !== layers.length) throw invalid("layers from manifest don't match image configuration")
    const fetched = new FetchedLayers(ctx, source, reference, layers, ids)
    let fresh: boolean | undefined
    try {
      if (!imageRow(ctx.store, config.descriptor.digest)) yield* fetched.fetch(options)
      yield { status: `Digest: ${resolved.digest}` }
      fresh = await store(ctx, reference, resolved, ids, fetched.indexes)
      while (fresh === undefined) {
        // Another process removed a layer that was here a moment ago.
        await fetched.complete()
        fresh = await store(ctx, reference, resolved, ids, fetched.indexes)
      }
    } catch (error) {
      fetched.drop()
      throw error
    }
    yield { status: `Status: ${fresh ? 'Downloaded newer image' : 'Image is up to date'} for ${name}` }
    const own = platformOf(JSON.parse(config.text) as ImageConfig)
    if (options.platform && !platformFits(own, platform))
      yield {
        stream: `WARNING: image with reference ${name} was found but its platform (${platformText(own)}) does not match the specified platform (${platformText(platform)})\n`,
      }
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    yield { error: error.message }
  }
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
  const { manifest } = await manifestFor(source, reference, checked(await source.resolve(reference)), platform)
  const document = checked(await source.document(reference, manifest.config))
  const config = JSON.parse(document.text) as ImageConfig
  const ids = diffIDs(config)
  const fetched = new FetchedLayers(ctx, source, reference, manifest.layers, ids)
  await fetched.complete()
  await ctx.machine.change(({ tx }) => {
    for (const [diffID, index] of fetched.indexes) storeLayer(tx, diffID, index)
    keep(tx, ids)
  })
  return { config, diffIDs: ids }
}

/** Config types of images that run in containers; '' and text/html are what old clients wrote. */
const imageConfigs = [
  'application/vnd.docker.container.image.v1+json',
  ociConfig,
  'application/octet-stream',
  'text/html',
  'text/plain',
  '',
]

/** The manifest of a platform among what a reference names; `steps`: how it was found. */
async function manifestFor(
  source: ImageSource,
  reference: Reference,
  top: Document,
  platform: Platform,
): Promise<{ manifest: Manifest; steps: string[] }> {
  const { mediaType, digest, size } = top.descriptor
  const at = `/v2/${reference.path}/manifests/`
  const steps: string[] = []
  let document = top
  if (isIndex(mediaType)) {
    const { manifests } = JSON.parse(top.text) as ManifestIndex
    steps.push(`manifest list: GET ${at}${reference.digest ?? reference.tag} -> 200, ${mediaType}, ${size} bytes`)
    const fitting = manifests.find(entry => entry.platform && platformFits(entry.platform, platform))
    if (!fitting) throw notFound(`no matching manifest for ${platformText(platform)} in the manifest list entries`)
    steps.push(`platform: ${platformText(platform)} is one of ${manifests.length} -> ${fitting.digest}`)
    document = checked(await source.document(reference, fitting))
  }
  steps.push(
    `manifest: GET ${at}${isIndex(mediaType) ? document.descriptor.digest : (reference.digest ?? reference.tag)} -> 200, ${document.descriptor.digest === digest ? mediaType : document.descriptor.mediaType}`,
  )
  const manifest = JSON.parse(document.text) as Manifest
  if (!imageConfigs.includes(manifest.config.mediaType))
    throw invalid(`unsupported media type ${manifest.config.mediaType}`)
  return { manifest, steps }
}

function checked(document: Document): Document {
  const digest = sha256(document.text)
  if (digest === document.descriptor.digest) return document
  throw new EngineError('dataLoss', `manifest verification failed for digest ${document.descriptor.digest}`)
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
