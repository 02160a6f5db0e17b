/** apt's lists and sums, as apt-private prints them. */
import { aptSize } from '../lib/sizes.ts'
import type { Package } from './index.ts'

/** Columns that a list of names takes, without its indent. */
const width = 77

/** A title and names below it, broken into lines. Nothing when there are no names. */
export function nameList(title: string, names: readonly string[]): string {
  if (names.length === 0) return ''
  const lines: string[] = []
  let line = ''
  for (const word of names.flatMap(name => name.split(' '))) {
    if (line !== '' && line.length + word.length > width) {
      lines.push(line)
      line = ''
    }
    line += `${word} `
  }
  return `${title}\n${[...lines, line].map(one => `  ${one.trimEnd()}\n`).join('')}`
}

export interface Counts {
  upgraded: number
  installed: number
  removed: number
  kept: number
  reinstalled?: number
}

export function countsLine(counts: Counts): string {
  const again = counts.reinstalled ? `${counts.reinstalled} reinstalled, ` : ''
  return `${counts.upgraded} upgraded, ${counts.installed} newly installed, ${again}${counts.removed} to remove and ${counts.kept} not upgraded.\n`
}

export function needLine(bytes: number): string {
  return bytes === 0 ? '' : `Need to get ${aptSize(bytes)}B of archives.\n`
}

export function spaceLine(bytes: number): string {
  return bytes < 0
    ? `After this operation, ${aptSize(-bytes)}B disk space will be freed.\n`
    : `After this operation, ${aptSize(bytes)}B of additional disk space will be used.\n`
}

export function fetchedLine(bytes: number, ms: number): string {
  const seconds = Math.round(ms / 1000)
  return `Fetched ${aptSize(bytes)}B in ${seconds}s (${aptSize(bytes / (ms / 1000))}B/s)\n`
}

/** dpkg's count of files, as it grows on the way there. */
export function readingDatabase(files: number): string {
  const steps = Array.from({ length: 20 }, (_, at) => `(Reading database ... ${(at + 1) * 5}%\r`)
  return `(Reading database ... \r${steps.join('')}(Reading database ... ${files} files and directories currently installed.)\n`
}

/** `curl_7.88.1-10+deb12u14_amd64.deb`, as archives are called in dpkg's lines. */
export function archiveName(pkg: Package): string {
  return `${pkg.name}_${pkg.version.replaceAll(':', '%3a')}_${pkg.arch}.deb`
}

/** Suggestions of new packages that are not there and not coming, in order of the packages. */
export function suggestions(packages: readonly Package[], there: (name: string) => boolean): string[] {
  const found = new Set<string>()
  for (const pkg of [...packages].sort((a, b) => (a.name < b.name ? -1 : 1)))
    for (const one of pkg.suggests)
      if (!one.split('|').some(name => there(name.replace(/:any$/, '')))) found.add(one.replaceAll('|', ' | '))
  return [...found]
}
