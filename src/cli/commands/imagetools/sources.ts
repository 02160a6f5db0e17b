/** What `buildx imagetools` reads at registries. */
import type { HeldManifest } from '../../../engine/engine.ts'
import { EngineError } from '../../../errors.ts'
import type { Descriptor } from '../../../image/manifest.ts'
import { fullString, parseReference, type Reference, withDefaultTag } from '../../../image/reference.ts'
import type { CliContext } from '../../command.ts'
import { authFor } from '../image/auth.ts'

/** What a user writes, as a whole reference. @throws Error with buildx's words */
export function wholeReference(text: string): Reference {
  try {
    return withDefaultTag(parseReference(text))
  } catch (error) {
    throw error instanceof EngineError ? new Error(error.message) : error
  }
}

/** The manifest or index that a reference names. @throws Error `REF: not found` */
export async function manifestAt(ctx: CliContext, reference: Reference): Promise<HeldManifest> {
  const { registry } = await ctx.engine()
  try {
    return await registry.manifest(fullString(reference), await authFor(ctx, reference))
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    throw new Error(error.kind === 'notFound' ? `${fullString(reference)}: not found` : error.message)
  }
}

/** The config of the image that a manifest is of, parsed. */
export async function configOf(
  ctx: CliContext,
  reference: Reference,
  manifest: HeldManifest,
): Promise<Record<string, unknown>> {
  const { registry } = await ctx.engine()
  const auth = await authFor(ctx, reference)
  return JSON.parse(await registry.config(fullString(reference), manifest.bytes, auth)) as Record<string, unknown>
}

/** A descriptor with its fields in the order in which Go writes them. */
export function ordered({ mediaType, digest, size, annotations, platform, ...others }: Descriptor): Descriptor {
  const { architecture, os, variant, ...rest } = platform ?? { architecture: '', os: '' }
  const own = { architecture, os, ...rest, ...(variant && { variant }) }
  return { mediaType, digest, size, ...others, ...(annotations && { annotations }), ...(platform && { platform: own }) }
}
