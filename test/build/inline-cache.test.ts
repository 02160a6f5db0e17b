import { expect, test } from 'vitest'
import { decodeInlineCache, encodeInlineCache } from '../../src/build/inline-cache.ts'
import type { ImageConfig } from '../../src/image/config.ts'

const key = (digit: string): string => digit.repeat(64)
const diffIDs = ['sha256:a', 'sha256:b', 'sha256:c']
const config = (cache: string): ImageConfig => ({
  architecture: 'amd64',
  os: 'linux',
  rootfs: { type: 'layers', diff_ids: diffIDs },
  'moby.buildkit.cache.v0': cache,
})

test('the steps whose layers are the image’s own come back by their keys', () => {
  const cache = encodeInlineCache(
    [
      { key: key('1'), result: { diffIDs: ['sha256:a', 'sha256:b'], created: 1000 } },
      { key: key('2'), result: { diffIDs: ['sha256:x'], created: 2000 } },
      { key: key('3'), result: { diffIDs, created: 3000 } },
      { key: key('4'), result: { diffIDs: [], created: 0 } },
    ],
    diffIDs,
  )
  expect(decodeInlineCache(config(cache))).toEqual([
    { key: key('1'), layer: 1, created: 1000 },
    { key: key('3'), layer: 2, created: 3000 },
  ])
})

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64')
const record = (digest: unknown, layer: unknown, createdAt: unknown = '2025-01-01T00:00:00Z'): object => ({
  records: [{ digest, layers: [{ layer, createdAt }] }],
})

test.each([
  ['no cache', ''],
  ['no JSON', 'bm9uc2Vuc2U='],
  ['no object', base64(null)],
  ['no list', base64({ records: 5 })],
  ['no record', base64({ records: [null, {}, { digest: 1 }] })],
  ['a key that is none', base64(record('sha256:..', 0))],
  ['a layer that the image lacks', base64(record(`sha256:${key('1')}`, 3))],
  ['a layer before the first', base64(record(`sha256:${key('1')}`, -1))],
  ['half a layer', base64(record(`sha256:${key('1')}`, 0.5))],
  ['no time', base64(record(`sha256:${key('1')}`, 0, 'soon'))],
])('an image from anyone may carry %s: nothing is taken from it', (_, cache) => {
  expect(decodeInlineCache(config(cache))).toEqual([])
})
