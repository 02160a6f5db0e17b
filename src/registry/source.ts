/** Where images come from: the catalogue, a registry over HTTP. */
import type { EngineError } from '../errors.ts'
import { EngineError as Failure, notFound } from '../errors.ts'
import type { Descriptor } from '../image/manifest.ts'
import { familiarName, familiarString, type Reference } from '../image/reference.ts'
import type { LayerIndex } from '../layer/layer-index.ts'

/** A document of a registry: its exact text, and what names it. */
export interface Document {
  text: string
  descriptor: Descriptor
}

/** How a source hands out a layer: ready, or as the tar's bytes (compressed as the descriptor says). */
export type LayerSupply = { index: LayerIndex } | { blob: AsyncIterable<Uint8Array> }

export type LayerWatch = (event: { got: number } | { retryIn: number }) => void

/**
 * Read access to the repositories of a registry. References name a repository; their tag or digest the document. A
 * source that reads what others wrote checks the shape of documents (image/foreign.ts) before it hands them out; who
 * pulls checks their digests.
 */
export interface ImageSource {
  /** How many layers are fetched at a time. */
  readonly atOnce: number
  /** What is said before anything is fetched, for those who want to see it: the ping, the token. */
  greeting(reference: Reference): Promise<string[]>
  /**
   * The manifest or index that a tag or digest names.
   * @throws EngineError as Docker words it: see `manifestUnknown` and `accessDenied`
   */
  resolve(reference: Reference): Promise<Document>
  /** A manifest or config of the repository by its descriptor. */
  document(reference: Reference, descriptor: Descriptor): Promise<Document>
  /**
   * A layer of the repository. `diffID` is that of the config. `watch` is told of the bytes that have come, and of the
   * seconds until a fetch that broke off goes on.
   */
  layer(reference: Reference, descriptor: Descriptor, diffID: string, watch?: LayerWatch): Promise<LayerSupply>
  /** Every tag of the repository, sorted. */
  tags(reference: Reference): Promise<string[]>
}

/** A tag or digest that the repository has not. */
export function manifestUnknown(reference: Reference): EngineError {
  return notFound(`manifest for ${familiarString(reference)} not found: manifest unknown: manifest unknown`)
}

/** A repository that does not exist, or that is not for everyone: Docker Hub does not say which. */
export function accessDenied(reference: Reference): EngineError {
  return notFound(
    `pull access denied for ${familiarName(reference)}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`,
  )
}

/** A registry that cannot be reached: nobody listens there, or the name has no address. */
export function unreachable(url: URL, why: 'refused' | 'unknown' | 'unresolved' | 'network'): EngineError {
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  // Docker's engine comes to plain HTTP last, and tells of that; its client tells of TLS.
  const own = url.protocol === 'https:' ? '127.0.0.1' : '::1'
  const address = name === 'localhost' ? own : name
  const shown = address.includes(':') ? `[${address}]` : address
  const reasons = {
    refused: `dial tcp ${shown}:${port}: connect: connection refused`,
    network: `dial tcp ${shown}:${port}: connect: network is unreachable`,
    unknown: `dial tcp: lookup ${name}: no such host`,
    unresolved: `dial tcp: lookup ${name}: Temporary failure in name resolution`,
  }
  return new Failure('system', `Get "${url.origin}/v2/": ${reasons[why]}`)
}
