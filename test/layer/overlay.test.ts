import { afterEach, expect, test } from 'vitest'
import { changes } from '../../src/layer/changes.ts'
import { treeEntries, upperEntries } from '../../src/layer/export-layer.ts'
import { importLayer } from '../../src/layer/import-layer.ts'
import { initLayer } from '../../src/layer/init-layer.ts'
import { Layer } from '../../src/layer/layer.ts'
import type { LayerEntry } from '../../src/layer/layer-index.ts'
import { OverlayFs } from '../../src/layer/overlay.ts'
import { writeTar } from '../../src/layer/tar-writer.ts'
import { RootFs } from '../../src/vfs/rootfs.ts'
import { TreeFs } from '../../src/vfs/tree-fs.ts'
import { bytes, errnoOf, fileSystemContract, text } from '../vfs/filesystem.contract.ts'
import { type ScratchStore, scratchStore } from '../vfs/scratch-store.ts'
import { memoryBlobs } from './tar-build.ts'

fileSystemContract('overlay over nothing', { make: () => OverlayFs.create([], 0), full: true })

const NOW = 1_700_000_000_000
const OLD = 1_600_000_000
const stores: ScratchStore[] = []

afterEach(() => {
  for (const store of stores.splice(0)) store.close()
})

function layerOf(...entries: Partial<LayerEntry>[]): Layer {
  const full = entries.map((entry): LayerEntry => {
    const size = entry.text === undefined ? {} : { size: Buffer.byteLength(entry.text) }
    return { path: '', type: 'file', mode: 0o644, mtime: OLD, ...size, ...entry }
  })
  const size = full.reduce((sum, entry) => sum + (entry.size ?? 0), 0)
  return new Layer({ version: 1, diffID: 'sha256:0', tar: 'made', tarSize: 0, size, entries: full }, noBlobs)
}

const noBlobs = { readAt: () => new Uint8Array(0) }
const dir = (path: string): Partial<LayerEntry> => ({ path, type: 'dir', mode: 0o755 })

const base = (): Layer =>
  layerOf(
    dir('bin'),
    { path: 'bin/busybox', mode: 0o755, text: 'ELF', size: 100_000 },
    { path: 'bin/ls', type: 'link', target: 'bin/busybox' },
    { path: 'bin/sh', type: 'link', target: 'bin/busybox' },
    dir('etc'),
    { path: 'etc/group', text: 'root:x:0:' },
    { path: 'etc/passwd', text: 'root:x:0:0' },
    dir('home'),
    { ...dir('tmp'), mode: 0o1777 },
    dir('var'),
    dir('var/log'),
    dir('var/www'),
  )

function container(layers: Layer[] = [base()]): { root: RootFs; overlay: OverlayFs } {
  const overlay = OverlayFs.create(layers, NOW)
  return { overlay, root: new RootFs(overlay, () => NOW) }
}

const list = (root: RootFs, path: string): string =>
  root
    .readdir(path)
    .map(entry => entry.name)
    .sort()
    .join(' ')

test('upper layers cover lower ones: files replace, directories merge, whiteouts and opaque directories hide', () => {
  const { root } = container([
    layerOf(
      dir('etc'),
      { path: 'etc/.wh.group' },
      dir('var'),
      { path: 'var/.wh..wh..opq' },
      { path: 'var/new', text: 'n' },
    ),
    layerOf({ path: 'etc/passwd', text: 'new' }, { path: 'home', type: 'symlink', target: 'tmp', mode: 0o777 }),
    base(),
  ])
  expect([list(root, '/'), list(root, '/etc'), list(root, '/var')]).toEqual(['bin etc home tmp var', 'passwd', 'new'])
  expect(text(root.readFile('/etc/passwd'))).toBe('new')
  expect(root.realpath('/home')).toBe('/tmp')
  expect([root.stat('/etc').nlink, root.stat('/bin').nlink, root.stat('/var').nlink]).toEqual([1, 2, 2])
})

test('a placeholder is a head and zeros', () => {
  const { root } = container()
  const content = root.readFile('/bin/busybox')
  expect(content.length).toBe(100_000)
  expect(text(content.subarray(0, 5))).toBe('ELF\0\0')
  expect(content.subarray(5).every(byte => byte === 0)).toBe(true)
})

