import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { Errno } from '../../src/vfs/errno.ts'
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

test('someone who swaps a folder for a symlink between check and use leads nothing astray', async () => {
  const outside = folder()
  writeFileSync(join(outside, 'x'), 'outside')
  const path = folder()
  mkdirSync(join(path, 'd'))
  writeFileSync(join(path, 'd', 'x'), 'inside')
  symlinkSync(outside, join(path, 'link'))
  // Turns the folder into the link and back, as fast as it can.
  const swap = `const { renameSync } = require('node:fs'); process.chdir(${JSON.stringify(path)}); process.stdout.write('on');
    const stay = us => { for (const end = performance.now() + us / 1000; performance.now() < end; ); };
    for (;;) { renameSync('d', 'held'); renameSync('link', 'd'); stay(30); renameSync('d', 'link'); renameSync('held', 'd'); stay(60) }`
  const other = spawn(process.execPath, ['-e', swap], { stdio: ['ignore', 'pipe', 'ignore'] })
  await once(other.stdout, 'data')
  const fs = new HostDir(path)
  const init = { type: 'file', mode: 0o644, uid: 0, gid: 0, now: NOW } as const
  const seen = new Set<string>()
  const attempt = (work: () => unknown): void => {
    try {
      work()
    } catch (error) {
      if (!(error instanceof Errno)) throw error
    }
  }
  const end = performance.now() + 400
  for (let round = 0; performance.now() < end; round++) {
    attempt(() => {
      const dir = fs.lookup(fs.root, 'd') ?? 0
      attempt(() => fs.create(dir, `new${round}`, init))
      attempt(() => fs.create(dir, `folder${round}`, { ...init, type: 'dir' }))
      for (const { name } of fs.readdir(dir)) if (name === 'x') seen.add('listed')
      const file = fs.lookup(dir, 'x') ?? 0
      attempt(() => fs.setattr(file, { mode: 0o600, mtime: NOW }))
      seen.add(text(fs.read(file, 0, 20)))
      attempt(() => fs.rename(dir, 'x', fs.root, 'moved'))
      attempt(() => fs.rename(fs.root, 'moved', dir, 'x'))
    })
  }
  other.kill('SIGKILL')
  await once(other, 'close')
  expect([...seen].filter(content => content === 'outside')).toEqual([])
  expect(readdirSync(outside)).toEqual(['x'])
  expect(lstatSync(join(outside, 'x'))).toMatchObject({ nlink: 1, size: 7 })
  expect(lstatSync(join(outside, 'x')).mtimeMs).not.toBe(NOW)
})

test('a hidden folder is not there, by whatever name', () => {
  const path = folder()
  mkdirSync(join(path, 'home/.minidock/blobs'), { recursive: true })
  writeFileSync(join(path, 'home/.minidock/secret'), 'secret')
  const root = new RootFs(new HostDir(path, { hide: join(path, 'home/.minidock') }), () => NOW)
  expect({
    list: root.readdir('/home'),
    read: errnoOf(() => root.readFile('/home/.minidock/secret')),
    write: errnoOf(() => root.writeFile('/home/.minidock/new', bytes('x'))),
    move: errnoOf(() => root.rename('/home/.minidock', '/home/other')),
  }).toEqual({ list: [], read: 'ENOENT', write: 'ENOENT', move: 'ENOENT' })
  expect(existsSync(join(path, 'home/.minidock/new'))).toBe(false)
})

test('neither devices nor pipes are made, and none are opened', () => {
  const path = folder()
  execFileSync('sh', ['-c', 'mkfifo "$0/pipe"', path])
  const fs = new HostDir(path)
  const init = { mode: 0o666, uid: 0, gid: 0, now: NOW } as const
  expect({
    device: errnoOf(() => fs.create(fs.root, 'null', { ...init, type: 'char', rdev: [1, 3] })),
    fifo: errnoOf(() => fs.create(fs.root, 'fifo', { ...init, type: 'fifo' })),
    read: errnoOf(() => fs.read(fs.lookup(fs.root, 'pipe') ?? 0, 0, 1)),
  }).toEqual({ device: 'EPERM', fifo: 'EPERM', read: 'EINVAL' })
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
