/** `docker manifest inspect`: a manifest or list as the registry holds it. */
import { EngineError } from '../../../errors.ts'
import type { Command } from '../../command.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    if (flags.bool('verbose')) throw new Error(`${ctx.name}: 'manifest inspect --verbose' is not built yet`)
    const reference = args.at(-1) ?? ''
    const { bytes } = await find()
    const manifest: unknown = JSON.parse(Buffer.from(bytes).toString())
    const isList = typeof manifest === 'object' && manifest !== null && 'manifests' in manifest
    // Docker indents a list by three blanks, a manifest by a tab.
    ctx.out.write(`${JSON.stringify(manifest, null, isList ? 3 : '\t')}\n`)
    return undefined

    async function find() {
      try {
        return await (await ctx.engine()).images.manifest(reference)
      } catch (error) {
        if (error instanceof EngineError && error.kind === 'invalid') throw new Error(error.message)
        if (!(error instanceof EngineError) || error.kind !== 'notFound') throw error
        const tagged = reference.includes('@') || /:[^/]*$/.test(reference)
        throw new Error(`no such manifest: ${tagged ? reference : `${reference}:latest`}`)
      }
    }
  },
}
