/** `docker logout`. */
import type { Command } from '../../command.ts'
import { HUB_KEY, readConfigFile } from '../../config-file.ts'
import { serverKey } from './login.ts'

export const command: Command = {
  async run(ctx, [server = HUB_KEY]) {
    ctx.out.write(
      `Removing login credentials for ${server === HUB_KEY ? server : server.replace(/^https?:\/\//, '')}\n`,
    )
    const key = serverKey(server)
    const config = readConfigFile(ctx)
    // As Docker does: however it was written when it was kept.
    const keys = key === HUB_KEY ? [key] : [key, `http://${key}`, `https://${key}`]
    for (const one of keys) await config.erase(one)
    return undefined
  },
}
