/** `docker logout`. */
import type { Command } from '../../command.ts'
import { readConfigFile } from '../../config-file.ts'
import { HUB } from './login.ts'

export const command: Command = {
  async run(ctx, [server = HUB]) {
    const config = readConfigFile(ctx)
    ctx.out.write(`Removing login credentials for ${server}\n`)
    if (config.auths.delete(server)) config.save()
    return undefined
  },
}
