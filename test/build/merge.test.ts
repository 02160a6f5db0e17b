import { expect, test } from 'vitest'
import { mergeSame } from '../../src/build/merge.ts'
import { inOrder, type RunVertex, usualEnvironment, type Vertex } from '../../src/build/vertex.ts'

const common = { location: undefined, noCache: false, createdBy: '' }
const image = (name: string): Vertex => ({
  ...common,
  kind: 'image',
  name: `[${name} 1/2] FROM busybox`,
  image: { name: 'docker.io/library/busybox:latest', diffIDs: ['sha256:1'], layerSizes: [1], config: {} as never },
})
const run = (name: string, parent: Vertex, command: string): RunVertex => ({
  ...common,
  kind: 'run',
  name: `[${name} 2/2] RUN ${command}`,
  parent,
  argv: ['/bin/sh', '-c', command],
  env: [],
  proxy: [],
  cwd: '/',
  user: '',
  mounts: [],
  script: undefined,
  network: 'default',
  environment: usualEnvironment,
  security: 'sandbox',
})
const copy = (parent: Vertex, vertex: Vertex, source: string): Vertex => ({
  ...common,
  kind: 'copy',
  name: `COPY ${source}`,
  parent,
  source: { kind: 'vertex', vertex },
  step: { add: false, chown: '', chmod: '', parents: false, excludes: [], checksum: '', unpack: false },
  sources: [source],
  files: [],
  target: '/to/',
})

test.each([
  ['the same command on the same base is done once', 'make', 'make', 1],
  ['another command is another step', 'make', 'make test', 2],
])('%s', (_, first, second, count) => {
  const a = run('a', image('a'), first)
  const b = run('b', image('b'), second)
  const top = copy(copy({ ...common, kind: 'scratch', name: 'scratch' }, a, '/a'), b, '/b')
  const standing = mergeSame(inOrder(top))
  expect(new Set([standing.get(a), standing.get(b)]).size).toBe(count)
  expect(standing.get(a)?.name).toBe(`[${count === 1 ? 'b' : 'a'} 2/2] RUN ${first}`)
  expect(standing.get(b.parent)).toBe(standing.get(a.parent))
  expect(standing.get(a.parent)?.name).toBe('[b 1/2] FROM busybox')
})

test('a step that the cache is not asked for in one stage is done anew for all', () => {
  const a = run('a', image('a'), 'make')
  const b = { ...run('b', image('b'), 'make'), noCache: true }
  const top = copy(copy({ ...common, kind: 'scratch', name: 'scratch' }, a, '/a'), b, '/b')
  expect(mergeSame(inOrder(top)).get(b)).toMatchObject({ name: '[b 2/2] RUN make', noCache: true })
})
