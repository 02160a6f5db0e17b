/** A TreeFs in the real store: what is committed is found again, what is not committed never was. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { openStore } from '../../src/store/store.ts'
import type { Store } from '../../src/store/types.ts'
import { RootFs } from '../../src/vfs/rootfs.ts'
import { TreeFs } from '../../src/vfs/tree-fs.ts'

const NOW = 1_700_000_000_000
const folders: string[] = []

afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true })
})

function newStore(): Store {
  const path = mkdtempSync(join(tmpdir(), 'minidock-tree-'))
  folders.push(path)
  return openStore(path)
}

function load(store: Store): { fs: TreeFs; root: RootFs } {
  const fs = TreeFs.load(store, 'volumes/v')
  if (!fs) throw new Error('nothing is stored')
  return { fs, root: new RootFs(fs, () => NOW) }
}

const content = (root: RootFs, path: string): string => Buffer.from(root.readFile(path)).toString('latin1')

test('a log grows from process to process, and a rewritten file replaces its data', () => {
  const store = newStore()
  store.transaction(tx => new TreeFs({ root: { now: NOW } }).save(tx, 'volumes/v'))
  let expected = ''
  for (let at = 0; at < 6; at++) {
    const { fs, root } = load(store)
    const line = `${at}`.repeat(1000)
    expected += line
    root.appendFile('/log', Buffer.from(line))
    root.writeFile('/rewritten', Buffer.alloc(5000, at + 65))
    store.transaction(tx => fs.save(tx, 'volumes/v'))
  }
  const { root } = load(store)
  expect(content(root, '/log')).toBe(expected)
  expect(content(root, '/rewritten')).toBe('F'.repeat(5000))
  expect(store.list('volumes/v/data').length).toBe(2)
})

test('a save that is not committed leaves the file system as it was', () => {
  const store = newStore()
  const fs = new TreeFs()
  const root = new RootFs(fs, () => NOW)
  root.writeFile('/a', Buffer.alloc(5000, 'a'))
  store.transaction(tx => fs.save(tx, 'volumes/v'))
  const broken = load(store)
  broken.root.appendFile('/a', Buffer.alloc(5000, 'b'))
  broken.root.writeFile('/new', Buffer.alloc(9000, 'n'))
  expect(() =>
    store.transaction(tx => {
      broken.fs.save(tx, 'volumes/v')
      throw new Error('stopped')
    }),
  ).toThrow('stopped')
  const again = load(store)
  expect(again.root.readdir('/').map(entry => entry.name)).toEqual(['a'])
  expect(content(again.root, '/a')).toBe('a'.repeat(5000))
  again.root.appendFile('/a', Buffer.from('c'))
  store.transaction(tx => again.fs.save(tx, 'volumes/v'))
  expect(content(load(store).root, '/a')).toBe(`${'a'.repeat(5000)}c`)
})

test('a reader of the version before sees it whole while a file grows', () => {
  const store = newStore()
  const fs = new TreeFs()
  const root = new RootFs(fs, () => NOW)
  root.writeFile('/a', Buffer.alloc(5000, 'a'))
  store.transaction(tx => fs.save(tx, 'volumes/v'))
  const reader = load(store)
  root.appendFile('/a', Buffer.alloc(5000, 'b'))
  store.transaction(tx => fs.save(tx, 'volumes/v'))
  expect(content(reader.root, '/a')).toBe('a'.repeat(5000))
})
