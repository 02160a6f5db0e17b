import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TarHeader } from '../../src/layer/tar-header.ts'
import { looksLikeTar, TarReader } from '../../src/layer/tar-reader.ts'
import { digestTar, type TarEntry, tarHeader, writeTar } from '../../src/layer/tar-writer.ts'
import { entryOf, MTIME, tarOf } from './tar-build.ts'

interface Read {
  header: TarHeader
  content: string
  offset: number
}

function readTar(bytes: Uint8Array, pieces = bytes.length): Read[] {
  const list: Read[] = []
  const reader = new TarReader({
    entry: (header, offset) => list.push({ header, content: '', offset }),
    data: data => {
      const last = list.at(-1)
      if (last) last.content += Buffer.from(data).toString('latin1')
    },
  })
  for (let at = 0; at < bytes.length; at += pieces) reader.push(bytes.subarray(at, at + pieces))
  reader.finish()
  return list
}

const name = fc.oneof(
  fc.stringMatching(/^[a-z0-9_.@ -]{1,20}$/),
  fc.stringMatching(/^[a-z]{90,130}$/),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
)
const path = fc
  .array(name, { minLength: 1, maxLength: 5 })
  .map(names => names.map(part => part.replace(/[/\0\ud800-\udfff]/g, '_')).join('/'))
const seconds = fc.oneof(fc.nat(2 ** 31 - 1), fc.constantFrom(-5, 0, 1.5, 8_589_934_591, 8_589_934_592))
const id = fc.oneof(fc.nat(70_000), fc.constantFrom(2_097_151, 2_097_152, 4_294_967_295))

const header: fc.Arbitrary<TarEntry> = fc
  .record({
    path,
    type: fc.constantFrom('file', 'dir', 'symlink', 'link', 'char', 'block', 'fifo'),
    mode: fc.nat(0o7777),
    uid: id,
    gid: id,
    mtime: seconds,
    target: path,
    content: fc.uint8Array({ maxLength: 1500 }),
    xattr: fc.option(fc.uint8Array({ minLength: 1, maxLength: 20 }), { nil: undefined }),
  })
  .map(({ type, target, content, xattr, uid, gid, ...rest }): TarEntry => {
    const header: TarHeader = { ...rest, type: type as TarHeader['type'] }
    if (uid) header.uid = uid
    if (gid) header.gid = gid
    if (type === 'symlink' || type === 'link') header.target = target
    if (type === 'char' || type === 'block') header.rdev = [4, 64]
    if (xattr) header.xattrs = [['security.capability', Buffer.from(xattr).toString('base64')]]
    if (type !== 'file' || content.length === 0) return { header }
    return { header: { ...header, size: content.length }, content: [content] }
  })

test('what is written is read back the same, whatever the pieces it comes in', () => {
  fc.assert(
    fc.property(fc.array(header, { maxLength: 6 }), fc.integer({ min: 1, max: 2000 }), (entries, pieces) => {
      const bytes = Buffer.concat([...writeTar(entries)])
      const expected = entries.map(({ header, content }) => ({
        header: header.type === 'dir' ? { ...header, path: header.path.replace(/\/+$/, '') } : header,
        content: Buffer.concat([...(content ?? [])]).toString('latin1'),
      }))
      const read = readTar(bytes, pieces)
      expect(read.map(({ header, content }) => ({ header, content }))).toEqual(expected)
      for (const { offset, content } of read)
        expect(bytes.subarray(offset, offset + content.length).toString('latin1')).toBe(content)
      expect(digestTar(entries)).toEqual({
        digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
        size: bytes.length,
      })
    }),
    { numRuns: 300, seed: 5 },
  )
})

test('the bytes of a tar never change', () => {
  const long = `${'d'.repeat(60)}/${'e'.repeat(60)}`
  const entries = [
    entryOf(['bin', 'dir']),
    entryOf(['bin/sh', 'file', 'content']),
    entryOf(['bin/ls', 'link', 'bin/sh']),
    entryOf(['bin/sym', 'symlink', 'sh']),
    entryOf([long, 'file', 'split']),
    entryOf([`${long}/é`, 'file']),
    entryOf(['long', 'symlink', 'x'.repeat(120)]),
    { header: { path: 'old', type: 'file', mode: 0o644, mtime: -315619200, uid: 3_000_000 } } satisfies TarEntry,
    entryOf(['null', 'char']),
  ]
  expect(digestTar(entries)).toEqual({
    digest: 'sha256:ebec73d6a0919f3669d08594c6fa63ffeeaf69f60e2a31553005f15240dd2e5b',
    size: 9728,
  })
})