test('writing to one name of a hard-linked file breaks it off, with a number of its own', () => {
  const { root } = container()
  const before = root.stat('/bin/ls')
  expect(before).toMatchObject({ nlink: 3, ino: root.stat('/bin/busybox').ino })
  const { fs } = root.walk('/bin').mount
  expect([fs.stat(before.ino), text(fs.read(before.ino, 0, 3))]).toEqual([before, 'ELF'])
  root.appendFile('/bin/ls', bytes('!'))
  expect(root.stat('/bin/ls')).toMatchObject({ nlink: 1, size: 100_001 })
  expect(root.stat('/bin/ls').ino).not.toBe(before.ino)
  expect(root.stat('/bin/sh')).toEqual(before)
})

test('an ordinary file keeps its number through copy-up, and what opened it before sees the change', () => {
  const { root } = container()
  const { ino, mount } = root.walk('/etc/passwd')
  mount.fs.hold(ino)
  root.appendFile('/etc/passwd', bytes('\nme'))
  expect(root.stat('/etc/passwd').ino).toBe(ino)
  root.unlink('/etc/passwd')
  expect(text(mount.fs.read(ino, 0, 99))).toBe('root:x:0:0\nme')
  mount.fs.release(ino)
})

test('a file of a layer stays readable and writable after its name is gone', () => {
  const { root } = container()
  const { ino, mount } = root.walk('/etc/passwd')
  mount.fs.hold(ino)
  root.unlink('/etc/passwd')
  expect(text(mount.fs.read(ino, 0, 4))).toBe('root')
  mount.fs.write(ino, 0, bytes('ROOT'), NOW)
  expect(text(mount.fs.read(ino, 0, 6))).toBe('ROOT:x')
  mount.fs.release(ino)
  expect(root.exists('/etc/passwd')).toBe(false)
})

test('a directory of a layer cannot be renamed, a new one can', () => {
  const { root } = container()
  root.mkdir('/tmp/new')
  expect(errnoOf(() => root.rename('/var', '/var2'))).toBe('EXDEV')
  expect(errnoOf(() => root.rename('/tmp/new', '/tmp/newer'))).toBe('none')
  root.removeAll('/var')
  root.mkdir('/var')
  expect(list(root, '/var')).toBe('')
  expect(errnoOf(() => root.rename('/var', '/var2'))).toBe('none')
})

/** The same session as was recorded with Docker 28.5. */
function session(root: RootFs): void {
  root.removeAll('/var')
  root.mkdir('/var')
  root.mkdir('/var/log')
  root.writeFile('/var/f', bytes('x\n'))
  root.setattr('/bin/busybox', { mode: 0o4755 })
  root.setattr('/etc/passwd', { mode: 0o644 })
  root.unlink('/etc/group')
  root.mkdir('/etc/group')
  root.writeFile('/tmp/x', bytes('1'))
  root.link('/tmp/x', '/tmp/y')
  root.unlink('/bin/ls')
  root.mkdir('/home/x')
  root.rmdir('/home/x')
  root.rmdir('/home')
  root.mkdir('/home2')
}

test('diff compares trees as Docker does', () => {
  const { root, overlay } = container()
  expect(changes(overlay)).toEqual([])
  session(root)
  expect(changes(overlay).map(({ kind, path }) => `${kind} ${path}`)).toEqual([
    'C /bin',
    'C /bin/busybox',
    'D /bin/ls',
    'C /etc',
    'C /etc/group',
    'D /home',
    'A /home2',
    'C /tmp',
    'A /tmp/x',
    'A /tmp/y',
    'C /var',
    'A /var/f',
    'D /var/www',
  ])
})

test('commit writes the upper as an OCI layer, with whiteouts, opaque markers and hard links', () => {
  const { root, overlay } = container()
  session(root)
  const lines = [...upperEntries(overlay)].map(
    ({ header: { path, type, mode, mtime, target } }) =>
      `${type} ${mode.toString(8)} ${mtime === NOW / 1000 ? 'new' : mtime} ${path}${target === undefined ? '' : ` -> ${target}`}`,
  )
  expect(lines).toEqual([
    'dir 755 new bin',
    'file 4755 1600000000 bin/busybox',
    'file 600 new bin/.wh.ls',
    'dir 755 new etc',
    'dir 755 new etc/group',
    'file 755 0 etc/group/.wh..wh..opq',
    'file 644 1600000000 etc/passwd',
    'file 600 new .wh.home',
    'dir 755 new home2',
    'dir 1777 new tmp',
    'file 644 new tmp/x',
    'link 644 new tmp/y -> tmp/x',
    'dir 755 new var',
    'file 755 0 var/.wh..wh..opq',
    'file 644 new var/f',
    'dir 755 new var/log',
  ])
})

async function committed(overlay: OverlayFs): Promise<Layer> {
  const blobs = memoryBlobs()
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield* writeTar(upperEntries(overlay))
  }
  return new Layer(await importLayer(stream(), blobs.sink), blobs)
}

