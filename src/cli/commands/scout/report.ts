/** What the commands of scout have in common: the head of a report, counts, and what it rests on. */
import type { ScoutReport } from '../../../engine/engine.ts'
import { humanSize } from '../../format/units.ts'

const severities = ['critical', 'high', 'medium', 'low'] as const

/** `0C     2H     5M     1L`. */
export function counts({ Findings }: ScoutReport): string {
  return severities
    .map(severity => {
      const number = Findings.filter(each => each.severity === severity).length
      return `${String(number).padStart(4)}${severity.charAt(0).toUpperCase()}`
    })
    .join('  ')
}

/** Name, digest, size and counts. */
export function head(report: ScoutReport): string {
  const digest = report.Digest.replace(/^sha256:/, '').slice(0, 12)
  return [
    `Target          ${report.Reference}`,
    `  digest        ${digest}`,
    `  base          ${report.Release || 'none'}`,
    `  size          ${humanSize(report.Size, 3)}`,
    `  packages      ${report.Packages}`,
    `  vulnerabilities ${counts(report)}`,
    '',
  ].join('\n')
}

/** Says on what the findings rest. */
export const footing = ({ SampleDate }: ScoutReport): string =>
  `minidock: a sample of advisories of ${SampleDate}, embedded for teaching and not checked against a database: what it does not list may still be vulnerable\n`
