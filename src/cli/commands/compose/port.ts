/** `docker compose port`. */
import { nameOf } from '../../../compose/observed.ts'
import { parseUint } from '../../../util/strconv.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { serviceContainer } from './service-container.ts'

export const command: Command = {
  async run(ctx, [service = '', given = ''], flags) {
    const port = Number(parseUint(given, 16))
    const protocol = flags.string('protocol').toLowerCase()
    const container = await serviceContainer(ctx, service, flags)
    const found = container.Ports.find(one => one.PrivatePort === port && one.Type === protocol)
    if (!found) {
      const others = container.Ports.map(one => `${one.PublicPort ?? 0}/${one.Type}`).join(', ')
      throw new StatusError(1, `no port ${port}/${protocol} for container ${nameOf(container)}: ${others}`)
    }
    ctx.out.write(`${found.IP ?? ''}:${found.PublicPort ?? 0}\n`)
  },
}
