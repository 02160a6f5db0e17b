import { expect, it } from 'vitest'
import { Database, paragraphs } from '../../../src/runtime/packages/debian/dpkg-db.ts'
import type { Index, Package } from '../../../src/runtime/packages/debian/index.ts'
import { planInstall, planRemove, unneeded } from '../../../src/runtime/packages/debian/resolve.ts'
import { compareVersions, upstreamVersion } from '../../../src/runtime/packages/debian/version.ts'
import { nameList } from '../../../src/runtime/packages/debian/words.ts'

// Each was asked of `dpkg --compare-versions`.
it.each([
  ['1.0', '1.0', 0],
  ['1:1.0', '2.0', 1],
  ['1.0~rc1', '1.0', -1],
  ['1.0-1', '1.0-1+deb12u1', -1],
  ['1.10', '1.9', 1],
  ['1.0a', '1.0+', -1],
  ['2:9.0.1378-2+deb12u2', '2:9.0.1378-2', 1],
  ['0', '0-0', 0],
] as const)('%s is before (-1), as (0) or after (1) %s: %d', (a, b, order) => {
  expect(Math.sign(compareVersions(a, b))).toBe(order)
  expect(Math.sign(compareVersions(b, a))).toBe(order === 0 ? 0 : -order)
})

it.each([
  ['1:2.39.5-0+deb12u3', '2.39.5'],
  ['7.88.1-10+deb12u14', '7.88.1'],
  ['9.2.0~ds1-1', '9.2.0'],
])('%s is version %s of the software', (version, upstream) => expect(upstreamVersion(version)).toBe(upstream))

const pkg = (name: string, more: Partial<Package> = {}): Package => ({
  name,
  version: '1',
  guessed: false,
  arch: 'amd64',
  same: false,
  section: 'x',
  pocket: 'main',
  priority: 'optional',
  essential: false,
  download: 1,
  installed: 1024,
  files: 1,
  depends: [],
  recommends: [],
  suggests: [],
  provides: [],
  commands: [],
  fill: '',
  description: '',
  ...more,
})

function world(...packages: Package[]): Index {
  const providers = new Map<string, Package[]>()
  for (const one of packages)
    for (const name of one.provides) providers.set(name, [...(providers.get(name) ?? []), one])
  return { packages: new Map(packages.map(one => [one.name, one])), providers, mentions: () => false }
}

const installed = (...packages: Package[]): Database => {
  const db = new Database(new Map(), new Set(), false)
  for (const one of packages) db.add(one, 'us')
  return db
}

const [lib, tool, extra] = [pkg('lib'), pkg('tool', { depends: [['lib=']], recommends: [['extra']] }), pkg('extra')]

it('installs dependencies first, and what is recommended unless it is not wanted', () => {
  const index = world(lib, tool, extra)
  const names = (recommends: boolean): string[] =>
    planInstall(index, installed(), [tool], { recommends }).install.map(one => one.name)
  expect(names(true)).toEqual(['lib', 'tool', 'extra'])
  expect(names(false)).toEqual(['lib', 'tool'])
})

it('takes an alternative that is there, a provider, and upgrades what must have the same version', () => {
  const index = world(lib, tool, pkg('a', { depends: [['mta', 'b']] }), pkg('exim', { provides: ['mta'] }), pkg('b'))
  const plan = (db: Database, name: string) =>
    planInstall(index, db, [index.packages.get(name) ?? lib], { recommends: false })
  expect(plan(installed(pkg('b')), 'a').install.map(one => one.name)).toEqual(['a'])
  expect(plan(installed(), 'a').install.map(one => one.name)).toEqual(['exim', 'a'])
  expect(plan(installed(pkg('lib', { version: '0.9' })), 'tool').upgrade.map(one => one.name)).toEqual(['lib'])
  expect(
    planInstall(world(pkg('x', { depends: [['gone']] })), installed(), [pkg('x', { depends: [['gone']] })], {
      recommends: true,
    }).unmet,
  ).toHaveLength(1)
})

it('removes what depends on a package, and knows what nobody needs then', () => {
  const index = world(lib, tool, extra)
  const db = installed(lib, tool, extra)
  db.auto.add('lib').add('extra')
  expect(planRemove(index, db, ['lib'])).toEqual(['lib', 'tool'])
  expect(unneeded(index, db)).toEqual([])
  expect(unneeded(index, db, new Set(['tool']))).toEqual(['extra', 'lib'])
})

it('breaks lists of names as apt does', () => {
  expect(
    nameList('T:', [
      'krb5-locales',
      'libbrotli1',
      'libcurl4',
      'libgssapi-krb5-2',
      'libk5crypto3',
      'libkeyutils1',
      'libkrb5-3',
    ]),
  ).toBe('T:\n  krb5-locales libbrotli1 libcurl4 libgssapi-krb5-2 libk5crypto3 libkeyutils1\n  libkrb5-3\n')
  expect(nameList('T:', [])).toBe('')
})

it('reads paragraphs whose values go on', () => {
  expect(paragraphs('A: 1\nB:\n x\n y\n\nA: 2\n').map(one => [...one])).toEqual([
    [
      ['A', '1'],
      ['B', '\n x\n y'],
    ],
    [['A', '2']],
  ])
})
