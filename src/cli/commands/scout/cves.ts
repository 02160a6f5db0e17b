/** `scout cves IMAGE`: every finding, by package. */
import type { Command } from '../../command.ts'
import { counts, footing } from './report.ts'

export const command: Command = {
  async run(ctx, [image = '']) {
    const report = await (await ctx.engine()).host.scout(image)
    const packages = [...new Set(report.Findings.map(({ kind, name, version }) => `${kind}/${name} ${version}`))]
    const blocks = packages.map(title => {
      const lines = report.Findings.filter(({ kind, name, version }) => `${kind}/${name} ${version}` === title).map(
        ({ severity, id, fixed }) =>
          `  ${severity.toUpperCase().padEnd(8)}  ${id.padEnd(15)}  fixed version: ${fixed || 'not fixed'}`,
      )
      return [title, ...lines, ''].join('\n')
    })
    const total = report.Findings.length
    const summary =
      total === 0
        ? 'No vulnerable package detected\n'
        : `${total} vulnerabilities found in ${packages.length} packages\n${counts(report)}\n`
    ctx.out.write([...blocks, summary].join('\n'))
    ctx.err.write(footing(report))
    return undefined
  },
}
