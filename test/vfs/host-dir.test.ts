import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { HostDir } from '../../src/vfs/host-dir.ts'
import { RootFs } from '../../src/vfs/rootfs.ts'
import { TreeFs } from '../../src/vfs/tree-fs.ts'
import { bytes, errnoOf, fileSystemContract, text } from './filesystem.contract.ts'

const folders: string[] = []

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'minidock-host-'))
  folders.push(path)
  return path
}

afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true })
})

fileSystemContract('host-dir', { make: () => new HostDir(folder()), full: false })

const NOW = 1_700_000_000_000

test('what the container writes is on the host, and the other way round', () => {
  const path = folder()
  const root = new RootFs(new TreeFs(), () => NOW)
  root.mkdir('/data')
  root.mount('/data', new HostDir(path))
  root.writeFile('/data/a', bytes('from inside'))
  expect(readFileSync(join(path, 'a'), 'utf8')).toBe('from inside')
  writeFileSync(join(path, 'b'), 'from outside')
  expect(text(root.readFile('/data/b'))).toBe('from outside')
  root.rename('/data/a', '/data/c')
  root.mkdirAll('/data/x/y')
  root.removeAll('/data/x')
  expect(root.readdir('/data').map(entry => entry.name)).toEqual(['b', 'c'])
})

test('symlinks of the host are symlinks: they lead nowhere on the host', () => {
  const outside = folder()
  writeFileSync(join(outside, 'secret'), 'secret')
  const path = folder()
  symlinkSync(join(outside, 'secret'), join(path, 'file'))
  symlinkSync(outside, join(path, 'dir'))
  const root = new RootFs(new HostDir(path), () => NOW)
  expect({
    type: root.lstat('/file').type,
    read: errnoOf(() => root.readFile('/file')),
    below: errnoOf(() => root.readFile('/dir/secret')),
    write: errnoOf(() => root.writeFile('/dir/new', bytes('x'))),
  }).toEqual({ type: 'symlink', read: 'ENOENT', below: 'ENOENT', write: 'ENOENT' })
  expect(existsSync(join(outside, 'new'))).toBe(false)
})

test('a directory that becomes a symlink on the host leads nowhere either', () => {
  const outside = folder()
  writeFileSync(join(outside, 'x'), 'outside')
  const path = folder()
  mkdirSync(join(path, 'd'))
  writeFileSync(join(path, 'd', 'x'), 'inside')
  const fs = new HostDir(path)
  const dir = fs.lookup(fs.root, 'd') ?? 0
  const file = fs.lookup(dir, 'x') ?? 0
  rmSync(join(path, 'd'), { recursive: true })
  symlinkSync(outside, join(path, 'd'))
  const init = { type: 'file', mode: 0o644, uid: 0, gid: 0, now: NOW } as const
  expect({
    lookup: errnoOf(() => fs.lookup(dir, 'x')),
    read: errnoOf(() => fs.read(file, 0, 10)),
    create: errnoOf(() => fs.create(dir, 'y', init)),
    unlink: errnoOf(() => fs.unlink(dir, 'x')),
  }).toEqual({
    lookup: expect.stringMatching(/ENOENT|ENOTDIR/),
    read: 'ENOENT',
    create: expect.stringMatching(/ENOENT|ENOTDIR/),
    unlink: expect.stringMatching(/ENOENT|ENOTDIR/),
  })
  expect(readFileSync(join(outside, 'x'), 'utf8')).toBe('outside')
})

test('a read-only folder refuses every change', () => {
  const path = folder()
  writeFileSync(join(path, 'a'), 'kept')
  const fs = new HostDir(path, { readonly: true })
  const ino = fs.lookup(fs.root, 'a') ?? 0
  const init = { type: 'file', mode: 0o644, uid: 0, gid: 0, now: NOW } as const
  const refused = [
    () => fs.write(ino, 0, bytes('x')),
    () => fs.truncate(ino, 0),
    () => fs.create(fs.root, 'b', init),
    () => fs.link(fs.root, 'b', ino),
    () => fs.unlink(fs.root, 'a'),
    () => fs.rmdir(fs.root, 'a'),
    () => fs.rename(fs.root, 'a', fs.root, 'b'),
    () => fs.setattr(ino, { mode: 0 }),
  ].map(errnoOf)
  expect(refused).toEqual(Array(8).fill('EROFS'))
  expect(text(fs.read(ino, 0, 9))).toBe('kept')
})

test('a single file is mounted on a file', () => {
  const path = join(folder(), 'config')
  writeFileSync(path, 'one')
  const root = new RootFs(new TreeFs(), () => NOW)
  root.writeFile('/etc-config', bytes('hidden'))
  root.mount('/etc-config', new HostDir(path))
  expect(text(root.readFile('/etc-config'))).toBe('one')
  root.writeFile('/etc-config', bytes('two'))
  expect(readFileSync(path, 'utf8')).toBe('two')
  expect(errnoOf(() => root.unlink('/etc-config'))).toBe('EBUSY')
  expect(errnoOf(() => root.mount('/', new HostDir(path)))).toBe('ENOTDIR')
})

test('an inode is found again by a new process, by search', () => {
  const path = folder()
  mkdirSync(join(path, 'a/b'), { recursive: true })
  writeFileSync(join(path, 'a/b/c'), 'found')
  const { ino } = lstatSync(join(path, 'a/b/c'))
  expect(text(new HostDir(path).read(ino, 0, 9))).toBe('found')
  expect(errnoOf(() => new HostDir(path).read(ino + 1_000_000_007, 0, 9))).toBe('ENOENT')
})

test('a snapshot is looked at once', () => {
  const path = folder()
  writeFileSync(join(path, 'a'), 'one')
  const root = new RootFs(new HostDir(path, { readonly: true, snapshot: true }), () => NOW)
  expect(root.exists('/b')).toBe(false)
  expect(text(root.readFile('/a'))).toBe('one')
  writeFileSync(join(path, 'b'), 'later')
  expect(root.exists('/b')).toBe(false)
  rmSync(join(path, 'a'))
  symlinkSync('/etc/passwd', join(path, 'a'))
  expect(errnoOf(() => root.readFile('/a'))).not.toBe('none')
})

test('names that are not UTF-8 are found and made', () => {
  const path = folder()
  writeFileSync(Buffer.concat([Buffer.from(path), Buffer.from('/x'), Buffer.of(0xe9)]), 'latin')
  const root = new RootFs(new HostDir(path), () => NOW)
  expect(root.readdir('/').map(entry => entry.name)).toEqual(['x\udce9'])
  root.rename('/x\udce9', '/y\udce9')
  expect(text(root.readFile('/y\udce9'))).toBe('latin')
})
