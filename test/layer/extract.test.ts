import { expect, test } from 'vitest'
import { copyTree } from '../../src/layer/copy-tree.ts'
import { treeEntries } from '../../src/layer/export-layer.ts'
import { type ExtractOptions, TarExtractor } from '../../src/layer/extract.ts'
import { TarReader } from '../../src/layer/tar-reader.ts'
import { writeTar } from '../../src/layer/tar-writer.ts'
import { RootFs } from '../../src/vfs/rootfs.ts'
import { TreeFs } from '../../src/vfs/tree-fs.ts'
import { bytes, text } from '../vfs/filesystem.contract.ts'
import { MTIME, type Short, tarOf } from './tar-build.ts'

const NOW = 1_700_000_009_000

function tree(): RootFs {
  const root = new RootFs(new TreeFs(), () => NOW)
  root.mkdirAll('/dest')
  root.mkdir('/etc')
  root.writeFile('/etc/passwd', bytes('root'))
  return root
}

function extract(root: RootFs, tar: Uint8Array, dest = '/dest', options: ExtractOptions = {}): void {
  const extractor = new TarExtractor(root, dest, options)
  const reader = new TarReader(extractor)
  for (let at = 0; at < tar.length; at += 700) reader.push(tar.subarray(at, at + 700))
  reader.finish()
  extractor.finish()
}

function refusal(root: RootFs, entries: Short[], options: ExtractOptions = {}): string {
  try {
    extract(root, tarOf(...entries), '/dest', options)
    return 'accepted'
  } catch (error) {
    return String(error)
  }
}

const dump = (root: RootFs, path: string): unknown[] =>
  [...treeEntries(root, path, '')].map(({ header, content }) => [header, text(Buffer.concat([...(content ?? [])]))])

test('a tree that is packed and unpacked is the same tree, with its times', () => {
  const root = tree()
  root.mkdirAll('/src/a/b')
  root.writeFile('/src/a/b/f', Buffer.alloc(3000, 'x'))
  root.link('/src/a/b/f', '/src/a/z')
  root.symlink('../a', '/src/a/s')
  root.mknod('/src/null', 'char', 0o666, [1, 3])
  root.setattr('/src/a', { mode: 0o2750, uid: 3, gid: 4, mtime: MTIME * 1000 })
  const tar = Buffer.concat([...writeTar(treeEntries(root, '/src', ''))])
  extract(root, tar)
  expect(dump(root, '/dest')).toEqual(dump(root, '/src'))
  expect(root.stat('/dest/a').mtime).toBe(MTIME * 1000)
})

test('files are replaced, directories merged, and missing parents made', () => {
  const root = tree()
  root.mkdir('/dest/d')
  root.writeFile('/dest/d/kept', bytes('kept'))
  root.writeFile('/dest/f', bytes('old and longer'))
  root.mkdirAll('/dest/was-dir/x')
  extract(root, tarOf(['.', 'dir']), '/dest', { owner: { uid: 5, gid: 5 } })
  expect(root.stat('/dest').uid).toBe(0)
  extract(
    root,
    tarOf(['d', 'dir'], ['d/new', 'file', 'n'], ['f', 'file', 'new'], ['was-dir', 'file', 'w'], ['p/q', 'file']),
  )
  expect(root.readdir('/dest/d').map(entry => entry.name)).toEqual(['kept', 'new'])
  expect(text(root.readFile('/dest/f'))).toBe('new')
  expect(root.stat('/dest/was-dir').type).toBe('file')
  expect(root.stat('/dest/p')).toMatchObject({ type: 'dir', mode: 0o755 })
})

test('nothing gets out: climbing paths are refused, symlinks lead where they lead inside', () => {
  const root = tree()
  expect(refusal(root, [['../etc/passwd', 'file', 'x']])).toBe('EngineError: invalid entry name "../etc/passwd"')
  expect(refusal(root, [['l', 'link', '../etc/passwd']])).toBe('EngineError: invalid hardlink target "../etc/passwd"')
  expect(
    refusal(root, [
      ['loop', 'symlink', 'loop'],
      ['loop/x', 'file', 'x'],
    ]),
  ).toMatch(/^EngineError: /)
  expect(
    refusal(root, [
      ['s', 'symlink', '../../../../etc'],
      ['s/passwd', 'file', 'inside'],
    ]),
  ).toBe('accepted')
  expect(text(root.readFile('/etc/passwd'))).toBe('inside')
})

test('a final symlink is replaced, not written through', () => {
  const root = tree()
  root.symlink('/etc/passwd', '/dest/s')
  extract(root, tarOf(['s', 'file', 'mine']))
  expect([text(root.readFile('/dest/s')), text(root.readFile('/etc/passwd'))]).toEqual(['mine', 'root'])
})

test('owner, devices and the kind of what is replaced are options', () => {
  const root = tree()
  root.mkdir('/dest/d')
  root.writeFile('/dest/f', bytes(''))
  extract(root, tarOf(['x', 'file', 'x'], ['dev', 'char']), '/dest', { owner: { uid: 7, gid: 8 }, skipDevices: true })
  expect(root.stat('/dest/x')).toMatchObject({ uid: 7, gid: 8, mtime: MTIME * 1000 })
  expect(root.exists('/dest/dev')).toBe(false)
  const options = { noOverwriteDirNonDir: true }
  expect(refusal(root, [['d', 'file']], options)).toBe(
    'EngineError: cannot overwrite directory "d" with non-directory "/dest"',
  )
  expect(refusal(root, [['f', 'dir']], options)).toBe(
    'EngineError: cannot overwrite non-directory "f" with directory "/dest"',
  )
})

test('a tree is copied into another with everything but what is around it', () => {
  const source = tree()
  source.mkdirAll('/src/d')
  source.writeFile('/src/d/f', Buffer.alloc(200_000))
  source.appendFile('/src/d/f', bytes('end'))
  source.setattr('/src/d/f', { mode: 0o4711, uid: 1, gid: 2, mtime: NOW - 1234.5 })
  source.link('/src/d/f', '/src/z')
  source.symlink('d', '/src/link')
  const dest = tree()
  copyTree(source, '/src', dest, '/dest')
  expect(dump(dest, '/dest')).toEqual(dump(source, '/src'))
  expect(dest.stat('/dest/z')).toMatchObject({ mtime: NOW - 1234.5, nlink: 2, mode: 0o4711 })
  copyTree(source, '/src/link/f', dest, '/etc/copy', { owner: { uid: 9, gid: 9 } })
  expect(dest.stat('/etc/copy')).toMatchObject({ uid: 9, gid: 9, size: 200_003 })
  expect(() => copyTree(source, '/src/z', dest, '/etc/')).toThrow('Is a directory')
})
