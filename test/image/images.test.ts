import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeConfig } from '../../src/image/config.ts'
import {
  addImage,
  dropImage,
  imageIndexPath,
  imageOfContainer,
  imageRows,
  resolveImage,
  searchId,
} from '../../src/image/images.ts'
import { parseReference } from '../../src/image/reference.ts'
import { allTags, lookupTag, removeTag, setTag, tagsPath } from '../../src/image/tags.ts'
import { openStore } from '../../src/store/store.ts'
import type { Store } from '../../src/store/types.ts'

let root: string
let store: Store

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'minidock-images-'))
  store = openStore(root)
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

const add = (comment: string): string => {
  const config = encodeConfig({
    architecture: 'amd64',
    os: 'linux',
    comment,
    created: '2026-01-02T03:04:05.5Z',
    rootfs: { type: 'layers', diff_ids: ['sha256:aa'] },
    config: { Labels: { __proto__: 'x', a: 'b' } },
  })
  return store.transaction(tx => addImage(tx, { config, layerSizes: [7] })).id
}

describe('the images of a store', () => {
  it('are found by id, by the start of one, and by name', () => {
    const id = add('one')
    const other = add('two')
    store.transaction(tx => setTag(tx, parseReference('x:1'), id))
    expect([id, id.slice(7), id.slice(7, 15), id.slice(0, 15), 'x:1'].map(text => resolveImage(store, text))).toEqual(
      Array(5).fill(id),
    )
    expect(searchId(store, '')).toBeUndefined()
    expect(searchId(store, 'zz')).toBeUndefined()
    expect(other).not.toBe(id)
    expect(() => resolveImage(store, 'x')).toThrow('No such image: x:latest')
    expect(() => resolveImage(store, 'f'.repeat(64))).toThrow(`No such image: ${'f'.repeat(64)}`)
    expect(() => resolveImage(store, 'X')).toThrow('must be lowercase')
  })

  it('are added once', () => {
    const id = add('one')
    expect(add('one')).toBe(id)
    expect(imageRows(store)).toEqual([
      { id, created: 1767323045500, size: 7, diffIDs: ['sha256:aa'], labels: { a: 'b' } },
    ])
  })

  it('that are removed in use stay known to their container alone', () => {
    const id = add('one')
    store.transaction(tx => dropImage(tx, id, true))
    expect(imageRows(store)).toEqual([])
    expect(imageOfContainer(store, id)?.diffIDs).toEqual(['sha256:aa'])
    expect(add('one')).toBe(id)
    expect(imageRows(store)).toHaveLength(1)
  })

  it('survive the loss of their index, and a damaged record among them', () => {
    const ids = [add('one'), add('two')]
    writeFileSync(join(root, imageIndexPath), '{"v":1,')
    expect(
      imageRows(store)
        .map(row => row.id)
        .sort(),
    ).toEqual([...ids].sort())
    writeFileSync(join(root, 'images', `${ids[0]?.slice(7)}.json`), 'x')
    expect(imageRows(store).map(row => row.id)).toEqual([ids[1]])
  })
})

describe('names', () => {
  it('move, and know repositories called like properties of objects', () => {
    store.transaction(tx => {
      expect(setTag(tx, parseReference('constructor:toString'), 'sha256:1')).toBeUndefined()
      expect(setTag(tx, parseReference('constructor:toString'), 'sha256:2')).toBe('sha256:1')
    })
    expect(lookupTag(store, parseReference('constructor:toString'))).toBe('sha256:2')
    expect(lookupTag(store, parseReference('constructor'))).toBeUndefined()
    expect(lookupTag(store, parseReference('hasown'))).toBeUndefined()
    expect(store.transaction(tx => removeTag(tx, parseReference('constructor:toString')))).toBe(true)
    expect(store.transaction(tx => removeTag(tx, parseReference('constructor:toString')))).toBe(false)
    expect(allTags(store)).toEqual([])
  })

  it('that are damaged are not there for readers, and refuse changes', () => {
    store.transaction(tx => setTag(tx, parseReference('a'), 'sha256:1'))
    writeFileSync(join(root, tagsPath), '{')
    expect(allTags(store)).toEqual([])
    expect(() => store.transaction(tx => setTag(tx, parseReference('b'), 'sha256:1'))).toThrow(/damaged/)
  })
})
