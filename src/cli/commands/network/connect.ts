/** `docker network connect`. */
import type { EndpointSettings } from '../../../api/network.ts'
import type { Command } from '../../command.ts'

export const command: Command = {
  async run(ctx, [network = '', container = ''], flags) {
    const options = Object.fromEntries(
      flags.list('driver-opt').map(text => {
        const equals = text.indexOf('=')
        if (equals < 0) throw new Error('invalid key/value pair format in driver options')
        return [text.slice(0, equals), text.slice(equals + 1)]
      }),
    )
    const ipam = {
      ...(flags.string('ip') !== '' && { IPv4Address: flags.string('ip') }),
      ...(flags.string('ip6') !== '' && { IPv6Address: flags.string('ip6') }),
      ...(flags.list('link-local-ip').length > 0 && { LinkLocalIPs: [...flags.list('link-local-ip')] }),
    }
    const endpoint: Partial<EndpointSettings> = {
      Aliases: [...flags.list('alias')],
      Links: [...flags.list('link')],
      DriverOpts: options,
      GwPriority: flags.number('gw-priority'),
      IPAMConfig: ipam,
    }
    await (await ctx.engine()).networks.connect(network, container, endpoint)
    return undefined
  },
}
