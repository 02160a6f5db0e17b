/** What `docker import` of version 28.5 answers to each of these archives was recorded; the words are Docker's. */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { EngineError } from '../../src/errors.ts'
import { importLayer } from '../../src/layer/import-layer.ts'
import { Layer } from '../../src/layer/layer.ts'
import type { LayerIndex } from '../../src/layer/layer-index.ts'
import { inPieces, memoryBlobs, type Short, summary, tarOf } from './tar-build.ts'

async function importOf(bytes: Uint8Array, pieces?: number): Promise<LayerIndex> {
  return await importLayer(inPieces(bytes, pieces), memoryBlobs().sink)
}

async function refusal(bytes: Uint8Array): Promise<string> {
  const blobs = memoryBlobs()
  try {
    await importLayer(inPieces(bytes), blobs.sink)
    return 'accepted'
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    expect({ kind: error.kind, state: blobs.state() }).toEqual({ kind: 'invalid', state: 'aborted' })
    return error.message
  }
}

const accepted: [title: string, entries: Short[], size: number, result: string[]][] = [
  ['an empty archive', [], 0, []],
  [
    'absolute paths, taken as relative',
    [
      ['/x', 'file', 'hi'],
      ['/d/y', 'file', 'yo'],
    ],
    4,
    ['x file', 'd/y file'],
  ],
  ['dots and double slashes', [['a/./b//c', 'file', '1']], 1, ['a/b/c file']],
  ['missing parents', [['p/q/r', 'file', '1']], 1, ['p/q/r file']],
  [
    'an entry below a symlink to a directory of the layer',
    [
      ['etc', 'dir'],
      ['a', 'symlink', 'etc'],
      ['a/f', 'file', 'hi'],
    ],
    5,
    ['etc dir', 'a symlink etc', 'etc/f file'],
  ],
  [
    'an entry below an absolute symlink, which leads where it leads inside',
    [
      ['a', 'symlink', '/tmp/escape'],
      ['a/f', 'file', 'hi'],
    ],
    13,
    ['a symlink /tmp/escape', 'tmp/escape/f file'],
  ],
  [
    'a symlink out of the root that nothing goes through',
    [
      ['d', 'dir'],
      ['d/s', 'symlink', '../../../etc/passwd'],
    ],
    19,
    ['d dir', 'd/s symlink ../../../etc/passwd'],
  ],
  [
    'a hard link to a symlink',
    [
      ['t', 'file', 'x'],
      ['s', 'symlink', 't'],
      ['h', 'link', 's'],
    ],
    2,
    ['t file', 's symlink t', 'h link s'],
  ],
  [
    'a hard link by absolute path',
    [
      ['d', 'dir'],
      ['d/t', 'file', '1'],
      ['d/h', 'link', '/d/t'],
    ],
    1,
    ['d dir', 'd/t file', 'd/h link d/t'],
  ],
  [
    'device nodes and pipes',
    [
      ['n', 'char'],
      ['p', 'fifo'],
    ],
    0,
    ['n char', 'p fifo'],
  ],
  [
    'a whiteout before what replaces it',
    [
      ['.wh.a', 'file'],
      ['a', 'file', '1'],
    ],
    1,
    ['.wh.a file', 'a file'],
  ],
  [
    'an opaque marker among the entries it does not hide',
    [
      ['d', 'dir'],
      ['d/x', 'file', '1'],
      ['d/.wh..wh..opq', 'file'],
      ['d/y', 'file', '2'],
    ],
    2,
    ['d dir', 'd/x file', 'd/.wh..wh..opq file', 'd/y file'],
  ],
  [
    'AUFS files, left out',
    [
      ['.wh..wh.plnk', 'dir'],
      ['a', 'file', '1'],
    ],
    1,
    ['a file'],
  ],
  [
    'a file in place of a directory that was only implied',
    [
      ['a/b', 'file', '1'],
      ['a', 'file', 'two'],
    ],
    3,
    ['a file'],
  ],
]

test.each(accepted)('takes %s', async (_, entries, size, result) => {
  const index = await importOf(tarOf(...entries))
  expect({ size: index.size, result: summary(index) }).toEqual({ size, result })
})

