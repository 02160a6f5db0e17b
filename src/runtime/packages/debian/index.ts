/** The archive's packages, as fixtures/packages/debian-12.tsv has them, with what other releases have otherwise. */
import { data } from '../data/debian-12.generated.ts'
import type { Release } from './release.ts'

export interface Package {
  name: string
  version: string
  /** The version is Debian's, as what this release has is not known: it upgrades nothing. */
  guessed: boolean
  /** `all`, or the machine's own. */
  arch: string
  /** Several architectures of it can be installed at once: its name is written with one. */
  same: boolean
  section: string
  /** Which part of the archive it comes from. */
  pocket: 'main' | 'updates' | 'security'
  priority: string
  essential: boolean
  /** Bytes of the .deb. */
  download: number
  /** Bytes that it takes when installed. */
  installed: number
  /** How many files and folders it has. */
  files: number
  /** Each clause: alternatives; a name that ends in `=` must have this package's version. */
  depends: string[][]
  recommends: string[][]
  suggests: string[]
  provides: string[]
  /** Folder to names. */
  commands: [dir: string, names: string[]][]
  /** The file that stands for what the package has besides its commands. */
  fill: string
  description: string
}

/** The packages of a release by name, and what provides a virtual one. */
export interface Index {
  readonly packages: ReadonlyMap<string, Package>
  /** Real packages that provide a virtual name. */
  readonly providers: ReadonlyMap<string, readonly Package[]>
  /** Every name that a package of the index refers to. */
  mentions(name: string): boolean
}

const cache = new Map<string, Index>()

/** The index for a release and an architecture (`amd64`, `arm64`). */
export function indexOf(release: Release, arch: string): Index {
  const key = `${release.codename} ${arch}`
  const known = cache.get(key)
  if (known) return known
  const renames = new Map<string, string>()
  const versions = new Map<string, string>()
  for (const line of (release.differences ?? '').split('\n')) {
    const [name = '', version = '', other = ''] = line.split('\t')
    if (version !== '') versions.set(name, version)
    if (other !== '') renames.set(name, other)
  }
  const index = readIndex(arch, renames, versions)
  cache.set(key, index)
  return index
}

function readIndex(arch: string, renames: ReadonlyMap<string, string>, versions: ReadonlyMap<string, string>): Index {
  const named = (name: string): string => {
    const bare = name.replace(/=$/, '')
    return (renames.get(bare) ?? bare) + name.slice(bare.length)
  }
  const machine = arch === 'arm64' ? 'aarch64' : 'x86_64'
  const list = (text: string): string[] => (text === '' ? [] : text.split(' '))
  const clauses = (text: string): string[][] => list(text).map(one => one.split('|').map(named))
  const packages = new Map<string, Package>()
  const providers = new Map<string, Package[]>()
  for (const line of data.split('\n')) {
    const [from = '', version = '', flags = '', section = '', download, installed, files, ...rest] = line.split('\t')
    const [depends = '', recommends = '', suggests = '', provides = '', commands = '', fill = '', words = ''] = rest
    const name = named(from)
    const [number = '', other = ''] = [/\d+(\.\d+)?/.exec(from)?.[0], /\d+(\.\d+)?/.exec(name)?.[0]]
    const renumbered = (text: string): string => (number === other ? text : text.replaceAll(number, other))
    const pkg: Package = {
      name,
      version: versions.get(from) ?? version,
      guessed: versions.size > 0 && !versions.has(from),
      arch: flags.includes('a') ? 'all' : arch,
      same: flags.includes('s'),
      section,
      pocket: flags.includes('x') ? 'security' : flags.includes('u') ? 'updates' : 'main',
      priority:
        { r: 'required', i: 'important', t: 'standard' }[/[rit]/.exec(flags)?.[0] as 'r' | 'i' | 't'] ?? 'optional',
      essential: flags.includes('e'),
      download: Number(download),
      installed: Number(installed) * 1024,
      files: Number(files),
      depends: clauses(depends),
      recommends: clauses(recommends),
      suggests: list(suggests),
      provides: list(provides),
      commands: list(renumbered(commands)).map(group => {
        const [dir = '', names = ''] = group.replaceAll('@machine@', machine).split('=')
        return [dir, names.split(',')]
      }),
      fill: renumbered(fill).replaceAll('@machine@', machine),
      description: words,
    }
    packages.set(name, pkg)
    for (const virtual of pkg.provides) providers.set(virtual, [...(providers.get(virtual) ?? []), pkg])
  }
  let mentioned: Set<string> | undefined
  return {
    packages,
    providers,
    mentions(name) {
      mentioned ??= new Set(
        [...packages.values()].flatMap(pkg => [
          ...[...pkg.depends, ...pkg.recommends].flat().map(one => one.replace(/=$/, '')),
          ...pkg.suggests.flatMap(one => one.split('|')),
        ]),
      )
      return mentioned.has(name)
    },
  }
}

/** `libcurl4:amd64`, as dpkg writes the name of a package that several architectures may have. */
export function fullName(pkg: { name: string; same: boolean; arch: string }): string {
  return pkg.same ? `${pkg.name}:${pkg.arch}` : pkg.name
}
