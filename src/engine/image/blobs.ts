/** The content store as image verbs use it. */
import type { FileSink } from '../../image/archive-reader.ts'
import type { EngineContext } from '../context.ts'

/** Takes in a blob that is kept under its digest. */
export function blobSink(ctx: EngineContext): FileSink {
  return ctx.content.writer()
}

/** A blob's bytes in pieces. */
export async function* readBlob(ctx: EngineContext, digest: string, size: number): AsyncGenerator<Uint8Array, void> {
  const piece = 1 << 20
  for (let at = 0; at < size; at += piece) yield ctx.content.readAt(digest, at, Math.min(piece, size - at))
}
