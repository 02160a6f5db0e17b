/** `docker manifest push`: sends a list in the making, and brings its manifests into its repository first. */
import { createHash } from 'node:crypto'
import { fullName, fullString, type Reference, trimNamed } from '../../../image/reference.ts'
import type { CliContext, Command } from '../../command.ts'
import { authFor } from '../image/auth.ts'
import { type ListedManifest, listText, normalized, readList, removeList } from './lists.ts'

export const command: Command = {
  async run(ctx, [target = ''], flags) {
    const list = normalized(target)
    const manifests = readList(ctx, list)
    if (!manifests) throw new Error(`No such manifest: ${fullString(list)}`)
    for (const manifest of manifests) check(list, manifest)
    const insecure = flags.bool('insecure')
    const options = { ...(await authFor(ctx, list)), client: { insecure } }
    const { registry } = await ctx.engine()
    for (const manifest of manifests) await bring(ctx, list, manifest, insecure)
    const { mediaType, text } = listText(manifests)
    await registry.put(fullString(list), { mediaType, bytes: Buffer.from(text) }, options)
    ctx.out.write(`sha256:${createHash('sha256').update(text).digest('hex')}\n`)
    if (flags.bool('purge')) removeList(ctx, list)
    return undefined
  },
}

function check(list: Reference, { Ref, Descriptor: { platform } }: ListedManifest): void {
  const { domain } = normalized(Ref)
  if (domain !== list.domain)
    throw new Error(
      `cannot use source images from a different registry than the target image: ${domain} != ${list.domain}`,
    )
  if (!platform?.architecture || !platform.os)
    throw new Error(`manifest ${Ref} must have an OS and Architecture to be pushed to a registry`)
}

/** Takes a manifest of another repository of the registry over. */
async function bring(ctx: CliContext, list: Reference, manifest: ListedManifest, insecure: boolean): Promise<void> {
  const source = normalized(manifest.Ref)
  if (fullName(source) === fullName(list)) return
  const { digest } = manifest.Descriptor
  const { registry } = await ctx.engine()
  const { auth } = await authFor(ctx, list)
  await registry.copy(fullString({ ...trimNamed(source), digest }), fullString(list), {
    ...(auth && { auth, toAuth: auth }),
    client: { insecure },
  })
  ctx.out.write(`Pushed ref ${fullString({ ...trimNamed(list), digest })} with digest: ${digest}\n`)
}
