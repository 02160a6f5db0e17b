/** `network trace CONTAINER|host TO[:PORT]`. */
import type { ChalkInstance } from 'chalk'
import type { NetworkTrace } from '../../../engine/engine.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { palette } from '../../format/palette.ts'

const protocols = ['tcp', 'udp', 'icmp'] as const

/** Exit status 0 when the packet is answered, 1 when it is not. */
export const command: Command = {
  async run(ctx, [from = '', to = ''], flags) {
    const format = flags.string('format')
    if (format !== '' && format !== 'json') throw new StatusError(1, `${ctx.name}: --format takes json`)
    const given = flags.string('protocol')
    const protocol = protocols.find(each => each === given)
    if (given !== '' && !protocol) throw new StatusError(1, `${ctx.name}: --protocol takes tcp, udp or icmp`)
    const trace = await (await ctx.engine()).host.trace(from, to, protocol)
    ctx.out.write(format === 'json' ? `${JSON.stringify(trace, null, 4)}\n` : describe(trace, await palette(ctx.out)))
    return trace.Reached ? 0 : 1
  },
}

function describe(trace: NetworkTrace, colors: ChalkInstance): string {
  const width = Math.max(...trace.Hops.map(hop => hop.at.length), 4)
  const indent = ' '.repeat(width + 6)
  const hops = trace.Hops.flatMap((hop, at) => [
    `${String(at + 1).padStart(2)}  ${hop.at.padEnd(width)}  ${hop.what}`,
    ...(hop.rule === undefined
      ? []
      : [`${indent}${hop.table ? `${colors.cyan(hop.table)}: ` : ''}${colors.dim(hop.rule)}`]),
  ])
  const port = trace.Port === 0 ? '' : `:${trace.Port}`
  return [
    `${trace.From} -> ${trace.Address}${port} (${trace.Protocol})`,
    ...hops,
    `${trace.Reached ? colors.green('reached') : colors.red('not reached')}: ${trace.Result}`,
    '',
  ].join('\n')
}
