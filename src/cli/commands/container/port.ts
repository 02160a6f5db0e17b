/** `docker port`. */
import { messageOf } from '../../../errors.ts'
import { parseUint } from '../../../util/strconv.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { natural } from '../../order.ts'

export const command: Command = {
  async run(ctx, args) {
    const [id = '', wanted] = args
    const { NetworkSettings: settings } = await (await ctx.engine()).containers.inspect(id)
    const address = (ip: string, port: string): string => `${ip.includes(':') ? `[${ip}]` : ip}:${port}`
    if (wanted === undefined || wanted === '') {
      const lines = Object.entries(settings.Ports).flatMap(([key, bindings]) =>
        (bindings ?? []).map(binding => ({ key, text: `${key} -> ${address(binding.HostIp, binding.HostPort)}\n` })),
      )
      lines.sort((a, b) => Number.parseInt(a.key, 10) - Number.parseInt(b.key, 10) || (a.text < b.text ? -1 : 1))
      ctx.out.write(lines.map(line => line.text).join(''))
      return
    }
    const [, port = '', protocol = 'tcp'] = /^([^/]*)(?:\/(.*))?$/s.exec(wanted) ?? []
    try {
      parseUint(port, 16)
    } catch (error) {
      throw new StatusError(1, `Error: invalid port (${port}): ${messageOf(error)}`)
    }
    const bindings = settings.Ports[`${port}/${protocol.toLowerCase()}`]
    if (!bindings?.length) throw new StatusError(1, `Error: No public port '${wanted}' published for ${id}`)
    ctx.out.write(
      bindings
        .map(binding => `${address(binding.HostIp, binding.HostPort)}\n`)
        .sort(natural)
        .join(''),
    )
  },
}
