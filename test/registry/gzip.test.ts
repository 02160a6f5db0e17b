import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gzip, storedFor } from '../../src/registry/gzip.ts'

const pack = (pieces: Iterable<Uint8Array>, stored: number): Buffer => Buffer.concat([...gzip(pieces, stored)])

describe('the gzip stream of a wanted size', () => {
  it('unpacks to its input, however that is cut', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.uint8Array({ maxLength: 300 }),
            fc.nat(100_000).map(n => new Uint8Array(n)),
          ),
          { maxLength: 8 },
        ),
        fc.nat(200_000),
        (pieces, stored) => {
          const whole = Buffer.concat(pieces)
          const packed = pack(pieces, stored)
          expect(gunzipSync(packed).equals(whole)).toBe(true)
          expect(packed.equals(pack([whole], stored))).toBe(true)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('comes close to the size that is asked for', () => {
    const data = new Uint8Array(20_000_000)
    for (const wanted of [500_000, 7_000_000, 19_000_000]) {
      const { length } = pack([data], storedFor(data.length, wanted))
      expect(Math.abs(length - wanted)).toBeLessThan(66_000)
    }
  })
})
