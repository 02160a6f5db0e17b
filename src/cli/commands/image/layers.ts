/** `minidock image layers` (ours): what each layer adds, changes, removes and wastes. */
import type { Command } from '../../command.ts'
import { align } from '../../format/tabwriter.ts'
import { ellipsis, humanSize, shortId } from '../../format/units.ts'

const INSTRUCTION_WIDTH = 60

export const command: Command = {
  async run(ctx, [reference = ''], flags) {
    const platform = flags.string('platform')
    const report = await (await ctx.engine()).images.layers(reference, platform === '' ? {} : { platform })
    if (flags.string('format') === 'json') {
      ctx.out.write(`${JSON.stringify(report)}\n`)
      return
    }
    const whole = flags.bool('no-trunc')
    const rows = report.layers.map(layer => [
      whole ? layer.diffID : shortId(layer.diffID),
      ...[layer.added, layer.changed, layer.removed].map(String),
      humanSize(layer.size, 3),
      humanSize(layer.wasted, 3),
      whole ? layer.createdBy : ellipsis(layer.createdBy.replaceAll(/\s+/g, ' '), INSTRUCTION_WIDTH),
    ])
    ctx.out.write(
      align(
        [['LAYER', 'ADDED', 'CHANGED', 'REMOVED', 'SIZE', 'WASTED', 'CREATED BY'], ...rows]
          .map(cells => `${cells.join('\t')}\n`)
          .join(''),
      ),
    )
    ctx.out.write(
      `\n${report.layers.length} layers, ${humanSize(report.size, 3)}, of which ${humanSize(report.wasted, 3)} are overwritten or removed by later layers\nefficiency ${(report.efficiency * 100).toFixed(1)} %\n`,
    )
  },
}
