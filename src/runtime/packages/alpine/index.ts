/** Alpine's packages, as fixtures/packages/alpine.tsv has them, for one release. */
import { data } from '../data/alpine.generated.ts'

export interface Package {
  name: string
  version: string
  /** Bytes that it takes when installed. */
  size: number
  /** Bytes of the archive. */
  download: number
  depends: string[]
  commands: [dir: string, names: string[]][]
  fill: string
  description: string
}

const cache = new Map<string, ReadonlyMap<string, Package>>()

/** The packages of a release (`3.19`) for a machine (`x86_64`). */
export function indexOf(release: string, machine: string): ReadonlyMap<string, Package> {
  const key = `${release} ${machine}`
  const known = cache.get(key)
  if (known) return known
  const python = Number(release.split('.')[1]) < 20 ? '3.11' : '3.12'
  const here = (text: string): string =>
    text
      .replaceAll('@machine@', machine)
      .replaceAll('@arch@', machine === 'aarch64' ? 'arm64' : 'amd64')
      .replaceAll('3.12', python)
  const packages = new Map<string, Package>()
  for (const line of data.split('\n')) {
    const [
      name = '',
      newest = '',
      size,
      download,
      depends = '',
      commands = '',
      fill = '',
      description = '',
      others = '',
    ] = line.split('\t')
    const version =
      others
        .split(' ')
        .find(one => one.startsWith(`${release}:`))
        ?.slice(release.length + 1) ?? newest
    const list = (text: string): string[] => (text === '-' || text === '' ? [] : text.split(' '))
    packages.set(name, {
      name,
      version,
      size: Math.max(4096, Number(size) * 1024),
      download: Number(download) * 1024,
      depends: list(depends),
      commands: list(commands).map(group => {
        const [dir = '', names = ''] = here(group).split('=')
        return [dir, names.split(',')]
      }),
      fill: fill === '-' ? '' : here(fill),
      description,
    })
  }
  cache.set(key, packages)
  return packages
}
