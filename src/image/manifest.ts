/** Manifests and indexes of registries and archives: OCI image spec and Docker's schema 2. */
import { sha256 } from './config.ts'
import type { Platform } from './platform.ts'

export const ociManifest = 'application/vnd.oci.image.manifest.v1+json'
export const ociIndex = 'application/vnd.oci.image.index.v1+json'
export const ociConfig = 'application/vnd.oci.image.config.v1+json'
export const ociLayer = 'application/vnd.oci.image.layer.v1.tar'
export const ociLayerGzip = 'application/vnd.oci.image.layer.v1.tar+gzip'
export const dockerList = 'application/vnd.docker.distribution.manifest.list.v2+json'

export interface Descriptor {
  mediaType: string
  digest: string
  /** Bytes. */
  size: number
  platform?: Platform
  annotations?: Record<string, string>
}

export interface Manifest {
  schemaVersion: 2
  mediaType: string
  config: Descriptor
  layers: Descriptor[]
}

export interface ManifestIndex {
  schemaVersion: 2
  mediaType: string
  manifests: Descriptor[]
}

/** Whether a media type is that of a list of manifests. */
export function isIndex(mediaType: string): boolean {
  return mediaType === ociIndex || mediaType === dockerList
}

/** A document's bytes, with the descriptor that names them. */
export function describe(mediaType: string, text: string): { text: string; descriptor: Descriptor } {
  return { text, descriptor: { mediaType, digest: sha256(text), size: Buffer.byteLength(text) } }
}

/** An OCI manifest's bytes, as BuildKit and Docker write them. */
export function encodeManifest(config: Descriptor, layers: readonly Descriptor[]): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: ociManifest, config, layers })
}

/** An OCI index's bytes. */
export function encodeIndex(manifests: readonly Descriptor[]): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: ociIndex, manifests })
}
