/** What every writable FileSystem promises, whatever it is made of. */
import { expect, test } from 'vitest'
import { type ErrnoCode, isErrno } from '../../src/vfs/errno.ts'
import type { FileSystem, NodeInit } from '../../src/vfs/filesystem.ts'

export interface ContractCase {
  /** A new file system whose root is empty. */
  make(): FileSystem
  /** Whether owners, devices and exact times can be set (a host folder depends on who runs the test). */
  full: boolean
}

const NOW = 1_700_000_000_000

export const bytes = (text: string): Uint8Array => Buffer.from(text)
export const text = (data: Uint8Array): string => Buffer.from(data).toString()

export function errnoOf(action: () => unknown): ErrnoCode | 'none' {
  try {
    action()
    return 'none'
  } catch (error) {
    if (isErrno(error)) return error.code
    throw error
  }
}

const fileInit: NodeInit = { type: 'file', mode: 0o644, uid: 0, gid: 0, now: NOW }
const dirInit: NodeInit = { type: 'dir', mode: 0o755, uid: 0, gid: 0, now: NOW }

export function fileSystemContract(name: string, { make, full }: ContractCase): void {
  const names = (fs: FileSystem, dir: number): string[] =>
    fs
      .readdir(dir)
      .map(entry => `${entry.name} ${entry.type}`)
      .sort()

  test(`${name}: a new file is empty, found by its name and listed`, () => {
    const fs = make()
    const ino = fs.create(fs.root, 'a', fileInit)
    expect(fs.lookup(fs.root, 'a')).toBe(ino)
    expect(fs.lookup(fs.root, 'b')).toBe(undefined)
    expect(fs.stat(ino)).toMatchObject({ type: 'file', mode: 0o644, size: 0, nlink: 1 })
    expect(names(fs, fs.root)).toEqual(['a file'])
    expect(text(fs.read(ino, 0, 100))).toBe('')
  })

  test(`${name}: bytes are read back, gaps are zeros, reads end at the end of the file`, () => {
    const fs = make()
    const ino = fs.create(fs.root, 'a', fileInit)
    fs.write(ino, 0, bytes('hello'), NOW)
    fs.write(ino, 8, bytes('x'), NOW)
    fs.write(ino, 1, bytes('E'), NOW)
    expect(text(fs.read(ino, 0, 100))).toBe('hEllo\0\0\0x')
    expect(text(fs.read(ino, 2, 3))).toBe('llo')
    expect(text(fs.read(ino, 9, 3))).toBe('')
    expect(fs.stat(ino).size).toBe(9)
  })

  test(`${name}: truncating drops the end, and growing again shows zeros`, () => {
    const fs = make()
    const ino = fs.create(fs.root, 'a', fileInit)
    fs.write(ino, 0, bytes('hello'), NOW)
    fs.truncate(ino, 2, NOW)
    fs.truncate(ino, 4, NOW)
    expect(text(fs.read(ino, 0, 100))).toBe('he\0\0')
  })

  test(`${name}: a file over several pages keeps its bytes`, () => {
    const fs = make()
    const ino = fs.create(fs.root, 'a', fileInit)
    const data = Uint8Array.from({ length: 200_000 }, (_, at) => (at * 31) % 251)
    for (let at = 0; at < data.length; at += 7001) fs.write(ino, at, data.subarray(at, at + 7001), NOW)
    fs.write(ino, 65_530, bytes('boundary....'), NOW)
    data.set(bytes('boundary....'), 65_530)
    expect(Buffer.from(fs.read(ino, 0, 200_000)).equals(Buffer.from(data))).toBe(true)
    expect(Buffer.from(fs.read(ino, 131_000, 500)).equals(Buffer.from(data.subarray(131_000, 131_500)))).toBe(true)
  })

  test(`${name}: what was read does not change with the file`, () => {
    const fs = make()
    const ino = fs.create(fs.root, 'a', fileInit)
    fs.write(ino, 0, bytes('old'), NOW)
    const before = fs.read(ino, 0, 3)
    fs.write(ino, 0, bytes('new'), NOW)
    expect(text(before)).toBe('old')
  })

  test(`${name}: directories nest, count their subdirectories and must be empty to be removed`, () => {
    const fs = make()
    const dir = fs.create(fs.root, 'd', dirInit)
    const inner = fs.create(dir, 'e', dirInit)
    fs.create(inner, 'f', fileInit)
    expect(fs.stat(dir).type).toBe('dir')
    expect(names(fs, dir)).toEqual(['e dir'])
    expect(errnoOf(() => fs.rmdir(fs.root, 'd', NOW))).toBe('ENOTEMPTY')
    fs.unlink(inner, 'f', NOW)
    fs.rmdir(dir, 'e', NOW)
    fs.rmdir(fs.root, 'd', NOW)
    expect(names(fs, fs.root)).toEqual([])
  })

  test(`${name}: operations on the wrong kind fail with the kernel's errors`, () => {
    const fs = make()
    const file = fs.create(fs.root, 'f', fileInit)
    const dir = fs.create(fs.root, 'd', dirInit)
    expect({
      lookupInFile: errnoOf(() => fs.lookup(file, 'x')),
      readdirFile: errnoOf(() => fs.readdir(file)),
      readDir: errnoOf(() => fs.read(dir, 0, 1)),
      readlinkFile: errnoOf(() => fs.readlink(file)),
      createTaken: errnoOf(() => fs.create(fs.root, 'f', fileInit)),
      unlinkDir: errnoOf(() => fs.unlink(fs.root, 'd', NOW)),
      rmdirFile: errnoOf(() => fs.rmdir(fs.root, 'f', NOW)),
      unlinkMissing: errnoOf(() => fs.unlink(fs.root, 'x', NOW)),
      rmdirMissing: errnoOf(() => fs.rmdir(fs.root, 'x', NOW)),
      renameMissing: errnoOf(() => fs.rename(fs.root, 'x', fs.root, 'y', NOW)),
      linkDir: errnoOf(() => fs.link(fs.root, 'x', dir, NOW)),
      linkTaken: errnoOf(() => fs.link(fs.root, 'd', file, NOW)),
    }).toEqual({
      lookupInFile: 'ENOTDIR',
      readdirFile: 'ENOTDIR',
      readDir: 'EISDIR',
      readlinkFile: 'EINVAL',
      createTaken: 'EEXIST',
      unlinkDir: 'EISDIR',
      rmdirFile: 'ENOTDIR',
      unlinkMissing: 'ENOENT',
      rmdirMissing: 'ENOENT',
      renameMissing: 'ENOENT',
      linkDir: 'EPERM',
      linkTaken: 'EEXIST',
    })
  })

  test(`${name}: hard links are names of one inode`, () => {
    const fs = make()
    const ino = fs.create(fs.root, 'a', fileInit)
    fs.link(fs.root, 'b', ino, NOW)
    const other = fs.lookup(fs.root, 'b') ?? 0
    expect(fs.stat(other).ino).toBe(fs.stat(ino).ino)
    expect(fs.stat(other).nlink).toBe(2)
    fs.write(other, 0, bytes('shared'), NOW)
    expect(text(fs.read(ino, 0, 10))).toBe('shared')
    fs.unlink(fs.root, 'a', NOW)
    expect(fs.stat(other).nlink).toBe(1)
    expect(text(fs.read(other, 0, 10))).toBe('shared')
    fs.rename(fs.root, 'b', fs.root, 'c', NOW)
    expect(names(fs, fs.root)).toEqual(['c file'])
  })

  test(`${name}: renaming replaces a target of the same kind only`, () => {
    const fs = make()
    const a = fs.create(fs.root, 'a', fileInit)
    fs.create(fs.root, 'b', fileInit)
    const d = fs.create(fs.root, 'd', dirInit)
    const e = fs.create(fs.root, 'e', dirInit)
    fs.create(e, 'x', fileInit)
    expect({
      fileOnDir: errnoOf(() => fs.rename(fs.root, 'a', fs.root, 'd', NOW)),
      dirOnFile: errnoOf(() => fs.rename(fs.root, 'd', fs.root, 'a', NOW)),
      dirOnFull: errnoOf(() => fs.rename(fs.root, 'd', fs.root, 'e', NOW)),
      intoItself: errnoOf(() => fs.rename(fs.root, 'd', d, 'y', NOW)),
    }).toEqual({ fileOnDir: 'EISDIR', dirOnFile: 'ENOTDIR', dirOnFull: 'ENOTEMPTY', intoItself: 'EINVAL' })
    fs.write(a, 0, bytes('A'), NOW)
    fs.rename(fs.root, 'a', fs.root, 'b', NOW)
    fs.rename(fs.root, 'e', fs.root, 'd', NOW)
    expect(names(fs, fs.root)).toEqual(['b file', 'd dir'])
    expect(text(fs.read(fs.lookup(fs.root, 'b') ?? 0, 0, 9))).toBe('A')
    expect(names(fs, fs.lookup(fs.root, 'd') ?? 0)).toEqual(['x file'])
  })

  test(`${name}: an unlinked file stays while it is held`, () => {
    const fs = make()
    const ino = fs.create(fs.root, 'a', fileInit)
    fs.write(ino, 0, bytes('kept'), NOW)
    fs.hold(ino)
    fs.unlink(fs.root, 'a', NOW)
    expect(text(fs.read(ino, 0, 9))).toBe('kept')
    fs.write(ino, 4, bytes('!'), NOW)
    expect(text(fs.read(ino, 0, 9))).toBe('kept!')
    expect(fs.stat(ino).nlink).toBe(0)
    fs.release(ino)
    expect(names(fs, fs.root)).toEqual([])
  })

  test(`${name}: symlinks keep their text`, () => {
    const fs = make()
    const ino = fs.create(fs.root, 'l', { ...fileInit, type: 'symlink', mode: 0o777, target: '../é/x' })
    expect(fs.readlink(ino)).toBe('../é/x')
    expect(fs.stat(ino)).toMatchObject({ type: 'symlink', mode: 0o777, size: 7 })
    expect(names(fs, fs.root)).toEqual(['l symlink'])
  })

  test(`${name}: mode and times are set`, () => {
    const fs = make()
    const ino = fs.create(fs.root, 'a', fileInit)
    fs.setattr(ino, { mode: 0o600, mtime: 1_000_000_000_000, atime: 1_100_000_000_000 }, NOW)
    expect(fs.stat(ino)).toMatchObject({ mode: 0o600, mtime: 1_000_000_000_000, atime: 1_100_000_000_000 })
  })

  test.runIf(full)(`${name}: owners, devices, set-id bits and the time of changes are kept`, () => {
    const fs = make()
    const ino = fs.create(fs.root, 'a', fileInit)
    fs.setattr(ino, { uid: 33, gid: 44, mode: 0o6755 }, NOW + 5)
    expect(fs.stat(ino)).toMatchObject({ uid: 33, gid: 44, mode: 0o6755, mtime: NOW, ctime: NOW + 5 })
    fs.write(ino, 0, bytes('x'), NOW + 7)
    expect(fs.stat(ino)).toMatchObject({ mtime: NOW + 7, ctime: NOW + 7 })
    const dev = fs.create(fs.root, 'null', { ...fileInit, type: 'char', rdev: [1, 3] })
    expect(fs.stat(dev)).toMatchObject({ type: 'char', rdev: [1, 3], size: 0 })
    const dir = fs.create(fs.root, 'd', { ...dirInit, now: NOW + 1 })
    fs.create(dir, 'x', { ...fileInit, now: NOW + 9 })
    expect(fs.stat(dir)).toMatchObject({ mtime: NOW + 9, nlink: 2 })
    fs.create(dir, 'sub', dirInit)
    expect(fs.stat(dir).nlink).toBe(3)
  })

  test(`${name}: names that objects have are only names`, () => {
    const fs = make()
    for (const odd of ['__proto__', 'constructor', 'toString', 'é', 'a b\n', '-x'])
      expect(text(fs.read(fs.create(fs.root, odd, fileInit), 0, 1))).toBe('')
    expect(names(fs, fs.root).length).toBe(6)
    expect(fs.lookup(fs.root, 'valueOf')).toBe(undefined)
  })
}