test('a header is ustar with everything at its place', () => {
  const block = tarHeader({ path: 'etc', type: 'dir', mode: 0o1755, uid: 5, gid: 6, mtime: MTIME })
  const text = Buffer.from(block).toString('latin1').replace(/\0+/g, '|')
  expect(text).toBe('etc/|0001755|0000005|0000006|00000000000|14524770400|010036| 5|ustar|00|0000000|0000000|')
})

test('a long path is split if it can be, and goes into a pax record if not', () => {
  const split = Buffer.from(tarHeader({ path: `${'a'.repeat(80)}/${'b'.repeat(80)}`, type: 'file', mode: 0, mtime: 0 }))
  expect(split.length).toBe(512)
  expect(split.toString('latin1', 345, 425)).toBe('a'.repeat(80))
  const pax = Buffer.from(tarHeader({ path: `x/${'b'.repeat(120)}`, type: 'file', mode: 0, mtime: 0 }))
  expect(pax.length).toBe(1536)
  expect(pax.toString('latin1', 0, 100)).toBe(`x/PaxHeaders.0/${'b'.repeat(85)}`)
  expect(pax.toString('latin1', 512, 644)).toBe(`132 path=x/${'b'.repeat(120)}\n`)
})

test('GNU long names and base-256 numbers are read', () => {
  const special = (flag: string, body: string): Buffer => {
    const block = Buffer.from(tarHeader({ path: '././@LongLink', type: 'file', mode: 0, mtime: 0, size: body.length }))
    block.write(flag, 156)
    return Buffer.concat([resummed(block), Buffer.from(body.padEnd(Math.ceil(body.length / 512) * 512, '\0'))])
  }
  const main = Buffer.from(tarHeader({ path: 'short', type: 'symlink', mode: 0, mtime: 0, target: 'cut' }))
  main.write('ustar  \0', 257)
  main.write('\x80\0\0\0\0\x2d\xc6\xc0', 108, 'latin1')
  main.write('0123456701234567', 345)
  const bytes = Buffer.concat([
    special('L', `${'n'.repeat(150)}\0`),
    special('K', `${'t'.repeat(150)}\0`),
    resummed(main),
  ])
  expect(readTar(bytes).map(({ header }) => header)).toEqual([
    { path: 'n'.repeat(150), type: 'symlink', mode: 0, mtime: 0, uid: 3_000_000, target: 't'.repeat(150) },
  ])
})

test('old tars say with a slash that an entry is a directory', () => {
  const block = Buffer.from(tarHeader({ path: 'd/', type: 'file', mode: 0o755, mtime: 1 }))
  block.fill(0, 257, 265)
  expect(readTar(resummed(block)).map(({ header }) => header)).toEqual([
    { path: 'd', type: 'dir', mode: 0o755, mtime: 1 },
  ])
})

test('names that are not UTF-8 go through unchanged', () => {
  const block = Buffer.from(tarHeader({ path: 'x.y', type: 'file', mode: 0, mtime: 1 }))
  block[1] = 0xe9
  const [entry] = readTar(resummed(block))
  expect(entry?.header.path).toBe('x\udce9y')
  expect(
    readTar(Buffer.concat([...writeTar([{ header: entry?.header ?? { path: '', type: 'file', mode: 0, mtime: 0 } }])])),
  ).toMatchObject([{ header: { path: 'x\udce9y' } }])
})

test('a content of the wrong length is an error, and sockets are left out', () => {
  const short: TarEntry = {
    header: { path: 'a', type: 'file', mode: 0, mtime: 0, size: 5 },
    content: [Buffer.from('abc')],
  }
  expect(() => [...writeTar([short])]).toThrow('a: 3 bytes instead of 5')
  expect([...writeTar([{ header: { path: 's', type: 'socket', mode: 0, mtime: 0 } }])]).toEqual([Buffer.alloc(1024)])
})

test('a tar is told from other bytes', () => {
  expect([tarOf(['a', 'file']), tarOf(), Buffer.alloc(512, 'x'), Buffer.alloc(10)].map(looksLikeTar)).toEqual([
    true,
    true,
    false,
    false,
  ])
})

test('random bytes never do anything but fail cleanly', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(1535), (noise, at) => {
      const bytes = tarOf(['a', 'file', 'hello'], [`x/${'y'.repeat(120)}`, 'symlink', 'z'])
      bytes.set(noise.subarray(0, bytes.length - at), at)
      try {
        readTar(bytes)
      } catch (error) {
        expect(String(error)).toMatch(/^EngineError: (archive\/tar: |unexpected EOF|unhandled tar header type)/)
      }
    }),
    { numRuns: 500, seed: 3 },
  )
})

function resummed(block: Buffer): Buffer {
  block.fill(' ', 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}
