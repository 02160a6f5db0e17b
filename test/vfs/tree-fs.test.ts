import { afterEach, expect, test } from 'vitest'
import type { NodeInit } from '../../src/vfs/filesystem.ts'
import { TreeFs } from '../../src/vfs/tree-fs.ts'
import { bytes, errnoOf, fileSystemContract, text } from './filesystem.contract.ts'
import { type ScratchStore, scratchStore } from './scratch-store.ts'

fileSystemContract('tree-fs', { make: () => new TreeFs(), full: true })

const NOW = 1_700_000_000_000
const file: NodeInit = { type: 'file', mode: 0o644, uid: 0, gid: 0, now: NOW }
const dir: NodeInit = { ...file, type: 'dir', mode: 0o755 }
const stores: ScratchStore[] = []

afterEach(() => {
  for (const store of stores.splice(0)) store.close()
})

function newStore(): ScratchStore {
  const store = scratchStore()
  stores.push(store)
  return store
}

function reload(fs: TreeFs, store: ScratchStore): TreeFs {
  fs.save(store, 'fs')
  const loaded = TreeFs.load(store, 'fs')
  if (!loaded) throw new Error('nothing was saved')
  return loaded
}

test('a tmpfs with a size is full when that is used up, and has room again when files go', () => {
  const fs = new TreeFs({ limits: { bytes: 65536 } })
  const ino = fs.create(fs.root, 'a', file)
  fs.write(ino, 0, new Uint8Array(60_000), NOW)
  expect(fs.statfs()).toMatchObject({ total: 65536, free: 4096 })
  const other = fs.create(fs.root, 'b', file)
  expect(errnoOf(() => fs.write(other, 0, new Uint8Array(5000), NOW))).toBe('ENOSPC')
  fs.unlink(fs.root, 'a', NOW)
  expect(errnoOf(() => fs.write(other, 0, new Uint8Array(5000), NOW))).toBe('none')
})

test('what files may take of the host is counted in their bytes: many small ones fit, large ones do not', () => {
  const fs = new TreeFs({ disk: 100_000 })
  for (let at = 0; at < 1000; at++) fs.write(fs.create(fs.root, `f${at}`, file), 0, bytes(`small ${at}`), NOW)
  const large = fs.create(fs.root, 'large', file)
  expect(errnoOf(() => fs.write(large, 0, new Uint8Array(80_000).fill(1), NOW))).toBe('none')
  expect(errnoOf(() => fs.write(large, 80_000, new Uint8Array(20_000).fill(1), NOW))).toBe('ENOSPC')
})

test('small files that go to the scratch file come back as they were', () => {
  const fs = new TreeFs({ memory: 4000 })
  const inodes = Array.from({ length: 100 }, (_, at) => {
    const ino = fs.create(fs.root, `f${at}`, file)
    fs.write(ino, 0, new Uint8Array(at % 2 === 0 ? 100 : 900).fill(at + 1), NOW)
    return ino
  })
  fs.write(inodes[4] ?? 0, 95, bytes('grows'), NOW)
  expect(inodes.map(ino => [...new Set(fs.read(ino, 0, 95))])).toEqual(inodes.map((_, at) => [at + 1]))
  expect(text(fs.read(inodes[4] ?? 0, 95, 10))).toBe('grows')
})

test('a tmpfs with a number of inodes takes no more', () => {
  const fs = new TreeFs({ limits: { files: 2 } })
  fs.create(fs.root, 'a', file)
  expect(errnoOf(() => fs.create(fs.root, 'b', file))).toBe('ENOSPC')
  expect(fs.lookup(fs.root, 'b')).toBe(undefined)
  expect(fs.statfs()).toMatchObject({ files: 2, filesFree: 0 })
})

test('directories of a tmpfs have the size of their entries, of others 4096', () => {
  const tmpfs = new TreeFs()
  tmpfs.create(tmpfs.root, 'a', file)
  expect([tmpfs.stat(tmpfs.root).size, new TreeFs({ type: 'ext4' }).stat(1).size]).toEqual([60, 4096])
})

test('everything of a node is stored: attributes, links, devices, odd names', () => {
  const store = newStore()
  const fs = new TreeFs({ root: { mode: 0o1777, uid: 5, gid: 6, now: NOW } })
  const a = fs.create(fs.root, '__proto__', { ...file, mode: 0o4755, uid: 1, gid: 2 })
  fs.write(a, 0, bytes('\0binary\xff'), NOW + 1)
  fs.setattr(a, { atime: NOW - 5, mtime: NOW - 6 }, NOW + 2)
  const sub = fs.create(fs.root, 'sub', dir)
  fs.link(sub, 'second', a, NOW + 3)
  fs.create(sub, 'tty', { ...file, type: 'char', rdev: [5, 0] })
  fs.create(sub, 'sl', { ...file, type: 'symlink', target: 'udc\udc80' })
  const loaded = reload(fs, store)
  const all = (tree: TreeFs): unknown[] =>
    [tree.root, sub].flatMap(ino => [tree.stat(ino), ...tree.readdir(ino).map(entry => [entry, tree.stat(entry.ino)])])
  expect(all(loaded)).toEqual(all(fs))
  expect(text(loaded.read(a, 0, 99))).toBe('\0binary\xff')
  expect(loaded.readlink(loaded.lookup(sub, 'sl') ?? 0)).toBe('udc\udc80')
  expect(loaded.create(sub, 'next', file)).toBe(fs.create(sub, 'next', file))
})

