/** `docker logout`. */
import type { Command } from '../../command.ts'
import { HUB_KEY, readConfigFile } from '../../config-file.ts'
import { serverKey } from './login.ts'

export const command: Command = {
  async run(ctx, [server = HUB_KEY]) {
    ctx.out.write(
      `Removing login credentials for ${server === HUB_KEY ? server : server.replace(/^https?:\/\//, '')}\n`,
    )
    await readConfigFile(ctx).erase(serverKey(server))
    return undefined
  },
}
