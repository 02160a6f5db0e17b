import { expect, it } from 'vitest'
import { ago, bytesSize, ellipsis, goTime, humanSize, shortId } from '../../../src/cli/format/units.ts'

it.each([
  [0, '0B'],
  [999, '999B'],
  [1000, '1kB'],
  [1024, '1.024kB'],
  [1_983_000, '1.983MB'],
  [999_950, '1000kB'],
  [1_000_000_000, '1GB'],
  [123_456_789, '123.5MB'],
])('%d bytes are %s', (bytes, text) => {
  expect(humanSize(bytes)).toBe(text)
})

it('image lists show three digits', () => {
  expect([1_983_000, 192_000_000, 77_800_000].map(size => humanSize(size, 3))).toEqual(['1.98MB', '192MB', '77.8MB'])
})

it.each([
  [335_872, '328KiB'],
  [25_276_502_016, '23.54GiB'],
  [64 * 1024 * 1024, '64MiB'],
  [0, '0B'],
])('%d bytes are %s in powers of two', (bytes, text) => {
  expect(bytesSize(bytes)).toBe(text)
})

it('long texts end in an ellipsis', () => {
  expect([ellipsis('abcdef', 4), ellipsis('abcd', 4), ellipsis('ab', 1), ellipsis('ab', 0)]).toEqual([
    'abc…',
    'abcd',
    'a',
    '',
  ])
})

it('ids are twelve digits without their algorithm', () => {
  expect([shortId('sha256:2a84dbfc3670e999'), shortId('ee9bbc4136da4b74')]).toEqual(['2a84dbfc3670', 'ee9bbc4136da'])
})

it('times are written as Go writes them', () => {
  const noon = Date.UTC(2026, 10, 23, 14, 9, 8)
  expect([goTime(noon), goTime(noon + 500)]).toEqual([
    '2026-11-23 14:09:08 +0000 UTC',
    '2026-11-23 14:09:08.5 +0000 UTC',
  ])
  expect(ago(noon - 90_000, noon)).toBe('About a minute ago')
})
