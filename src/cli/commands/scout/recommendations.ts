/** `scout recommendations IMAGE`: what would make the image better, from what is known of it. */
import type { Command } from '../../command.ts'
import { footing, head } from './report.ts'

/** From this size on a smaller base is worth a thought. */
const large = 100_000_000

export const command: Command = {
  async run(ctx, [image = '']) {
    const report = await (await ctx.engine()).host.scout(image)
    const fixable = report.Findings.filter(({ fixed }) => fixed !== '')
    const advice = [
      ...[...new Map(fixable.map(each => [each.name, each])).values()].map(
        ({ name, version, fixed }) => `Refresh the image: ${name} ${version} has fixes in ${fixed} and later`,
      ),
      ...(report.Size > large && /Debian|Ubuntu/.test(report.Release)
        ? ['Change the base image: a -slim or -alpine tag has fewer packages']
        : []),
      ...(report.User === '' ? ['Set USER: processes run as root'] : []),
    ]
    ctx.out.write(
      `${head(report)}\nRecommendations\n${(advice.length > 0 ? advice : ['Nothing to change']).map(line => `  - ${line}\n`).join('')}`,
    )
    ctx.err.write(footing(report))
    return undefined
  },
}
