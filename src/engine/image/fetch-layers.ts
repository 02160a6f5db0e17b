/** The layers of a pull: which are here, and fetching the others, several at once. */
import type { ProgressMessage } from '../../api/image.ts'
import { EngineError, invalid } from '../../errors.ts'
import { hasLayer, imageRows } from '../../image/images.ts'
import type { Descriptor } from '../../image/manifest.ts'
import type { Reference } from '../../image/reference.ts'
import type { LayerIndex } from '../../layer/layer-index.ts'
import type { ImageSource, LayerWatch } from '../../registry/source.ts'
import type { EngineContext } from '../context.ts'
import { atOnce } from './at-once.ts'
import { blobSink } from './blobs.ts'
import { keptLayers } from './kept-layers.ts'

/** Bytes between two messages about the same download. */
const STEP = 1 << 19

/** Twelve digits of a layer's digest, as progress names it. */
export const shortDigest = ({ digest }: Descriptor): string =>
  digest.slice(digest.indexOf(':') + 1, digest.indexOf(':') + 13)

export class FetchedLayers {
  /** What has been fetched, by diffID; stored by who makes the image. */
  readonly indexes = new Map<string, LayerIndex>()
  readonly #ctx: EngineContext
  readonly #source: ImageSource
  readonly #reference: Reference
  readonly #layers: readonly { layer: Descriptor; diffID: string }[]

  /** `ids`: the layers' diffIDs, as many as there are layers. */
  constructor(
    ctx: EngineContext,
    source: ImageSource,
    reference: Reference,
    layers: readonly Descriptor[],
    ids: readonly string[],
  ) {
    this.#ctx = ctx
    this.#source = source
    this.#reference = reference
    this.#layers = layers.map((layer, at) => ({ layer, diffID: ids[at] ?? '' }))
  }

