/** `docker volume create`. */
import type { Command } from '../../command.ts'

/** Flags that ask for a volume of the cluster; those of secrets and places only say more of one. */
const clusterFlags = ['availability', 'group', 'limit-bytes', 'required-bytes', 'scope', 'sharing', 'type']

export const command: Command = {
  async run(ctx, [given], flags) {
    if (given !== undefined && flags.changed('name')) {
      throw new Error('conflicting options: cannot specify a volume-name through both --name and as a positional arg')
    }
    const volume = await (await ctx.engine()).volumes.create({
      Name: given ?? flags.string('name'),
      Driver: flags.string('driver'),
      ...(flags.changed('opt') && { DriverOpts: Object.fromEntries(flags.map('opt')) }),
      ...(clusterFlags.some(name => flags.changed(name)) && { ClusterVolumeSpec: {} }),
      ...(flags.changed('label') && { Labels: Object.fromEntries(flags.map('label')) }),
    })
    ctx.out.write(`${volume.Name}\n`)
    return undefined
  },
}
