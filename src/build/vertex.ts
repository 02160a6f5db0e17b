/** The graph of a build: what is read, made and copied, before anything of it is done. */
import type { Ulimit } from '../api/container.ts'
import type { ImageConfig } from '../image/config.ts'
import type { CopyStep, RunStep } from './dockerfile/instructions.ts'
import type { MountSpec } from './dockerfile/mount.ts'
import type { Location } from './errors.ts'

/** An image that a stage starts from or that files are copied from. */
export interface BaseImage {
  /** With its domain and tag: `docker.io/library/busybox:latest`. */
  name: string
  /** Lowest first. */
  diffIDs: readonly string[]
  /** Bytes that each layer adds. */
  layerSizes: readonly number[]
  /** The config document, parsed. */
  config: ImageConfig
  /** The manifest's, where a registry has just been asked for it. */
  digest?: string
}

/** What RUN finds, whatever the Dockerfile says. All of it but `allowHost` is a part of a step's key. */
export interface RunEnvironment {
  network: 'default' | 'host' | 'none'
  /** RUN --network=host may be used. */
  allowHost: boolean
  /** Bytes of /dev/shm. */
  shmBytes: number | undefined
  ulimits: readonly Ulimit[]
  cgroupParent: string
}

export const usualEnvironment: RunEnvironment = {
  network: 'default',
  allowHost: false,
  shmBytes: undefined,
  ulimits: [],
  cgroupParent: '',
}

interface VertexBase {
  /** As the progress shows it: `[2/4] RUN make`. */
  name: string
  location: Location | undefined
  /** Its records in the cache are not asked. */
  noCache: boolean
  /** What history says of it. */
  createdBy: string
}

/** Where a copy or a mount reads from. */
export type Source = { kind: 'context'; name: string } | { kind: 'vertex'; vertex: Vertex }

export interface ImageVertex extends VertexBase {
  kind: 'image'
  image: BaseImage
}

/** An empty file system. */
export interface ScratchVertex extends VertexBase {
  kind: 'scratch'
}

/** WORKDIR, and the folder that a new cache mount starts from. */
export interface MkdirVertex extends VertexBase {
  kind: 'mkdir'
  parent: Vertex
  path: string
  /** Whose the folders become that it makes; '' for root's. */
  user: string
  /** Their permission bits; absent for the usual 755. */
  mode?: number
}

export interface CopyVertex extends VertexBase {
  kind: 'copy'
  parent: Vertex
  source: Source
  step: Pick<CopyStep, 'add' | 'chown' | 'chmod' | 'parents' | 'excludes' | 'checksum' | 'unpack'>
  /** Expanded; URLs of ADD among them. */
  sources: readonly string[]
  /** Files made from here-documents. */
  files: readonly { name: string; content: string }[]
  /** Absolute; with its final slash. */
  target: string
  /** A context as a stage's first files: its transfer is its step. */
  loads?: true
}

export interface RunVertex extends VertexBase {
  kind: 'run'
  parent: Vertex
  argv: readonly string[]
  /** `NAME=value`, in order. */
  env: readonly string[]
  /** More of the same that its key leaves out. */
  proxy: readonly string[]
  cwd: string
  user: string
  mounts: readonly { spec: MountSpec; source: Source | undefined }[]
  /** A here-document that is run as a script of its own: its path and text. */
  script: { path: string; content: string } | undefined
  network: RunEnvironment['network']
  environment: RunEnvironment
  security: RunStep['security']
}

export type Vertex = ImageVertex | ScratchVertex | MkdirVertex | CopyVertex | RunVertex

/** The vertices that one needs, the one it is built upon first. */
export function inputsOf(vertex: Vertex): Vertex[] {
  const from = (source: Source | undefined): Vertex[] => (source?.kind === 'vertex' ? [source.vertex] : [])
  switch (vertex.kind) {
    case 'image':
    case 'scratch':
      return []
    case 'mkdir':
      return [vertex.parent]
    case 'copy':
      return [vertex.parent, ...from(vertex.source)]
    case 'run':
      return [vertex.parent, ...vertex.mounts.flatMap(({ source }) => from(source))]
  }
}

/** Everything that a vertex needs and itself, inputs before what needs them. */
export function inOrder(top: Vertex): Vertex[] {
  const order: Vertex[] = []
  const seen = new Set<Vertex>()
  const visit = (vertex: Vertex): void => {
    if (seen.has(vertex)) return
    seen.add(vertex)
    for (const input of inputsOf(vertex)) visit(input)
    order.push(vertex)
  }
  visit(top)
  return order
}
