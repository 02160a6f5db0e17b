/** `docker manifest inspect`: a manifest or list as the registry, or a list in the making, holds it. */
import { isIndex, type ManifestIndex } from '../../../image/manifest.ts'
import { fullString, trimNamed } from '../../../image/reference.ts'
import type { CliContext, Command } from '../../command.ts'
import {
  held,
  imageManifest,
  type ListedManifest,
  type ListPlatform,
  listText,
  normalized,
  readList,
  readListed,
} from './lists.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const insecure = flags.bool('insecure')
    const verbose = flags.bool('verbose')
    const reference = normalized(args.at(-1) ?? '')
    const [first] = args
    if (args.length === 2 && first !== undefined) {
      const list = normalized(first)
      if (!readList(ctx, list)) throw new Error(`No such manifest: ${fullString(list)}`)
      const listed = readListed(ctx, list, reference)
      showManifest(ctx, listed ?? (await imageManifest(ctx, reference, insecure)), verbose)
      return undefined
    }
    const local = readList(ctx, reference)
    if (local) {
      showList(ctx, local, verbose)
      return undefined
    }
    const found = await held(ctx, reference, insecure)
    if (!isIndex(found.mediaType)) {
      // What is shown as it came needs no look at the config.
      if (verbose) showManifest(ctx, await imageManifest(ctx, reference, insecure, { found }), true)
      else ctx.out.write(`${JSON.stringify(JSON.parse(Buffer.from(found.bytes).toString()), null, '\t')}\n`)
      return undefined
    }
    const { manifests } = JSON.parse(Buffer.from(found.bytes).toString()) as ManifestIndex
    const entries: ListedManifest[] = []
    for (const { digest, mediaType, size, platform } of manifests) {
      const part = { ...trimNamed(reference), digest }
      const own = platform as ListPlatform | undefined
      const listed = verbose
        ? await imageManifest(ctx, part, insecure, {
            found: await held(ctx, part, insecure),
            ...(own && { platform: own }),
          })
        : { Ref: '', Raw: '', Descriptor: { mediaType, digest, size, ...(own && { platform: own }) } }
      entries.push({ ...listed, Ref: `${fullString(reference)}@${digest}` })
    }
    showList(ctx, entries, verbose)
    return undefined
  },
}

function showManifest(ctx: CliContext, manifest: ListedManifest, verbose: boolean): void {
  const shown: unknown = verbose ? manifest : JSON.parse(Buffer.from(manifest.Raw, 'base64').toString())
  ctx.out.write(`${JSON.stringify(shown, null, '\t')}\n`)
}

/** Docker indents a list by three blanks, a manifest by a tab. */
function showList(ctx: CliContext, manifests: readonly ListedManifest[], verbose: boolean): void {
  ctx.out.write(`${verbose ? JSON.stringify(manifests, null, '\t') : listText(manifests).text}\n`)
}
