/**
 * Manifest lists in the making: `manifests/` in the client's folder, a folder a list and a file a manifest, as Docker's
 * client keeps them (docker/cli manifest/store).
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HeldManifest } from '../../../engine/engine.ts'
import { codeOf, EngineError, messageOf } from '../../../errors.ts'
import { dockerList, isIndex, ociIndex, ociManifest } from '../../../image/manifest.ts'
import { fullString, parseReference, type Reference, withDefaultTag } from '../../../image/reference.ts'
import type { CliContext } from '../../command.ts'
import { authFor } from '../image/auth.ts'

/** What a list says of the platform of one of its manifests. */
export interface ListPlatform {
  architecture: string
  os: string
  'os.version'?: string
  'os.features'?: string[]
  variant?: string
}

/** A manifest of a list, as its file has it. */
export interface ListedManifest {
  Ref: string
  Descriptor: { mediaType: string; digest: string; size: number; platform?: ListPlatform }
  /** Base64 of the manifest's exact bytes. */
  Raw: string
  SchemaV2Manifest?: unknown
  OCIManifest?: unknown
}

/** What a user writes, as a whole reference. @throws Error with the words of Docker's client */
export function normalized(text: string, what = ''): Reference {
  try {
    return withDefaultTag(parseReference(text))
  } catch (error) {
    throw new Error(what + messageOf(error))
  }
}

const safe = (reference: Reference): string =>
  fullString(reference).replaceAll('\\', '-').replaceAll(':', '-').replaceAll('/', '_')

const folderOf = (ctx: Pick<CliContext, 'globals'>, list: Reference): string =>
  join(ctx.globals.config, 'manifests', safe(list))

/** The manifests of a list, by their names; undefined when there is no such list. */
export function readList(ctx: Pick<CliContext, 'globals'>, list: Reference): ListedManifest[] | undefined {
  let names: string[]
  try {
    names = readdirSync(folderOf(ctx, list)).sort()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
  return names.map(name => {
    const path = join(folderOf(ctx, list), name)
    try {
      return JSON.parse(readFileSync(path, 'utf8')) as ListedManifest
    } catch (error) {
      throw new Error(`manifest list: ${path}: ${messageOf(error)}`)
    }
  })
}

/** One manifest of a list. */
export function readListed(
  ctx: Pick<CliContext, 'globals'>,
  list: Reference,
  manifest: Reference,
): ListedManifest | undefined {
  return readList(ctx, list)?.find(({ Ref }) => Ref === fullString(manifest))
}

export function saveListed(
  ctx: Pick<CliContext, 'globals'>,
  list: Reference,
  manifest: Reference,
  listed: ListedManifest,
): void {
  mkdirSync(folderOf(ctx, list), { recursive: true, mode: 0o755 })
  writeFileSync(join(folderOf(ctx, list), safe(manifest)), JSON.stringify(listed))
}

export function removeList(ctx: Pick<CliContext, 'globals'>, list: Reference): void {
  rmSync(folderOf(ctx, list), { recursive: true, force: true })
}

/** The text of a list, as Docker's client sends it. */
export function listText(manifests: readonly ListedManifest[]): { mediaType: string; text: string } {
  const mediaType = manifests[0]?.Descriptor.mediaType === ociManifest ? ociIndex : dockerList
  const entries = manifests.map(({ Descriptor: { mediaType: type, size, digest, platform } }) => ({
    mediaType: type,
    size,
    digest,
    platform: platform && {
      architecture: platform.architecture,
      os: platform.os,
      ...(platform['os.version'] && { 'os.version': platform['os.version'] }),
      ...(platform['os.features']?.length && { 'os.features': platform['os.features'] }),
      ...(platform.variant && { variant: platform.variant }),
    },
  }))
  return { mediaType, text: JSON.stringify({ schemaVersion: 2, mediaType, manifests: entries }, null, 3) }
}

/** A manifest as the registry holds it. @throws Error `no such manifest: …` */
export async function held(ctx: CliContext, reference: Reference, insecure: boolean): Promise<HeldManifest> {
  const { registry } = await ctx.engine()
  const { auth } = await authFor(ctx, reference)
  try {
    return await registry.manifest(fullString(reference), { ...(auth && { auth }), client: { insecure } })
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    const refused = error.kind === 'unauthorized' && auth !== undefined
    if (error.kind !== 'notFound' && !refused) throw new Error(error.message)
    throw new Error(`no such manifest: ${shown(reference)}`)
  }
}

/** `docker.io` is left out, as in what users write. */
const shown = (reference: Reference): string => fullString(reference).replace(/^docker\.io\/(library\/)?/, '')

/** A manifest of one image, with the platform that its config tells of. @throws Error for a list */
export async function imageManifest(
  ctx: CliContext,
  reference: Reference,
  insecure: boolean,
  of?: { found: HeldManifest; platform?: ListPlatform },
): Promise<ListedManifest> {
  const { digest, mediaType, bytes } = of?.found ?? (await held(ctx, reference, insecure))
  if (isIndex(mediaType)) throw new Error(`${fullString(reference)} is a manifest list`)
  const platform = of?.platform ?? (await platformAt(ctx, reference, bytes, insecure))
  const manifest: unknown = JSON.parse(Buffer.from(bytes).toString())
  return {
    Ref: fullString(reference),
    Descriptor: { mediaType, digest, size: bytes.length, ...(platform && { platform }) },
    Raw: Buffer.from(bytes).toString('base64'),
    ...(mediaType === ociManifest ? { OCIManifest: manifest } : { SchemaV2Manifest: manifest }),
  }
}

async function platformAt(
  ctx: CliContext,
  reference: Reference,
  manifest: Uint8Array,
  insecure: boolean,
): Promise<ListPlatform> {
  const { registry } = await ctx.engine()
  const auth = await authFor(ctx, reference)
  const text = await registry.config(fullString(reference), manifest, { ...auth, client: { insecure } })
  const config = JSON.parse(text) as Partial<ListPlatform>
  const { architecture = '', os = '', variant } = config
  return {
    architecture,
    os,
    ...(config['os.version'] && { 'os.version': config['os.version'] }),
    ...(variant && { variant }),
  }
}
