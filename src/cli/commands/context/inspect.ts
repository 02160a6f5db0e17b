/** `docker context inspect`. */
import type { Command } from '../../command.ts'
import { inspect } from '../../format/inspect.ts'
import { absent, DEFAULT, endpoint } from './contexts.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const names = args.length > 0 ? args : [DEFAULT]
    await inspect(ctx.out, names, flags.string('format'), async name => {
      if (name !== DEFAULT) throw absent(ctx, name)
      return {
        Name: name,
        Metadata: {},
        Endpoints: { docker: { Host: endpoint(ctx), SkipTLSVerify: false } },
        TLSMaterial: {},
        Storage: { MetadataPath: '<IN MEMORY>', TLSPath: '<IN MEMORY>' },
      }
    })
    return undefined
  },
}
