import { expect, it } from 'vitest'
import { choose, latest } from '../../../src/runtime/packages/npm/registry.ts'
import { buildTree, NotFound, type Project } from '../../../src/runtime/packages/npm/tree.ts'

const project = (dependencies: Record<string, string>, devDependencies: Record<string, string> = {}): Project => ({
  name: 'app',
  version: '1.0.0',
  dependencies,
  devDependencies,
  optionalDependencies: {},
  peerDependencies: {},
})

it('hoists as npm does: the counts are those of npm 10.8.2 for the same package.json', () => {
  const tree = buildTree(project({ express: '^4.18.2' }, { nodemon: '^3.0.0' }))
  expect(tree.size).toBe(99)
  expect([...tree.values()].filter(node => !node.dev).length).toBe(71)
  expect(tree.get('node_modules/nodemon')?.dev).toBe(true)
})

it('keeps what a lock file has while it fits', () => {
  const first = buildTree(project({ ms: '2.0.0' }))
  expect(buildTree(project({ ms: '^2.0.0' }), first).get('node_modules/ms')?.version).toBe('2.0.0')
  expect(buildTree(project({ ms: '^2.1.0' }), first).get('node_modules/ms')?.version).toBe(latest('ms')?.version)
})

it.each([
  ['express', '^4.0.0', /^4\./],
  ['express', '~4.17.1', /^4\.17\.1$/],
  ['express', '4.16.0', /^4\.16\.0$/],
  ['express', 'latest', /^5\./],
  ['express', '>=4 <5', /^4\./],
])('%s@%s is a version that was published', (name, range, version) =>
  expect(choose(name, range)?.version).toMatch(version),
)

it.each([
  ['express', '99.0.0', 'ETARGET'],
  ['no-such-package-here', '1', 'E404'],
])('%s@%s is not there: %s', (name, range, kind) => {
  expect(() => buildTree(project({ [name]: range }))).toThrow(NotFound)
  try {
    buildTree(project({ [name]: range }))
  } catch (error) {
    expect((error as NotFound).kind).toBe(kind)
  }
})
