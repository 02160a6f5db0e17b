/** Random writes to files of a TreeFs, against plain buffers, with saves, reloads and little memory. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TreeFs } from '../../src/vfs/tree-fs.ts'
import { scratchStore } from './scratch-store.ts'

type Step =
  | { op: 'write'; offset: number; length: number; seed: number }
  | { op: 'append'; length: number; seed: number }
  | { op: 'truncate'; size: number }
  | { op: 'save' }
  | { op: 'reload' }
  | { op: 'read'; offset: number; length: number }

const size = fc.oneof(fc.nat(3000), fc.nat(200_000))

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ op: fc.constant('write' as const), offset: size, length: size, seed: fc.nat(250) }),
  fc.record({ op: fc.constant('append' as const), length: size, seed: fc.nat(250) }),
  fc.record({ op: fc.constant('truncate' as const), size }),
  fc.record({ op: fc.constant('read' as const), offset: size, length: size }),
  fc.constant({ op: 'save' as const }),
  fc.constant({ op: 'reload' as const }),
)

const fill = (length: number, seed: number): Buffer => {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at < length; at++) bytes[at] = (at * 7 + seed) & 255
  return bytes
}

const put = (model: Buffer, offset: number, data: Buffer): Buffer => {
  const out = Buffer.alloc(Math.max(model.length, data.length === 0 ? 0 : offset + data.length))
  model.copy(out)
  data.copy(out, offset)
  return out
}

const ORIGIN = fill(150_000, 3)

test('a file holds what was written to it, through saves, reloads, spills and copy-up', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), fc.boolean(), (steps, copied) => {
      const store = scratchStore()
      const options = {
        memory: 130_000,
        scratch: store.root,
        origin: (_: number, at: number, length: number) => ORIGIN.subarray(at, at + length),
      }
      let fs = new TreeFs(options)
      let ino: number
      let model: Buffer = Buffer.alloc(0)
      if (copied) {
        ino = 1000
        const stat = { ino, type: 'file', mode: 0, uid: 0, gid: 0, nlink: 1, mtime: 0, atime: 0, ctime: 0 } as const
        fs.adopt(ino, { ...stat, size: ORIGIN.length }, {})
        fs.place(fs.root, 'f', ino)
        model = Buffer.from(ORIGIN)
      } else ino = fs.create(fs.root, 'f', { type: 'file', mode: 0, uid: 0, gid: 0, now: 0 })
      try {
        for (const step of steps) {
          if (step.op === 'write' || step.op === 'append') {
            const offset = step.op === 'write' ? step.offset : model.length
            const data = fill(step.length, step.seed)
            fs.write(ino, offset, data, 1)
            model = put(model, offset, data)
          } else if (step.op === 'truncate') {
            fs.truncate(ino, step.size, 1)
            model = put(Buffer.from(model.subarray(0, step.size)), step.size, Buffer.alloc(0))
            if (model.length < step.size) model = Buffer.concat([model, Buffer.alloc(step.size - model.length)])
          } else if (step.op === 'read') {
            const expected = model.subarray(step.offset, step.offset + step.length)
            expect(Buffer.from(fs.read(ino, step.offset, step.length)).equals(expected)).toBe(true)
          } else {
            fs.save(store, 'fs')
            expect(fs.changed).toBe(false)
            store.takeWrites()
            fs.save(store, 'fs')
            expect(store.takeWrites()).toEqual([])
            if (step.op === 'reload') {
              const loaded = TreeFs.load(store, 'fs', options)
              if (!loaded) throw new Error('nothing was saved')
              fs = loaded
            }
          }
          expect(fs.stat(ino).size).toBe(model.length)
        }
        expect(Buffer.from(fs.read(ino, 0, model.length + 10)).equals(model)).toBe(true)
        expect(store.paths().filter(path => path.includes('/data/')).length).toBeLessThanOrEqual(1)
      } finally {
        fs.close()
        store.close()
      }
    }),
    { numRuns: 300, seed: 11 },
  )
})
