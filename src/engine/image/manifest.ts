/** What a registry holds for a reference, without pulling it. */
import { parseReference, withDefaultTag } from '../../image/reference.ts'
import type { Credentials } from '../../registry/remote.ts'
import type { EngineContext } from '../context.ts'
import { sourceOf } from './sources.ts'

/** The index or manifest that a reference names, with its exact bytes. */
export async function manifestOf(
  ctx: EngineContext,
  text: string,
  auth?: Credentials,
): Promise<{ digest: string; mediaType: string; bytes: Uint8Array }> {
  const reference = withDefaultTag(parseReference(text))
  const source = await sourceOf(ctx, reference, auth)
  const document = await source.resolve(reference)
  const { digest, mediaType } = document.descriptor
  return { digest, mediaType, bytes: Buffer.from(document.text) }
}
