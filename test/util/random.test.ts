import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom, systemRandom } from '../../src/util/random.ts'

test('a seed gives the same values again, and another seed others', () => {
  const draw = (seed: string): unknown[] => {
    const random = seededRandom(seed)
    return [random.id(), random.below(1000), Buffer.from(random.bytes(40)).toString('hex')]
  }
  expect(draw('lab')).toEqual(draw('lab'))
  expect(draw('lab')).not.toEqual(draw('exam'))
})

test('a later process goes on where the last one stopped', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('id', 'bytes', 'below'), { maxLength: 8 }), fc.nat(8), (kinds, stop) => {
      const run = (random: ReturnType<typeof seededRandom>, list: string[]): string[] =>
        list.map(kind =>
          kind === 'id' ? random.id() : kind === 'bytes' ? String(random.bytes(70)) : String(random.below(1e6)),
        )
      const state = { draws: 0 }
      const before = run(seededRandom('s', state), kinds.slice(0, stop))
      const after = run(seededRandom('s', { ...state }), kinds.slice(stop))
      expect([...before, ...after]).toEqual(run(seededRandom('s'), kinds))
    }),
  )
})

test('ids are 64 hex digits whose first twelve are no number', () => {
  for (const random of [seededRandom('ids'), systemRandom()])
    for (let n = 0; n < 500; n++) expect(random.id()).toMatch(/^(?!\d{12})[0-9a-f]{64}$/)
})

test('numbers are below their bound and reach all of it', () => {
  const random = seededRandom('below')
  const seen = new Set(Array.from({ length: 200 }, () => random.below(6)))
  expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5])
})
