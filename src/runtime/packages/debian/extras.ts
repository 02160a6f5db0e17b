/** What a package does besides bringing files: see fixtures/packages/debian-extras.yaml. */
import { data } from '../data/debian-extras.generated.ts'
import type { Package } from './index.ts'
import type { Release } from './release.ts'
import { upstreamVersion } from './version.ts'

export interface Extras {
  links?: Record<string, string>
  alternatives?: Record<string, [path: string, target: string]>
  programs?: { dir: string; program?: string; names: string }[]
  runs?: Record<string, string>
  files?: Record<string, string>
  dirs?: string[]
  users?: string[]
  groups?: string[]
  setup?: string[]
}

const versions: Record<string, { python: string; gcc: string }> = {
  bookworm: { python: '3.11', gcc: '12' },
  jammy: { python: '3.10', gcc: '11' },
  noble: { python: '3.12', gcc: '13' },
}

/** The names under which the table knows packages that other releases call otherwise. */
const asInDebian = (name: string): string =>
  name
    .replace(/^python3\.1\d-/, 'python3.11-')
    .replace(/^(gcc|g\+\+|cpp)-1\d$/, '$1-12')
    .replace(/^postgresql-1\d$/, 'postgresql-15')

/** The extras of a package, with a release's versions filled in. */
export function extrasOf(pkg: Package, release: Release, arch: string): Extras {
  const { python = '3.11', gcc = '12' } = versions[release.codename] ?? {}
  const words: Record<string, string> = {
    '@machine@': arch === 'arm64' ? 'aarch64' : 'x86_64',
    '@arch@': arch,
    '@python@': python,
    '@gcc@': gcc,
    '@version@': upstreamVersion(pkg.version),
  }
  const text = JSON.stringify((JSON.parse(data) as Record<string, Extras>)[asInDebian(pkg.name)] ?? {})
  return JSON.parse(text.replace(/@(machine|arch|python|gcc|version)@/g, word => words[word] ?? word)) as Extras
}
