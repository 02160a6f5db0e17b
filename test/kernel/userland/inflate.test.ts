import { deflateRawSync, gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Gunzip, Gzip, GzipError } from '../../../src/kernel/userland/lib/gzip-stream.ts'
import { Inflate, InflateError } from '../../../src/kernel/userland/lib/inflate.ts'

/** Bytes with repetitions, so that matches of every kind come up. */
const content = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 400 })), { maxLength: 12 })
  .map(parts => Buffer.concat(parts.flatMap(([bytes, times]) => Array.from({ length: times }, () => bytes))))

function inPieces(data: Uint8Array, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < data.length; at += size) pieces.push(data.subarray(at, at + size))
  return pieces
}

function gunzip(data: Uint8Array, size = 4096): Buffer {
  const stream = new Gunzip()
  const out: Uint8Array[] = []
  for (const piece of inPieces(data, size)) out.push(...stream.push(piece))
  out.push(...stream.push(new Uint8Array(0), true))
  return Buffer.concat(out)
}

describe('Inflate', () => {
  it('gives back what zlib compressed, however the input is cut', () => {
    fc.assert(
      fc.property(content, fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 5000 }), (data, level, size) => {
        const inflate = new Inflate()
        const out = inPieces(deflateRawSync(data, { level }), size).flatMap(piece => inflate.push(piece))
        out.push(...inflate.push(new Uint8Array(0), true))
        expect(inflate.done).toBe(true)
        expect(Buffer.concat(out).equals(data)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('answers any garbage with output or an InflateError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), data => {
        try {
          const inflate = new Inflate()
          inflate.push(data)
          inflate.push(new Uint8Array(0), true)
        } catch (error) {
          expect(error).toBeInstanceOf(InflateError)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('Gunzip and Gzip', () => {
  it('reads what zlib wrote and writes what zlib reads', () => {
    fc.assert(
      fc.property(content, fc.integer({ min: 1, max: 9000 }), (data, size) => {
        expect(gunzip(gzipSync(data), size).equals(data)).toBe(true)
        const gzip = new Gzip()
        const out = inPieces(data, size).flatMap(piece => gzip.push(piece))
        out.push(...gzip.push(new Uint8Array(0), true))
        expect(gunzipSync(Buffer.concat(out)).equals(data)).toBe(true)
      }),
    )
  })

  it('reads several members and ignores what follows them', () => {
    const two = Buffer.concat([gzipSync('one\n'), gzipSync('two\n'), Buffer.from('junk')])
    for (const size of [1, 7, 4096]) expect(gunzip(two, size).toString()).toBe('one\ntwo\n')
  })

  it('tells apart what is no gzip, what is cut off and what is damaged', () => {
    const kind = (data: Uint8Array) => {
      try {
        gunzip(data)
        return 'fine'
      } catch (error) {
        return error instanceof GzipError ? error.kind : error
      }
    }
    const good = gzipSync('hello hello hello')
    const damaged = Buffer.from(good)
    damaged[good.length - 5] = 0xff ^ (good[good.length - 5] ?? 0)
    expect(kind(Buffer.from('hello'))).toBe('magic')
    expect(kind(good.subarray(0, 15))).toBe('short')
    expect(kind(damaged)).toBe('crc')
    expect(kind(good)).toBe('fine')
  })

  it('writes the bytes that gzip writes for a short text', () => {
    const gzip = new Gzip()
    const bytes = Buffer.concat([...gzip.push(Buffer.from('hi\n')), ...gzip.push(new Uint8Array(0), true)])
    expect(bytes.toString('hex')).toBe('1f8b0800000000000003cbc8e402007a7a6fed03000000')
  })
})