test('many nodes are stored in groups, and a change rewrites its own group only', () => {
  const store = newStore()
  const fs = new TreeFs()
  const inos = Array.from({ length: 600 }, (_, at) => fs.create(fs.root, `f${at}`, file))
  const loaded = reload(fs, store)
  expect(store.paths()).toEqual(['fs/fs.json', 'fs/nodes/1.json', 'fs/nodes/2.json'])
  expect(loaded.readdir(loaded.root).length).toBe(600)
  store.takeWrites()
  loaded.setattr(inos[599] ?? 0, { mode: 0 }, NOW)
  loaded.save(store, 'fs')
  expect(store.takeWrites()).toEqual(['fs/nodes/2.json', 'fs/fs.json'])
  for (let at = 0; at < 600; at++) loaded.unlink(loaded.root, `f${at}`, NOW)
  for (let at = 0; at < 100; at++) loaded.create(loaded.root, `g${at}`, file)
  const again = reload(loaded, store)
  expect(store.paths().filter(path => path.includes('nodes')).length).toBeLessThanOrEqual(1)
  expect(again.readdir(again.root).length).toBe(100)
})

test('an unlinked file that was open is stored until nobody opens it again', () => {
  const store = newStore()
  const fs = new TreeFs()
  const ino = fs.create(fs.root, 'a', file)
  fs.write(ino, 0, new Uint8Array(5000).fill(65), NOW)
  fs.hold(ino)
  fs.unlink(fs.root, 'a', NOW)
  const loaded = reload(fs, store)
  loaded.hold(ino)
  loaded.dropOrphans()
  expect(text(loaded.read(ino, 4998, 9))).toBe('AA')
  const again = reload(loaded, store)
  again.dropOrphans()
  expect(errnoOf(() => again.read(ino, 0, 1))).toBe('ENOENT')
  again.save(store, 'fs')
  expect(store.paths()).toEqual(['fs/fs.json'])
})

test('small contents lie in the document, larger ones in a data file that is appended to', () => {
  const store = newStore()
  const fs = new TreeFs()
  const ino = fs.create(fs.root, 'log', file)
  fs.write(ino, 0, bytes('small'), NOW)
  fs.save(store, 'fs')
  expect(store.paths()).toEqual(['fs/fs.json'])
  fs.write(ino, 5, new Uint8Array(100_000).fill(66), NOW)
  fs.save(store, 'fs')
  expect(store.paths()).toEqual(['fs/data/1', 'fs/fs.json'])
  for (let at = 0; at < 5; at++) {
    fs.write(ino, fs.stat(ino).size, bytes(`line ${at}\n`), NOW)
    fs.save(store, 'fs')
  }
  const loaded = reload(fs, store)
  expect(text(loaded.read(ino, 100_000, 100))).toBe('BBBBBline 0\nline 1\nline 2\nline 3\nline 4\n')
  expect(text(loaded.read(ino, 0, 8))).toBe('smallBBB')
  loaded.truncate(ino, 0, NOW)
  loaded.save(store, 'fs')
  expect(store.paths()).toEqual(['fs/fs.json'])
})

test('a hole takes no room, in memory or stored', () => {
  const store = newStore()
  const fs = new TreeFs()
  const ino = fs.create(fs.root, 'sparse', file)
  const end = 5 * 2 ** 30
  fs.write(ino, end, bytes('end'), NOW)
  fs.truncate(fs.create(fs.root, 'empty', file), end, NOW)
  const loaded = reload(fs, store)
  expect(loaded.stat(ino).size).toBe(end + 3)
  expect(text(loaded.read(ino, end - 2, 9))).toBe('\0\0end')
  expect(loaded.stat(loaded.lookup(loaded.root, 'empty') ?? 0).size).toBe(end)
})

test('overwriting a stored file again and again does not fill the store', () => {
  const store = newStore()
  const fs = new TreeFs()
  const ino = fs.create(fs.root, 'db', file)
  for (let round = 0; round < 20; round++) {
    fs.write(ino, 0, new Uint8Array(200_000).fill(round), NOW)
    fs.save(store, 'fs')
  }
  const files = store.paths().filter(path => path.includes('data'))
  expect(files.length).toBe(1)
  const loaded = reload(fs, store)
  expect(loaded.read(ino, 0, 200_000).every(byte => byte === 19)).toBe(true)
})

test('what is written in quantity goes to a scratch file, not into memory', () => {
  const store = newStore()
  const fs = new TreeFs({ memory: 1 << 20, scratch: store.root })
  const ino = fs.create(fs.root, 'big', file)
  const piece = new Uint8Array(1 << 20)
  for (let at = 0; at < 64; at++) fs.write(ino, at << 20, piece.fill(at), NOW)
  expect(fs.read(ino, 5 << 20, 10).every(byte => byte === 5)).toBe(true)
  fs.write(ino, (5 << 20) + 3, bytes('x'), NOW)
  const loaded = reload(fs, store)
  expect(text(loaded.read(ino, (5 << 20) + 2, 3))).toBe('\x05x\x05')
  expect(loaded.read(ino, 63 << 20, 1 << 20).every(byte => byte === 63)).toBe(true)
  expect(errnoOf(() => loaded.read(ino, 64 << 20, 1))).toBe('none')
  fs.close()
})

test('a damaged data file gives an input error', () => {
  const store = newStore()
  const fs = new TreeFs()
  const ino = fs.create(fs.root, 'a', file)
  fs.write(ino, 0, new Uint8Array(5000).fill(1), NOW)
  const loaded = reload(fs, store)
  store.remove('fs/data/1')
  expect(errnoOf(() => loaded.read(ino, 0, 1))).toBe('EIO')
})
