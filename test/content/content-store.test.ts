import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ContentStore, digestOf } from '../../src/content/content-store.ts'
import { processWord } from '../../src/store/owner.ts'
import { filesBelow, tempFolder } from '../store/temp-store.ts'

const digest = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`
const file = (root: string, of: string): string => join(root, 'blobs', 'sha256', of.slice('sha256:'.length))

test('a blob is kept under the digest of its bytes, once', () => {
  const root = tempFolder()
  const content = new ContentStore(root)
  expect([content.put(Buffer.from('hello')), content.put(Buffer.from('hello'))]).toEqual([
    digest('hello'),
    digest('hello'),
  ])
  expect(content.list()).toEqual([digest('hello')])
  expect([content.has(digest('hello')), content.size(digest('hello')), content.size(digest('x'))]).toEqual([
    true,
    5,
    undefined,
  ])
  expect(Buffer.from(content.get(digest('hello'))).toString()).toBe('hello')
  expect(Buffer.from(content.readAt(digest('hello'), 3, 10)).toString()).toBe('lo')
  content.close()
})

test('a blob comes in piece by piece, and is not there before it is whole', () => {
  const root = tempFolder()
  const content = new ContentStore(root)
  const writer = content.writer()
  writer.write(Buffer.from('he'))
  expect(content.list()).toEqual([])
  writer.write(Buffer.from('llo'))
  expect(writer.commit({ digest: digest('hello'), size: 5 })).toEqual({ digest: digest('hello'), size: 5 })
  expect(filesBelow(root)).toEqual([`blobs/sha256/${digest('hello').slice(7)}`])
})

test.each([
  ['another digest', { digest: digest('x') }, `filesystem layer verification failed for digest ${digest('x')}`],
  ['another size', { size: 4 }, `unexpected size 5 of blob ${digest('hello')}, expected 4`],
])('nothing is kept of a blob with %s', (_, expected, message) => {
  const root = tempFolder()
  const writer = new ContentStore(root).writer()
  writer.write(Buffer.from('hello'))
  expect(() => writer.commit(expected)).toThrow(message)
  expect(filesBelow(root)).toEqual([])
})

test('nothing is kept of a blob that is given up', () => {
  const root = tempFolder()
  const writer = new ContentStore(root).writer()
  writer.write(Buffer.from('hello'))
  writer.abort()
  writer.abort()
  expect(filesBelow(root)).toEqual([])
})

test('a damaged or missing blob is named', () => {
  const root = tempFolder()
  const content = new ContentStore(root)
  content.put(Buffer.from('hello'))
  writeFileSync(file(root, digest('hello')), 'hallo')
  expect(() => content.get(digest('hello'))).toThrow(
    `the blob ${digest('hello')} is damaged: run 'minidock system check'`,
  )
  content.remove(digest('hello'))
  expect(existsSync(file(root, digest('hello')))).toBe(false)
  expect(() => content.readAt(digest('hello'), 0, 1)).toThrow(`the blob ${digest('hello')} is missing from the store`)
})

test.each(['', 'sha256:', 'sha256:../../../etc/passwd', `sha256:${'A'.repeat(64)}`, `sha512:${'a'.repeat(64)}`])(
  'the digest %j is refused',
  bad => {
    expect(() => new ContentStore(tempFolder()).has(bad)).toThrow(`invalid digest: ${bad}`)
  },
)

test('what is in the way of the blobs is one clear line', () => {
  const root = tempFolder()
  writeFileSync(join(root, 'blobs'), '')
  expect(() => new ContentStore(root).put(Buffer.from('x'))).toThrow(`stat ${file(root, digest('x'))}: not a directory`)
  expect(() => new ContentStore(root).writer()).toThrow(/^write .*\/blobs(\/ingest)?: (not a directory|file exists)$/)
})

test('files that are no blobs are not listed', () => {
  const root = tempFolder()
  mkdirSync(join(root, 'blobs', 'sha256'), { recursive: true })
  writeFileSync(join(root, 'blobs', 'sha256', 'notes.txt'), '')
  expect(new ContentStore(root).list()).toEqual([])
  expect(readdirSync(join(root, 'blobs', 'sha256'))).toEqual(['notes.txt'])
})

test('any bytes in any pieces come back whole and in part', () => {
  const content = new ContentStore(tempFolder())
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 }),
      fc.nat(500),
      fc.nat(500),
      (pieces, at, length) => {
        const whole = Buffer.concat(pieces)
        const writer = content.writer()
        for (const piece of pieces) writer.write(piece)
        const written = writer.commit()
        expect(written).toEqual({ digest: digestOf(whole), size: whole.length })
        expect(Buffer.from(content.get(written.digest)).equals(whole)).toBe(true)
        expect(Buffer.from(content.readAt(written.digest, at, length)).equals(whole.subarray(at, at + length))).toBe(
          true,
        )
      },
    ),
    { numRuns: 50 },
  )
  content.close()
})

test('what killed pulls have left long ago goes when the next blob is written, once', () => {
  const root = tempFolder()
  new ContentStore(root).put(Buffer.from('hello'))
  const long = new Date(Date.now() - 3_600_000)
  const leave = (name: string, changed?: Date): void => {
    writeFileSync(join(root, 'blobs', name), 'half')
    if (changed) utimesSync(join(root, 'blobs', name), changed, changed)
  }
  leave('ingest.tmp-999999999-1-0', long)
  leave('ingest.tmp-999999999-1-1')
  leave(`ingest.tmp-${processWord()}-77`, long)
  const content = new ContentStore(root)
  content.put(Buffer.from('next'))
  const left = ['ingest.tmp-999999999-1-1', `ingest.tmp-${processWord()}-77`, 'sha256'].sort()
  expect(readdirSync(join(root, 'blobs')).sort()).toEqual(left)
  leave('ingest.tmp-999999999-1-0', long)
  content.put(Buffer.from('last'))
  expect(readdirSync(join(root, 'blobs'))).toHaveLength(4)
})
