import { expect, it } from 'vitest'
import type { Service } from '../../src/compose/file/model.ts'
import type { Project } from '../../src/compose/file/project.ts'
import { mapped, watchRules } from '../../src/compose/watch.ts'

type Watch = NonNullable<NonNullable<Service['develop']>['watch']>[number]

const projectOf = (watch: Watch, more: Partial<Service> = {}): Project =>
  ({ name: 'p', services: new Map([['app', { develop: { watch: [watch] }, ...more }]]) }) as unknown as Project

const rule = (watch: Partial<Watch>, ignored: readonly string[] = []) => {
  const [found] = watchRules(projectOf({ action: 'sync', path: '/w/src', target: '/app', ...watch }), () => ignored)
  if (!found) throw new Error('no rule')
  return found
}

it.each([
  ['a file below the path is where it is below the target', {}, [], '/w/src/a/b.js', '/app/a/b.js'],
  ['the path itself is the target', {}, [], '/w/src', '/app'],
  ['a name that only begins alike is elsewhere', {}, [], '/w/src2/a.js', undefined],
  ['what is above is elsewhere', {}, [], '/w/package.json', undefined],
  ['an ignored file does not count', { ignore: ['*.log'] }, [], '/w/src/x.log', undefined],
  ['nor what is in an ignored folder', { ignore: ['node_modules/'] }, [], '/w/src/node_modules/x/y.js', undefined],
  ['nor what .dockerignore leaves out', {}, ['dist'], '/w/src/dist/x.js', undefined],
  ["nor an editor's own files", {}, [], '/w/src/.a.js.swp', undefined],
  ['only what is included counts', { include: ['*.js'] }, [], '/w/src/a.css', undefined],
  ['what is included counts', { include: ['*.js'] }, [], '/w/src/a.js', '/app/a.js'],
] as const)('%s', (_, watch, ignored, path, target) => {
  expect(mapped(rule(watch as Partial<Watch>, ignored), path)).toBe(target)
})

it.each([
  ['sync', { sync: true, rebuild: false, restart: false }],
  ['rebuild', { sync: false, rebuild: true, restart: false }],
  ['restart', { sync: false, rebuild: false, restart: true }],
  ['sync+restart', { sync: true, rebuild: false, restart: true }],
])('%s', (action, expected) => {
  const [found] = watchRules(projectOf({ action, path: '/w', target: '/app' }, { build: { context: '/w' } }), () => [])
  expect(found).toMatchObject(expected)
})

it('a rebuild needs something to build, and a watch something to watch', () => {
  expect(() => watchRules(projectOf({ action: 'rebuild', path: '/w' }), () => [])).toThrow(
    'can\'t watch service "app" with action rebuild without a build context',
  )
  expect(() => watchRules({ services: new Map([['a', {}]]) } as unknown as Project, () => [])).toThrow(
    "none of the selected services is configured for watch, consider setting a 'develop' section",
  )
})
