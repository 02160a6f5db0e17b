/** `registry serve`: the store's registry for others, until Ctrl-C. */
import { join } from 'node:path'
import { codeOf, messageOf } from '../../../errors.ts'
import { readHtpasswd, startServer } from '../../../registry/server.ts'
import { storeRoot } from '../../../util/store-root.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'

/** The folder of the store that holds what was pushed. */
const FOLDER = 'registry'

export const command: Command = {
  async run(ctx, _args, flags) {
    const port = flags.number('port')
    const host = flags.string('address')
    const htpasswd = flags.string('htpasswd')
    if (port < 0 || port > 65_535) throw new StatusError(1, `${ctx.name}: --port ${port} is not in [0, 65535]`)
    const quiet = flags.bool('quiet')
    const server = await startServer({
      root: join(storeRoot(ctx.env), FOLDER),
      host,
      port,
      readOnly: flags.bool('readonly'),
      ...(htpasswd !== '' && { htpasswd: readHtpasswd(htpasswd) }),
      ...(!quiet && { log: (method, path, status) => ctx.err.write(`${status} ${method} ${path}\n`) }),
    }).catch((error: unknown) => {
      if (codeOf(error)) throw new StatusError(1, `${ctx.name}: cannot listen on ${host}:${port}: ${messageOf(error)}`)
      throw new StatusError(1, `${ctx.name}: ${messageOf(error)}`)
    })
    ctx.out.write(`Listening on http://${host.includes(':') ? `[${host}]` : host}:${server.port}\n`)
    await new Promise<void>(resolve => {
      const stop = ctx.onSignal(['SIGINT', 'SIGTERM'], () => {
        stop()
        resolve()
      })
    })
    await server.close()
    return undefined
  },
}
