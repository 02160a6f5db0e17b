/** `system check`: whether minidock's store is whole. */
import type { ChalkInstance } from 'chalk'
import { systemClock } from '../../../clock.ts'
import type { CheckReport, Finding } from '../../../engine/system/check.ts'
import { storeRoot } from '../../../util/store-root.ts'
import type { Command } from '../../command.ts'
import { palette } from '../../format/palette.ts'
import { withSpinner } from '../../format/spinner.ts'
import { humanSize } from '../../format/units.ts'

export const command: Command = {
  async run(ctx, _args, flags) {
    // Not through the engine: a store that is damaged may not open.
    const { checkStore } = await import('../../../engine/system/check.ts')
    const options = { repair: flags.bool('repair'), blobs: flags.bool('blobs'), now: systemClock().now() }
    const root = storeRoot(ctx.env)
    const report = await withSpinner(ctx, `Checking ${root}`, () => checkStore(root, options))
    ctx.out.write(reportText(report, ctx.name, await palette(ctx.out)))
    return report.findings.length > 0 ? 1 : 0
  },
}

const lines = (word: string, findings: readonly Finding[]): string =>
  findings.map(({ path, message }) => `${word} ${path}: ${message}\n`).join('')

const files = ({ count, bytes }: { count: number; bytes: number }): string =>
  `${count} ${count === 1 ? 'file' : 'files'} (${humanSize(bytes)}) that interrupted commands left behind`

/** What was found and done, a line each, and the sum of it. */
export function reportText(report: CheckReport, name: string, colors: ChalkInstance): string {
  const { findings, repaired, removed, leftovers } = report
  const left = leftovers.count - removed.count
  const problems = findings.length === 1 ? '1 problem' : `${findings.length} problems`
  return [
    lines(colors.red('damaged: '), findings),
    lines(colors.green('repaired:'), repaired),
    removed.count > 0 ? `removed:  ${files(removed)}\n` : '',
    left > 0 ? `harmless: ${files({ ...leftovers, count: left })}: '${name} system check --repair' removes them\n` : '',
    `${report.root}: ${report.documents} documents, `,
    findings.length === 0
      ? `${colors.green('all is well')}\n`
      : `${problems}: '${name} system check --repair' puts right what can be\n`,
  ].join('')
}
