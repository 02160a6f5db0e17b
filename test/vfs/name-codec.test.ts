import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeName, encodeName, hasRawBytes, nameBytes } from '../../src/vfs/name-codec.ts'

test.each([
  ['plain', 'plain', false],
  ['c3a9', 'é', false],
  ['f09f9880', '😀', false],
  ['e9', '\udce9', true],
  ['61ff62', 'a\udcffb', true],
  ['c3', '\udcc3', true],
  ['eda080', '\udced\udca0\udc80', true],
])('the bytes %s are the name %j', (hex, name, raw) => {
  const bytes = /^[0-9a-f]+$/.test(hex) ? Buffer.from(hex, 'hex') : Buffer.from(hex)
  expect(decodeName(bytes)).toBe(name)
  expect(Buffer.from(encodeName(name)).equals(bytes)).toBe(true)
  expect([hasRawBytes(name), nameBytes(name)]).toEqual([raw, bytes.length])
})

test('any bytes go through a name, and through JSON, unchanged', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
      const name: unknown = JSON.parse(JSON.stringify(decodeName(bytes)))
      expect(Buffer.from(encodeName(String(name)))).toEqual(Buffer.from(bytes))
    }),
    { numRuns: 1000, seed: 1 },
  )
})
