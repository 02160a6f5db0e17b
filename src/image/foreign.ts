/** The documents of archives and registries, checked: the only place where their JSON is trusted to have a shape. */
import * as z from 'zod'
import { EngineError, invalid, messageOf } from '../errors.ts'
import { jsonFault } from '../util/go-json.ts'
import type { ImageConfig } from './config.ts'
import type { Manifest, ManifestIndex } from './manifest.ts'

const digest = z.string().regex(/^sha256:[a-f0-9]{64}$/)
const strings = z.array(z.string())
const marks = z.record(z.string(), z.looseObject({}))
const optional = <T extends z.ZodType>(type: T) => type.nullish()

const containerConfig = z.looseObject({
  User: optional(z.string()),
  ExposedPorts: optional(marks),
  Env: optional(strings),
  Cmd: optional(strings),
  Entrypoint: optional(strings),
  Volumes: optional(marks),
  WorkingDir: optional(z.string()),
  Labels: optional(z.record(z.string(), z.string())),
  StopSignal: optional(z.string()),
  OnBuild: optional(strings),
  Shell: optional(strings),
  Healthcheck: optional(
    z.looseObject({
      Test: optional(strings),
      Interval: optional(z.number()),
      Timeout: optional(z.number()),
      StartPeriod: optional(z.number()),
      StartInterval: optional(z.number()),
      Retries: optional(z.number()),
    }),
  ),
})

const imageConfig = z.looseObject({
  architecture: optional(z.string()),
  os: optional(z.string()),
  variant: optional(z.string()),
  author: optional(z.string()),
  comment: optional(z.string()),
  created: optional(z.string()),
  config: optional(containerConfig),
  container_config: optional(containerConfig),
  history: optional(
    z.array(
      z.looseObject({
        created: optional(z.string()),
        created_by: optional(z.string()),
        author: optional(z.string()),
        comment: optional(z.string()),
        empty_layer: optional(z.boolean()),
      }),
    ),
  ),
  rootfs: z.looseObject({ type: z.string(), diff_ids: optional(z.array(digest)) }),
})

const descriptor = z.looseObject({
  mediaType: z.string(),
  digest,
  size: z.number().int().nonnegative(),
  platform: optional(z.looseObject({ os: z.string(), architecture: z.string(), variant: optional(z.string()) })),
  annotations: optional(z.record(z.string(), z.string())),
})

const manifest = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: optional(z.string()),
  config: descriptor,
  layers: z.array(descriptor),
})

const index = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: optional(z.string()),
  manifests: z.array(descriptor),
})

const archiveManifest = z.array(
  z.looseObject({ Config: z.string(), RepoTags: optional(strings), Layers: optional(strings) }),
)

/** The entries of `manifest.json` of a docker archive. */
export interface ArchiveEntry {
  Config: string
  RepoTags?: string[] | null | undefined
  Layers?: string[] | null | undefined
}

/** Longest document that is read; real ones have a few kilobytes. */
const TEXT_MAX = 8 << 20

/** JSON text as what `schema` says. Throws EngineError('invalid') naming what is wrong where. */
function check<T>(what: string, text: string, schema: z.ZodType<T>): T {
  if (text.length > TEXT_MAX) throw invalid(`invalid ${what}: document too large`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    // Docker tells of its own archive's list what its decoder says, and of an empty document the same.
    const fault = what === 'manifest.json' || text.trim() === '' ? jsonFault(text) : undefined
    throw invalid(fault ?? `invalid ${what}: ${messageOf(error)}`)
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new EngineError('invalid', `invalid ${what}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
}

/** The config of an image that others made. */
export function parseConfig(text: string): ImageConfig {
  const value = check('image JSON', text, imageConfig)
  return value as unknown as ImageConfig
}

export function parseManifest(text: string): Manifest {
  return check('manifest', text, manifest) as unknown as Manifest
}

export function parseIndex(text: string): ManifestIndex {
  return check('index', text, index) as unknown as ManifestIndex
}

export function parseArchiveManifest(text: string): ArchiveEntry[] {
  return check('manifest.json', text, archiveManifest)
}

/** What a list of descriptors and a manifest have in common is decided by what they contain. */
export function parseManifestOrIndex(text: string): { manifest: Manifest } | { index: ManifestIndex } {
  const { manifests } = check('manifest', text, z.looseObject({ manifests: z.unknown().optional() }))
  return manifests === undefined ? { manifest: parseManifest(text) } : { index: parseIndex(text) }
}

/** The answer of a registry's `tags/list`. */
export function parseTagList(text: string): string[] {
  return check('tag list', text, z.looseObject({ tags: optional(strings) })).tags ?? []
}

/** The answer of a registry's token service. `expires` in seconds. */
export function parseToken(text: string): { token: string; expires?: number } {
  const shape = z.looseObject({
    token: optional(z.string()),
    access_token: optional(z.string()),
    expires_in: optional(z.number()),
  })
  const value = check('token', text, shape)
  const token = value.token || value.access_token || ''
  // A token ends up in a header: no line may be smuggled into it.
  if (!/^[\x21-\x7e]+$/.test(token)) throw invalid('authorization server did not include a token in the response')
  return { token, ...(value.expires_in && { expires: value.expires_in }) }
}

/** The errors of a registry's answer, none where it does not hold any, and its text: both fit for a terminal's line. */
export function parseRegistryErrors(text: string): { errors: { code: string; message: string }[]; text: string } {
  const error = z.looseObject({ code: optional(z.string()), message: optional(z.string()) })
  const shape = z.looseObject({ errors: optional(z.array(error)) })
  let errors: z.infer<typeof error>[] = []
  try {
    errors = check('error', text, shape).errors ?? []
  } catch {
    // A page, or nothing: its text is all there is to say.
  }
  return {
    errors: errors.slice(0, 10).map(({ code, message }) => ({
      code: printable(code ?? 'UNKNOWN'),
      message: printable(message ?? ''),
    })),
    text: printable(text.trim()),
  }
}

/** What a server says, without what would move a terminal's cursor. */
const printable = (text: string): string => text.slice(0, 1000).replace(/[\x00-\x1f\x7f-\x9f]/g, ' ')
