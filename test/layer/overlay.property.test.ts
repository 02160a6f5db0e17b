/** Random operations on an overlay over random layers, against a naive model of one tree of files. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { changes } from '../../src/layer/changes.ts'
import { upperEntries } from '../../src/layer/export-layer.ts'
import { importLayer } from '../../src/layer/import-layer.ts'
import { Layer } from '../../src/layer/layer.ts'
import { OverlayFs } from '../../src/layer/overlay.ts'
import { writeTar } from '../../src/layer/tar-writer.ts'
import { RootFs } from '../../src/vfs/rootfs.ts'
import { scratchStore } from '../vfs/scratch-store.ts'
import {
  applyToFs,
  applyToModel,
  ascii,
  dumpFs,
  dumpModel,
  NOW,
  operation,
  rawEntry,
  stackOf,
} from './overlay-model.ts'
import { inPieces, memoryBlobs } from './tar-build.ts'

test('an overlay behaves like one tree of files, also when it is saved and loaded on the way', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(rawEntry, { maxLength: 8 }), { maxLength: 3 }),
      fc.array(operation, { maxLength: 30 }),
      (rawLayers, operations) => {
        const { layers, model } = stackOf(rawLayers)
        const store = scratchStore()
        try {
          let overlay = OverlayFs.create(layers, NOW)
          let root = new RootFs(overlay, () => NOW)
          expect(dumpFs(root)).toEqual(dumpModel(model))
          for (const operation of operations) {
            if (operation.op === 'reload') {
              const numbers = inoOf(root)
              store.takeWrites()
              overlay.save(store, 'upper')
              const again = OverlayFs.load(layers, store, 'upper')
              if (!again) throw new Error('nothing was saved')
              expect(again.changed).toBe(false)
              expect(again.sizeRw()).toBe(overlay.sizeRw())
              overlay = again
              root = new RootFs(overlay, () => NOW)
              expect(inoOf(root)).toEqual(numbers)
              continue
            }
            const plain = 'data' in operation ? { ...operation, data: ascii(operation.data) } : operation
            expect({ operation, result: applyToFs(root, plain) }).toEqual({
              operation,
              result: applyToModel(model, plain),
            })
          }
          expect(dumpFs(root)).toEqual(dumpModel(model))
        } finally {
          store.close()
        }
      },
    ),
    { numRuns: 400, seed: 7 },
  )
})

test('a committed upper makes the same tree, and diff is the difference between two trees', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(rawEntry, { maxLength: 8 }), { maxLength: 3 }),
      fc.array(operation, { maxLength: 20 }),
      async (rawLayers, operations) => {
        const { layers } = stackOf(rawLayers)
        const overlay = OverlayFs.create(layers, NOW)
        const root = new RootFs(overlay, () => NOW)
        const before = attributesOf(root)
        for (const operation of operations) if (operation.op !== 'reload') applyToFs(root, operation)
        const lines = changes(overlay).map(({ kind, path }) => `${kind} ${path}`)
        expect(lines).toEqual(difference(before, attributesOf(root)))
        const blobs = memoryBlobs()
        const tar = Buffer.concat([...writeTar(upperEntries(overlay))])
        const layer = new Layer(await importLayer(inPieces(tar), blobs.sink), blobs)
        const again = OverlayFs.create([layer, ...layers], NOW)
        expect(dumpFs(new RootFs(again, () => NOW))).toEqual(dumpFs(root))
        expect(layer.size).toBe(overlay.sizeRw())
      },
    ),
    { numRuns: 200, seed: 21 },
  )
})

function attributesOf(root: RootFs, path = '/', out = new Map<string, string>()): Map<string, string> {
  for (const { name } of root.readdir(path)) {
    const child = path === '/' ? `/${name}` : `${path}/${name}`
    const { type, mode, mtime, size } = root.lstat(child)
    out.set(child, type === 'dir' ? `dir ${mode}` : `${type} ${mode} ${mtime} ${size}`)
    if (type === 'dir') attributesOf(root, child, out)
  }
  return out
}

/** What `docker diff` would print: deletions by their topmost directory, directories above changes as changed. */
function difference(before: Map<string, string>, after: Map<string, string>): string[] {
  const kinds = new Map<string, string>()
  const changedAbove = (path: string): void => {
    for (let up = path.lastIndexOf('/'); up > 0; up = path.lastIndexOf('/', up - 1))
      if (!kinds.has(path.slice(0, up))) kinds.set(path.slice(0, up), 'C')
  }
  for (const [path, now] of after) {
    const old = before.get(path)
    if (old === now) continue
    kinds.set(path, old === undefined ? 'A' : 'C')
  }
  for (const path of before.keys()) {
    const parent = path.slice(0, path.lastIndexOf('/'))
    if (!after.has(path) && (parent === '' || after.get(parent)?.startsWith('dir'))) kinds.set(path, 'D')
  }
  for (const path of [...kinds.keys()]) changedAbove(path)
  return [...kinds].map(([path, kind]) => `${kind} ${path}`).sort((a, b) => (a.slice(2) < b.slice(2) ? -1 : 1))
}

function inoOf(root: RootFs, path = '/', out: Record<string, string> = {}): Record<string, string> {
  for (const { name, ino } of root.readdir(path)) {
    const child = path === '/' ? `/${name}` : `${path}/${name}`
    const stat = root.lstat(child)
    out[child] = `${ino} ${stat.ino} ${stat.nlink} ${stat.mtime}`
    if (stat.type === 'dir') inoOf(root, child, out)
  }
  return out
}
