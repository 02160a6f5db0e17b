/** bzip2 in both directions: what is packed comes back, whatever it is and however it arrives. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Bzip2 } from '../../../src/kernel/userland/lib/bzip2-compress.ts'
import { Bunzip2, Bzip2Error } from '../../../src/kernel/userland/lib/bzip2-expand.ts'

const packed = (data: Uint8Array, level = 1): Buffer => Buffer.concat(new Bzip2(level).push(data, true))

function unpacked(data: Uint8Array, size: number): Buffer {
  const bunzip2 = new Bunzip2()
  const parts: Uint8Array[] = []
  for (let at = 0; at < data.length; at += size) parts.push(...bunzip2.push(data.subarray(at, at + size)))
  parts.push(...bunzip2.push(new Uint8Array(0), true))
  return Buffer.concat(parts)
}

const runs = fc
  .array(fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 600 })), { maxLength: 12 })
  .map(list => Buffer.concat(list.map(([byte, times]) => Buffer.alloc(times, byte))))

it('gives back what was packed', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 3000 }), runs), fc.integer({ min: 1, max: 500 }), (data, size) => {
      expect(unpacked(packed(data), size).equals(Buffer.from(data))).toBe(true)
    }),
    { numRuns: 60 },
  )
})

it('goes over the border of blocks, and over several streams', () => {
  const data = Buffer.from(Array.from({ length: 14_000 }, (_, at) => `${at * 7919}\n`).join(''))
  const two = Buffer.concat([packed(data), packed(data)])
  expect(unpacked(two, 65_536).equals(Buffer.concat([data, data]))).toBe(true)
})

it('ends with an error of its own, whatever the bytes', () => {
  const good = packed(Buffer.from('some text, some text and some more'))
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, byte, length) => {
      const bad = Buffer.from(good)
      bad[at] = byte
      try {
        unpacked(bad.subarray(0, length), 16)
      } catch (error) {
        expect(error).toBeInstanceOf(Bzip2Error)
      }
    }),
  )
})
