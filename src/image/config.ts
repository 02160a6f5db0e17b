/**
 * The config of an image: a JSON document whose sha256 is the image's id (OCI image spec, config.md; Docker's
 * own fields as moby writes them). Its bytes are kept exactly as they came, since the id depends on each of them.
 */
import { createHash } from 'node:crypto'
import type { ImageContainerConfig } from '../api/image.ts'
import type { Platform } from './platform.ts'

/** The engine that images made here name as their maker. */
export const engineVersion = '28.5.2'

export interface HistoryEntry {
  /** RFC 3339. */
  created?: string
  created_by?: string
  author?: string
  comment?: string
  /** The instruction made no layer. */
  empty_layer?: boolean
}

export interface ImageConfig {
  architecture: string
  os: string
  variant?: string
  'os.version'?: string
  author?: string
  comment?: string
  /** RFC 3339. */
  created?: string
  docker_version?: string
  container?: string
  config?: ImageContainerConfig
  container_config?: ImageContainerConfig
  history?: HistoryEntry[]
  rootfs: { type: string; diff_ids?: string[] }
  /** BuildKit's inline cache, in base64. */
  'moby.buildkit.cache.v0'?: string
}

/** `sha256:<hex>` of bytes or of a text's UTF-8. */
export function sha256(data: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`
}

/** diffIDs of an image's layers, lowest first. */
export function diffIDs(config: ImageConfig): readonly string[] {
  return config.rootfs.diff_ids ?? []
}

export function platformOf({ os, architecture, variant }: ImageConfig): Platform {
  return { os, architecture, ...(variant && { variant }) }
}

/**
 * The config document of a new image as Docker writes one, keys in Docker's order. Go's encoder escapes `<`, `>`
 * and `&`; so does this one, since the image id depends on it.
 */
export function encodeConfig(config: ImageConfig): string {
  return goJson(config)
}

/** JSON text as Go's encoding/json writes it: no spaces, HTML characters and line separators escaped. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The `config` object with all fields that moby's container.Config always writes, as `import` and `commit` leave them. */
export function fullContainerConfig(config: ImageContainerConfig): ImageContainerConfig & Record<string, unknown> {
  return {
    Hostname: '',
    Domainname: '',
    User: config.User ?? '',
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    ...(config.ExposedPorts && { ExposedPorts: config.ExposedPorts }),
    Tty: false,
    OpenStdin: false,
    StdinOnce: false,
    Env: config.Env ?? null,
    Cmd: config.Cmd ?? null,
    ...(config.Healthcheck && { Healthcheck: config.Healthcheck }),
    ...(config.ArgsEscaped && { ArgsEscaped: true }),
    Image: '',
    Volumes: config.Volumes ?? null,
    WorkingDir: config.WorkingDir ?? '',
    Entrypoint: config.Entrypoint ?? null,
    OnBuild: config.OnBuild ?? null,
    Labels: config.Labels ?? null,
    ...(config.StopSignal && { StopSignal: config.StopSignal }),
    ...(config.Shell && { Shell: config.Shell }),
  } as ImageContainerConfig & Record<string, unknown>
}
