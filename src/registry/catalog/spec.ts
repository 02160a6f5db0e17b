/**
 * The catalogue's data: what `scripts/catalog.ts` makes of the definitions in fixtures/catalog. It says what is in
 * an image; entries, tars, configs and manifests are made from it when they are asked for.
 */

import type { ImageContainerConfig } from '../../api/image.ts'

/** The architectures that every image exists for. */
export type Architecture = 'amd64' | 'arm64'

/** Programs of one folder that say the same of themselves. */
export interface ProgramGroup {
  dir: string
  /** The name in the marker, where it is not the file's own. */
  program?: string
  /** What the marker says after the name: `version=9.1 flavour=gnu`. */
  says?: string
  /** Names separated by spaces; `name=123` has a size of its own. */
  names: string
  /** Bytes of each. */
  size?: number
  mode?: number
}

/** A layer's content. Paths start with `/`; a path may be followed by a mode and by `uid:gid`.
 * `@arch@` and
 * `@machine@` stand for amd64 or arm64, and x86_64 or aarch64. */
export interface LayerSpec {
  /** RFC 3339: the time of every entry. */
  time: string
  /** Bytes of all files together: what is missing is spread over `fill`. */
  size?: number
  /** Wanted bytes of the compressed layer. */
  compressed?: number
  dirs?: string[]
  files?: Record<string, string>
  programs?: ProgramGroup[]
  /** Symbolic links: path to text. */
  links?: Record<string, string>
  /** Many symbolic links with one text: text to `dir/` and names. */
  linkGroups?: { to: string; dir: string; names: string; hard?: boolean }[]
  /** Large files of zeros that stand for libraries and data. */
  fill?: string[]
  /** Paths of lower layers that this one removes. */
  removes?: string[]
}

/** A layer's digests for one architecture. */
export interface LayerDigests {
  diffID: string
  tarSize: number
  /** Bytes of all files together. */
  size: number
  /** The compressed layer; `stored` is what makes it so long, see gzip.ts. */
  blob: { digest: string; size: number; stored: number }
}

export interface CatalogLayer extends LayerSpec {
  /** The same for each architecture when no program is in it. */
  digests: Record<Architecture, LayerDigests>
}

/** One line of an image's history. */
export interface StepSpec {
  /** As a Dockerfile has it, which is also what it does to the config: `CMD ["nginx", "-g", "daemon off;"]`. */
  do?: string
  /** The history's words, where they are not BuildKit's for `do`. `$ARCH` and `$HASH` (of the layer) are replaced. */
  shows?: string
  /** The layer it made: `nginx/install`. */
  layer?: string
  /** RFC 3339. */
  time: string
  comment?: string
}

export interface ImageSpec {
  /** RFC 3339. */
  created: string
  /** The whole chain of steps, those of the base images first. */
  steps: StepSpec[]
  /** Fields of the image's config that steps do not say. */
  config?: ImageContainerConfig
  author?: string
  dockerVersion?: string
  /** Where it is not for both. */
  architectures?: Architecture[]
}

/** One definition file. */
export interface CatalogFamily {
  layers: Record<string, CatalogLayer>
  images: Record<string, ImageSpec>
}

export interface CatalogRepository {
  /** The family that its images are in. */
  family: string
  description: string
  stars: number
  /** Tag to image. */
  tags: Record<string, string>
}
