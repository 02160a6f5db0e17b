import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gzipInParallel } from '../../src/registry/gzip-parallel.ts'

const packed = async (parts: Iterable<Uint8Array>): Promise<Buffer> => {
  const out: Uint8Array[] = []
  for await (const bytes of gzipInParallel(parts)) out.push(bytes)
  return Buffer.concat(out)
}

describe('gzip on all cores', () => {
  it.each([
    ['nothing', 0],
    ['one byte', 1],
    ['a piece', 1 << 18],
    ['a piece and a byte', (1 << 18) + 1],
    ['many pieces', 5_000_000],
  ])('%s comes back, and small', async (_, size) => {
    const data = Buffer.alloc(size, 'some text that repeats ')
    const gzip = await packed([data])
    expect(gunzipSync(gzip).equals(data)).toBe(true)
    expect(gzip.length).toBeLessThan(100 + size / 50)
    expect((await packed([data])).equals(gzip)).toBe(true)
  })

  it('input in parts of any size gives the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 20 }), async parts => {
        const whole = Buffer.concat(parts)
        const gzip = await packed(parts)
        expect(gunzipSync(gzip).equals(whole)).toBe(true)
        expect(gzip.equals(await packed([whole]))).toBe(true)
      }),
    )
  })
})
