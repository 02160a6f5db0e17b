/** The registry's packages, as fixtures/packages/npm.tsv has them. */
import { maxSatisfying, minVersion, rcompare, satisfies, valid, validRange } from 'semver'
import { data } from '../data/npm.generated.ts'

export interface Manifest {
  name: string
  version: string
  /** Bytes unpacked. */
  size: number
  files: number
  funding: boolean
  module: boolean
  license: string
  main: string
  /** Command to the file it runs. */
  bin: Record<string, string>
  dependencies: Record<string, string>
  optional: Record<string, string>
  peer: Record<string, string>
  /** The file that stands for what else it has. */
  largest: string
  node: string
}

let known: Map<string, string[]> | undefined

/** Lines of the table by name. */
function table(): Map<string, string[]> {
  if (known) return known
  known = new Map()
  for (const line of data.split('\n')) {
    const name = line.slice(0, line.indexOf('\t'))
    const lines = known.get(name)
    if (lines) lines.push(line)
    else known.set(name, [line])
  }
  return known
}

/** `a@1|b@^2 || ^3`: a range may hold ` || `, which splits too; its parts have no name before an @. */
function pairs(text: string): Record<string, string> {
  const list: Record<string, string> = {}
  let last = ''
  for (const one of text.split('|')) {
    const at = one.indexOf('@', 1)
    if (at > 0 && /^@?[^@\s]+@/.test(one)) {
      last = one.slice(0, at)
      list[last] = one.slice(at + 1)
    } else if (last !== '') list[last] += `|${one}`
  }
  return list
}

function read(line: string): Manifest {
  const [name = '', version = '', size, files, flags = '', license = '', main = '', bin = '', ...rest] =
    line.split('\t')
  const [dependencies = '', optional = '', peer = '', largest = '', node = ''] = rest
  return {
    name,
    version,
    size: Number(size),
    files: Number(files),
    funding: flags.includes('f'),
    module: flags.includes('m'),
    license,
    main,
    bin: Object.fromEntries(
      bin
        .split(' ')
        .filter(one => one !== '')
        .map(one => one.split('=') as [string, string]),
    ),
    dependencies: pairs(dependencies),
    optional: pairs(optional),
    peer: pairs(peer),
    largest,
    node,
  }
}

/** Whether the registry has any version of a package. */
export function hasPackage(name: string): boolean {
  return table().has(name)
}

/** All versions that the table has, newest first. */
export function versionsOf(name: string): Manifest[] {
  return (table().get(name) ?? []).map(read).sort((a, b) => rcompare(a.version, b.version))
}

/** What `latest` means: the newest version that is no pre-release. */
export function latest(name: string): Manifest | undefined {
  const all = versionsOf(name)
  return all.find(one => !one.version.includes('-')) ?? all[0]
}

/**
 * The version that a range chooses. The table has only one or two versions of each package, so a range that none of
 * them satisfies is answered with the lowest version it allows, if a newer one is in the table: it has been published
 * once. Undefined: no such version.
 */
export function choose(name: string, range: string): Manifest | undefined {
  const all = versionsOf(name)
  const newest = latest(name)
  if (!newest) return undefined
  if (range === '' || range === 'latest' || range === '*') return newest
  const alias = /^npm:(.+)@([^@]*)$/.exec(range)
  if (alias) return choose(alias[1] ?? '', alias[2] ?? '')
  if (/^(next|beta|canary|lts)$/.test(range)) return newest
  if (!validRange(range)) return undefined
  if (satisfies(newest.version, range)) return newest
  const best = maxSatisfying(
    all.map(one => one.version),
    range,
  )
  if (best !== null) return all.find(one => one.version === best)
  const least = valid(range) ?? minVersion(range)?.version
  if (least === undefined || !all.some(one => rcompare(one.version, least) < 0)) return undefined
  return { ...newest, version: least }
}