  /** Takes back what has been fetched and belongs to no image. */
  drop(): void {
    for (const diffID of this.indexes.keys()) if (!hasLayer(this.#ctx.store, diffID)) this.#ctx.content.remove(diffID)
  }

  /** Fetches what is missing, without a word. */
  async complete(): Promise<void> {
    for (const { layer, diffID } of this.#layers)
      if (!this.#has(diffID)) this.indexes.set(diffID, await this.#take(layer, diffID))
  }

  #has(diffID: string): boolean {
    return this.indexes.has(diffID) || hasLayer(this.#ctx.store, diffID)
  }

  /** Brings in the layers that are missing, with the progress that Docker shows. */
  async *fetch({
    signal,
    verbose = false,
  }: {
    signal?: AbortSignal
    verbose?: boolean
  }): AsyncGenerator<ProgressMessage, void> {
    const there = this.#commonPrefix()
    for (const [at, { layer }] of this.#layers.entries())
      yield { status: at < there ? 'Already exists' : 'Pulling fs layer', progressDetail: {}, id: shortDigest(layer) }
    const missing = this.#layers.slice(there)
    for (const { layer } of missing.slice(3)) yield { status: 'Waiting', progressDetail: {}, id: shortDigest(layer) }
    for (const { layer } of missing) checkType(layer)
    // The same layer twice in an image is fetched once.
    const jobs = missing.filter(({ diffID }, at) => missing.findIndex(other => other.diffID === diffID) === at)
    yield* atOnce(
      jobs.map(job => () => this.#download(job, there + missing.indexOf(job) + 1, signal, verbose)),
      this.#source.atOnce,
    )
    for (const { layer, diffID } of missing) {
      const id = shortDigest(layer)
      yield* bar('Extracting', id, layer.size)
      yield { status: 'Pull complete', progressDetail: {}, id }
      const index = this.indexes.get(diffID)
      if (verbose && index)
        yield { status: `[extract] ${id}: ${index.entries.length} entries, ${index.tarSize} bytes, diffID ${diffID}` }
    }
  }

  async *#download(
    { layer, diffID }: { layer: Descriptor; diffID: string },
    number: number,
    signal: AbortSignal | undefined,
    verbose: boolean,
  ): AsyncGenerator<ProgressMessage, void> {
    const id = shortDigest(layer)
    const total = layer.size
    if (signal?.aborted) throw new EngineError('cancelled', 'context canceled')
    if (verbose)
      yield {
        status: `[layer ${number} of ${this.#layers.length}] GET /v2/${this.#reference.path}/blobs/${layer.digest}, ${total} bytes`,
      }
    if (!this.#has(diffID)) {
      const told: ProgressMessage[] = []
      let wake = (): void => {}
      let shown = 0
      const taking = this.#take(layer, diffID, event => {
        if (signal?.aborted) throw new EngineError('cancelled', 'context canceled')
        if ('retryIn' in event) told.push({ status: `Retrying in ${seconds(event.retryIn)}`, progressDetail: {}, id })
        else if (event.got - shown >= STEP) {
          shown = event.got
          told.push({ status: 'Downloading', progressDetail: { current: event.got, total }, id })
        } else return
        wake()
      })
      let done = false
      const ended = taking.then(
        () => (done = true),
        () => (done = true),
      )
      while (!done) {
        await Promise.race([ended, new Promise<void>(resolve => (wake = resolve))])
        yield* told.splice(0)
      }
      try {
        this.indexes.set(diffID, await taking)
      } catch (error) {
        if (error instanceof EngineError && error.kind === 'dataLoss')
          yield { status: 'Verifying Checksum', progressDetail: {}, id }
        else if (error instanceof EngineError && error.kind === 'notFound')
          yield { status: 'Downloading', progressDetail: {}, id }
        throw error
      }
    }
    yield* bar('Downloading', id, total)
    if (verbose) yield { status: `[verify] ${layer.digest}: as expected` }
    yield { status: 'Verifying Checksum', progressDetail: {}, id }
    yield { status: 'Download complete', progressDetail: {}, id }
  }

  /** How many of the lowest layers some image here, or the build cache, has as well. */
  #commonPrefix(): number {
    const { store } = this.#ctx
    const ids = this.#layers.map(({ diffID }) => diffID)
    let longest = 0
    for (const stack of [...imageRows(store).map(row => row.diffIDs), ...keptLayers(store)]) {
      let same = 0
      while (same < ids.length && stack[same] === ids[same] && hasLayer(store, ids[same] ?? '')) same++
      longest = Math.max(longest, same)
    }
    return longest
  }

  async #take(layer: Descriptor, diffID: string, watch?: LayerWatch): Promise<LayerIndex> {
    const { content, store } = this.#ctx
    checkType(layer)
    const supply = await this.#source.layer(this.#reference, layer, diffID, watch)
    if ('index' in supply) return supply.index
    const { importLayer } = await import('../../layer/import-layer.ts')
    const index = await importLayer(supply.blob, blobSink(this.#ctx))
    if (index.diffID === diffID) return index
    if (!hasLayer(store, index.diffID)) content.remove(index.diffID)
    throw new EngineError('dataLoss', `layer verification failed: expected ${diffID}, got ${index.diffID}`)
  }
}

const seconds = (count: number): string => `${count} second${count === 1 ? '' : 's'}`

/** Layers are tars; other artifacts are no images, and encrypted ones nobody can read here. */
function checkType({ mediaType }: Descriptor): void {
  if (
    /^application\/(vnd\.docker\.image\.rootfs\.|vnd\.oci\.image\.layer\.)[^\s]*\.tar(\.gzip|[+.]gzip|[+.]zstd)?$/.test(
      mediaType,
    )
  )
    return
  throw invalid(`unsupported media type ${mediaType}`)
}

function* bar(status: string, id: string, total: number): Generator<ProgressMessage, void> {
  for (const part of [0.25, 0.5, 1])
    yield { status, progressDetail: { current: Math.max(1, Math.round(total * part)), total }, id }
}
