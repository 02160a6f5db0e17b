import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Pipe, pipeCapacity } from '../../src/kernel/pipe.ts'

describe('a pipe', () => {
  it('takes no more than its capacity', () => {
    const pipe = new Pipe(1)
    expect(pipe.push(new Uint8Array(pipeCapacity - 1))).toBe(pipeCapacity - 1)
    expect(pipe.push(Uint8Array.of(1, 2, 3))).toBe(1)
    expect([pipe.length, pipe.room]).toEqual([pipeCapacity, 0])
    expect(pipe.push(Uint8Array.of(4))).toBe(0)
  })

  it('gives bytes in the order in which they came, whatever the portions', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.nat({ max: 30 }))), moves => {
        const pipe = new Pipe(1)
        let model: number[] = []
        for (const move of moves) {
          if (typeof move === 'number') {
            expect([...pipe.shift(move)]).toEqual(model.slice(0, move))
            model = model.slice(move)
          } else {
            pipe.push(move)
            model.push(...move)
          }
          expect(pipe.length).toBe(model.length)
          expect([...pipe.contents()]).toEqual(model)
        }
      }),
    )
  })

  it('fills memory as far as there are bytes', () => {
    const pipe = new Pipe(1)
    pipe.push(Uint8Array.of(1, 2))
    pipe.push(Uint8Array.of(3))
    const memory = new Uint8Array(5)
    expect([pipe.shiftInto(memory), [...memory], pipe.length]).toEqual([3, [1, 2, 3, 0, 0], 0])
  })

  it('keeps its own copy of what it was given', () => {
    const pipe = new Pipe(1)
    const data = Uint8Array.of(1, 2)
    pipe.push(data)
    data[0] = 9
    expect([...pipe.shift(2)]).toEqual([1, 2])
  })
})