const refused: [title: string, entries: Short[], message: string][] = [
  ['a path that climbs out', [['../x', 'file', 'hi']], 'invalid entry name "../x"'],
  ['a path that climbs out in the middle', [['a/../../x', 'file', 'hi']], 'invalid entry name "a/../../x"'],
  ['the directory above', [['..', 'dir']], 'invalid entry name "../"'],
  [
    'a path twice',
    [
      ['a', 'file', '1'],
      ['a', 'file', '2'],
    ],
    'duplicates of file paths not supported',
  ],
  [
    'a path twice in other writing',
    [
      ['a', 'dir'],
      ['./a', 'dir'],
    ],
    'duplicates of file paths not supported',
  ],
  [
    'an entry below a file',
    [
      ['a', 'file', 'x'],
      ['a/f', 'file', 'hi'],
    ],
    'openat a/f: not a directory',
  ],
  [
    'an entry below a symlink that leads out',
    [
      ['a', 'symlink', '../../../../tmp'],
      ['a/f', 'file', 'hi'],
    ],
    'statat a: path escapes from parent',
  ],
  [
    'an entry below symlinks that go in circles',
    [
      ['a', 'symlink', 'b'],
      ['b', 'symlink', 'a'],
      ['a/f', 'file', 'hi'],
    ],
    'statat a: too many levels of symbolic links',
  ],
  ['a hard link to nothing', [['a', 'link', 'nothere']], 'linkat nothere a: no such file or directory'],
  ['a hard link to itself', [['a', 'link', 'a']], 'linkat a a: no such file or directory'],
  [
    'a hard link to what comes later',
    [
      ['a', 'link', 'b'],
      ['b', 'file'],
    ],
    'linkat b a: no such file or directory',
  ],
  ['a hard link out of the root', [['a', 'link', '../../etc/passwd']], 'invalid hardlink target "../../etc/passwd"'],
  [
    'a hard link to a directory',
    [
      ['t', 'dir'],
      ['h', 'link', 't'],
    ],
    'linkat t h: operation not permitted',
  ],
  [
    'a whiteout of what the layer has itself',
    [
      ['a', 'file', '1'],
      ['.wh.a', 'file'],
    ],
    "failed to mknod('a', S_IFCHR, 0): file exists",
  ],
  ['a whiteout of a dot', [['d/.wh..', 'file']], 'invalid whiteout entry "d/.wh.."'],
  ['a name that is too long', [['x'.repeat(256), 'file']], `openat ${'x'.repeat(256)}: file name too long`],
  ['a path that is too long', [[`${'d/'.repeat(3000)}x`, 'file']], `openat ${'d/'.repeat(3000)}x: file name too long`],
]

test.each(refused)('refuses %s and leaves nothing', async (_, entries, message) => {
  expect(await refusal(tarOf(...entries))).toBe(message)
})

const plain = tarOf(['a', 'file', 'content'], ['b', 'dir'])

function patched(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(plain)
  change(bytes)
  let sum = 0
  bytes.fill(' ', 148, 156)
  for (const byte of bytes.subarray(0, 512)) sum += byte
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return bytes
}

test.each([
  ['a wrong checksum', Buffer.from(plain).fill('x', 3, 4), 'archive/tar: invalid tar header'],
  ['what is no tar', Buffer.from('hello world '.repeat(100)), 'archive/tar: invalid tar header'],
  ['a cut header', plain.subarray(0, 300), 'unexpected EOF'],
  ['cut content', plain.subarray(0, 515), 'unexpected EOF'],
  ['a sparse file', patched(bytes => bytes.write('S', 156)), 'archive/tar: invalid tar header'],
  ['a type that nobody knows', patched(bytes => bytes.write('Z', 156)), 'unhandled tar header type 90'],
  ['a size beyond all numbers', patched(bytes => bytes.fill(0xff, 124, 136)), 'archive/tar: invalid tar header'],
  ['a size that is no number', patched(bytes => bytes.write('12x', 124)), 'archive/tar: invalid tar header'],
  [
    'a header of a gigabyte',
    patched(bytes => bytes.write('x', 156) && bytes.write('10000000000', 124)),
    'archive/tar: header field too long',
  ],
  ['damaged gzip', gzipSync(plain).fill(0xff, 20, 30), expect.stringMatching(/^gzip: /)],
  ['cut gzip', gzipSync(plain).subarray(0, 60), 'unexpected EOF'],
  ['xz', Buffer.from('fd377a585a000000', 'hex'), 'unsupported compression: xz'],
])('refuses %s', async (_, bytes, message) => {
  expect(await refusal(bytes)).toEqual(message)
})

test.each([
  ['no end marker', plain.subarray(0, 1536)],
  ['a cut padding', plain.subarray(0, 520)],
  ['rubbish after the end', Buffer.concat([plain, Buffer.from('junk'.repeat(200))])],
  ['nothing at all', Buffer.alloc(0)],
])('takes an archive with %s', async (_, bytes) => {
  const index = await importOf(bytes, 7)
  expect(index).toMatchObject({
    diffID: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    tarSize: bytes.length,
  })
})

test('limits stop an archive that is larger than its reader wants', async () => {
  const bomb = gzipSync(Buffer.concat([tarOf(['a', 'file', 'x'.repeat(100_000)])]))
  const blobs = memoryBlobs()
  const reading = importLayer(inPieces(bomb), blobs.sink, { bytes: 50_000, entries: 10, headers: 1000 })
  await expect(reading).rejects.toThrow('archive is larger than 50000 bytes')
  const many = tarOf(...Array.from({ length: 11 }, (_, at): Short => [`f${at}`, 'file']))
  const counting = importLayer(inPieces(many), blobs.sink, { bytes: 50_000, entries: 10, headers: 1000 })
  await expect(counting).rejects.toThrow('archive has more than 10 entries')
  const long = tarOf(...Array.from({ length: 8 }, (_, at): Short => [`${at}${'n'.repeat(200)}`, 'file']))
  const naming = importLayer(inPieces(long), blobs.sink, { bytes: 50_000, entries: 10, headers: 1000 })
  await expect(naming).rejects.toThrow('archive has more than 1000 bytes of headers')
})

test('a gzipped layer has the diffID of its tar, and its bytes are read from the blob', async () => {
  const blobs = memoryBlobs()
  const index = await importLayer(inPieces(gzipSync(plain), 10), blobs.sink)
  expect(index.diffID).toBe(`sha256:${createHash('sha256').update(plain).digest('hex')}`)
  const layer = new Layer(index, blobs)
  const node = layer.get('a')
  expect(node && Buffer.from(layer.read(node, 3, 100)).toString()).toBe('tent')
})
