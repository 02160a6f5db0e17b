/** `docker buildx imagetools inspect`: a manifest or index as its registry holds it. */

import type { HeldManifest } from '../../../engine/engine.ts'
import { messageOf } from '../../../errors.ts'
import { type Descriptor, isIndex, type ManifestIndex } from '../../../image/manifest.ts'
import { platformText } from '../../../image/platform.ts'
import { fullString, type Reference, trimNamed } from '../../../image/reference.ts'
import type { CliContext, Command } from '../../command.ts'
import { toJson } from '../../template/json.ts'
import { parseTemplate } from '../../template/template.ts'
import { Struct } from '../../template/value.ts'
import { configOf, manifestAt, ordered, wholeReference } from './sources.ts'

export const command: Command = {
  async run(ctx, [text = ''], flags) {
    const format = flags.string('format')
    const raw = flags.bool('raw')
    if (raw && format !== '') throw new Error('format and raw cannot be used together')
    const reference = wholeReference(text)
    const found = await manifestAt(ctx, reference)
    if (raw) ctx.out.write(found.bytes)
    else if (format !== '') ctx.out.write(await formatted(ctx, reference, found, format))
    else ctx.out.write(overview(reference, found))
    return undefined
  },
}

/** The index's entries; [] for a manifest. */
function entriesOf({ mediaType, bytes }: HeldManifest): (Descriptor & { artifactType?: string })[] {
  if (!isIndex(mediaType)) return []
  return (JSON.parse(Buffer.from(bytes).toString()) as ManifestIndex).manifests
}

function overview(reference: Reference, found: HeldManifest): string {
  const name = fullString(reference)
  const head = block([
    ['Name:', name],
    ['MediaType:', found.mediaType],
    ['Digest:', found.digest],
    ...(isIndex(found.mediaType) ? [['', ''] as const, ['Manifests:', ''] as const] : []),
  ])
  const entries = entriesOf(found).map((entry, at, all) => {
    const { platform, annotations } = entry
    const { 'os.version': version, 'os.features': features } = (platform ?? {}) as {
      'os.version'?: string
      'os.features'?: string[]
    }
    const marks = Object.entries(annotations ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
    const lines: (readonly [string, string])[] = [
      ['  Name:', `${name}@${entry.digest}`],
      ['  MediaType:', entry.mediaType],
    ]
    if (entry.artifactType) lines.push(['  ArtifactType:', entry.artifactType])
    if (platform) lines.push(['  Platform:', platformText(platform)])
    if (version) lines.push(['  OSVersion:', version])
    if (features?.length) lines.push(['  OSFeatures:', features.join(', ')])
    if (marks.length > 0) lines.push(['  Annotations:', ''])
    const last = at === all.length - 1
    if (!last && marks.length === 0) lines.push(['', ''])
    const tail = marks.length > 0 ? block(marks.map(([key, value]) => [`    ${key}:`, value] as const)) : ''
    return block(lines) + tail + (!last && marks.length > 0 ? block([['', '']], 14) : '')
  })
  return head + entries.join('')
}

/** Lines of a label and a value, the values below one another. */
function block(lines: readonly (readonly [string, string])[], least = 0): string {
  const width = Math.max(least, ...lines.map(([label]) => label.length + 1))
  return lines.map(([label, value]) => `${label.padEnd(width)}${value}\n`).join('')
}

async function formatted(ctx: CliContext, reference: Reference, found: HeldManifest, format: string): Promise<string> {
  const json = (value: unknown): string => toJson(value, { indent: 2, escapeHtml: true })
  const template = parseTemplate(format, '', { json })
  const { mediaType, digest, bytes } = found
  const size = bytes.length
  const entries = entriesOf(found).map(ordered)
  const manifest = isIndex(mediaType)
    ? { schemaVersion: 2, mediaType, digest, size, manifests: entries }
    : { mediaType, digest, size }
  const image = /\.Image|\.\s*}}|\brange\b|\$/.test(format) ? await imagesOf(ctx, reference, found, entries) : {}
  const name = fullString(reference)
  const asJson = { name, manifest, image }
  const run = (value: unknown): string => {
    try {
      return template.execute(value)
    } catch (error) {
      // Told with buildx's prefix, as its other errors.
      throw new Error(messageOf(error))
    }
  }
  return run(
    new Struct('imagetools.tplInput', { Name: name, Manifest: named(manifest), Image: named(image) }, () =>
      json(asJson),
    ),
  )
}

/** The config of an image, or of each platform's. */
async function imagesOf(
  ctx: CliContext,
  reference: Reference,
  found: HeldManifest,
  entries: readonly Descriptor[],
): Promise<Record<string, unknown>> {
  if (!isIndex(found.mediaType)) return configOf(ctx, reference, found)
  const images: Record<string, unknown> = {}
  for (const { digest, platform } of entries) {
    if (!platform || platform.os === 'unknown') continue
    const part = { ...trimNamed(reference), digest }
    images[platformText(platform)] = await configOf(ctx, part, await manifestAt(ctx, part))
  }
  return images
}

const GO_NAMES = new Map([
  ['os', 'OS'],
  ['rootfs', 'RootFS'],
  ['diff_ids', 'DiffIDs'],
])
const goName = (key: string): string => GO_NAMES.get(key) ?? key.slice(0, 1).toUpperCase() + key.slice(1)

/** An object as a Go struct: fields by their names in templates, and JSON as it is. */
function named(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(named)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  if (entries.some(([key]) => key.includes('/'))) return new Map(entries.map(([key, item]) => [key, named(item)]))
  const fields = entries.map(([key, item]) => [goName(key), named(item)] as const)
  const json = (indent: number): string => toJson(value, { indent, escapeHtml: true })
  return new Struct('struct', Object.fromEntries(fields), () => json(2))
}
