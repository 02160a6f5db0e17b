/** POST /images/{name}/tag. */
import { invalid } from '../../errors.ts'
import { resolveImage, touchImage } from '../../image/images.ts'
import { familiarString, parseReference, type Reference, withDefaultTag } from '../../image/reference.ts'
import { setTag } from '../../image/tags.ts'
import type { EngineContext } from '../context.ts'
import type { Live } from '../live.ts'
import { imageEvent } from './events.ts'

/** Gives an image another name. */
export async function tagImage(ctx: EngineContext, source: string, target: string): Promise<void> {
  const reference = withDefaultTag(parseReference(target))
  if (reference.digest !== undefined) throw invalid('refusing to create a tag with a digest reference')
  await ctx.machine.change(live => applyTag(live, resolveImage(live.tx, source), reference))
}

/** Names an image as part of another change. */
export function applyTag(live: Live, id: string, reference: Reference): void {
  setTag(live.tx, reference, id)
  touchImage(live.tx, id, live.time)
  live.emit(imageEvent(live.tx, 'tag', id, familiarString(reference)))
}