const dump = (root: RootFs): string[] =>
  [...treeEntries(root, '/', '')].map(({ header, content }) =>
    JSON.stringify([header, Buffer.concat([...(content ?? [])]).toString('base64').length]),
  )

test('a committed upper over the same layers is the same tree', async () => {
  const { root, overlay } = container()
  session(root)
  const layer = await committed(overlay)
  expect(layer.size).toBe(overlay.sizeRw())
  const again = container([layer, base()])
  expect(dump(again.root)).toEqual(dump(root))
  expect(changes(again.overlay)).toEqual([])
})

test('a saved upper is loaded as it was, and only what changed is written', () => {
  const store = scratchStore()
  stores.push(store)
  const { root, overlay } = container()
  session(root)
  root.writeFile('/tmp/large', Buffer.alloc(10_000, 'x'))
  overlay.save(store, 'up')
  expect(store.paths()).toEqual(['up/data/1', 'up/fs.json'])
  const loaded = OverlayFs.load([base()], store, 'up')
  expect(loaded && dump(new RootFs(loaded, () => NOW))).toEqual(dump(root))
  store.takeWrites()
  overlay.save(store, 'up')
  expect(store.takeWrites()).toEqual([])
  root.appendFile('/tmp/large', bytes('more'))
  overlay.save(store, 'up')
  expect(store.takeWrites()).toEqual(['up/data/1', 'up/fs.json'])
  root.unlink('/tmp/large')
  overlay.save(store, 'up')
  expect(store.paths()).toEqual(['up/fs.json'])
  expect(OverlayFs.load([base()], store, 'other')).toBe(undefined)
})

test('a directory that was copied up still shows the layers to a process that has looked at nothing above it', () => {
  const store = scratchStore()
  stores.push(store)
  const layers = (): Layer[] => [
    layerOf(dir('srv'), dir('srv/web'), dir('srv/web/pages'), { path: 'srv/web/conf', text: 'listen' }),
    layerOf(dir('srv'), dir('srv/web'), { path: 'srv/web/below', text: 'old' }),
  ]
  const { root, overlay } = container(layers())
  root.mkdir('/srv/web/pages/new')
  overlay.save(store, 'up')
  const loaded = OverlayFs.load(layers(), store, 'up')
  if (!loaded) throw new Error('not saved')
  const again = new RootFs(loaded, () => NOW)
  expect(text(again.readFile('/srv/web/conf'))).toBe('listen')
  expect(list(again, '/srv/web')).toBe('below conf pages')
})

test('sizes count each inode of the upper once, and whole files that were copied up', () => {
  const { root, overlay } = container()
  expect([overlay.sizeRw(), overlay.sizeRootFs()]).toEqual([0, 100_019])
  root.setattr('/bin/busybox', { mode: 0o700 })
  root.writeFile('/tmp/x', bytes('12345'))
  root.link('/tmp/x', '/tmp/y')
  root.symlink('abc', '/tmp/z')
  expect([overlay.sizeRw(), overlay.sizeRootFs()]).toEqual([100_008, 200_027])
})

test('the init layer makes mount points that diff does not show', () => {
  const image = base()
  const { root, overlay } = container([initLayer(NOW, [image]), image])
  expect(list(root, '/etc')).toBe('group hostname hosts mtab passwd resolv.conf')
  expect(list(root, '/dev')).toBe('console pts shm')
  expect(root.readlink('/etc/mtab')).toBe('/proc/mounts')
  expect(root.lstat('/.dockerenv')).toMatchObject({ mode: 0o755, size: 0 })
  expect(changes(overlay)).toEqual([])
  expect(overlay.sizeRootFs()).toBe(100_019)
})

test('an archive of a tree crosses mounts and keeps symlinks', () => {
  const { root } = container()
  root.mount('/var', new TreeFs())
  root.writeFile('/var/in', bytes('volume'))
  root.symlink('/etc', '/var/link')
  const names = (entries: Iterable<{ header: { path: string; type: string } }>): string[] =>
    [...entries].map(({ header }) => `${header.type} ${header.path}`)
  expect(names(treeEntries(root, '/var', 'var'))).toEqual(['dir var', 'file var/in', 'symlink var/link'])
  expect(names(treeEntries(root, '/var/link', 'etc'))).toEqual(['symlink etc'])
  expect(names(treeEntries(root, '/var/link', 'etc', { follow: true }))).toEqual([
    'dir etc',
    'file etc/group',
    'file etc/passwd',
  ])
})
