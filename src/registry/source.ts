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

/**
 * Read access to the repositories of a registry. References name a repository; their tag or digest the document. A
 * source that reads what others wrote checks the shape of documents (image/foreign.ts) before it hands them out; who
 * pulls checks their digests.
 */
export interface ImageSource {
  /**
   * The manifest or index that a tag or digest names.
   * @throws EngineError as Docker words it: see `manifestUnknown` and `accessDenied`
   */
  resolve(reference: Reference): Promise<Document>
  /** A manifest or config of the repository by its descriptor. */
  document(reference: Reference, descriptor: Descriptor): Promise<Document>
  /** A layer of the repository. `diffID` is that of the config. */
  layer(reference: Reference, descriptor: Descriptor, diffID: string): Promise<LayerSupply>
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

/** A registry that cannot be reached from here: nothing listens on this machine, other hosts have no address. */
export function unreachable(host: string): EngineError {
  const [name = '', port = '80'] = host.split(/:(?=\d+$)/)
  if (name === 'localhost' || name.startsWith('127.')) {
    const address = name === 'localhost' ? '[::1]' : name
    return new Failure('system', `Get "http://${host}/v2/": dial tcp ${address}:${port}: connect: connection refused`)
  }
  return new Failure('system', `Get "https://${host}/v2/": dial tcp: lookup ${name}: no such host`)
}
