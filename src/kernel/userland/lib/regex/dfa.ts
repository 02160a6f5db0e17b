/** A deterministic automaton made lazily from the instructions: one table look-up for each byte. */
import type { Code } from './compile.ts'

interface State {
  /** The instructions (sets) that wait for a byte here. */
  sets: number[]
  /** A match ends here. */
  accepts: boolean
  /** A match ends here if the text does. */
  acceptsAtEnd: boolean
  next: (State | undefined)[]
}

const maxStates = 1500

export class Dfa {
  private readonly code: Code
  private states = new Map<string, State>()
  private begin: State | undefined
  private middle: State | undefined
  private readonly marks: Uint32Array
  private generation = 0

  constructor(code: Code) {
    this.code = code
    this.marks = new Uint32Array(code.instructions.length)
  }

  /**
   * The end of the longest match that starts at `from`, or -1. `steps[0]` counts down for each byte looked at;
   * returns -2 when it is used up.
   */
  longest(text: string, from: number, atBegin: boolean, steps: number[]): number {
    let state: State
    if (atBegin) state = this.begin ??= this.stateOf([this.code.start], true)
    else state = this.middle ??= this.stateOf([this.code.start], false)
    let end = state.accepts ? from : -1
    let at = from
    const length = text.length
    while (at < length && state.sets.length > 0) {
      const byte = text.charCodeAt(at) & 255
      state = state.next[byte] ?? this.move(state, byte)
      at++
      if (state.accepts) end = at
    }
    if (at === length && state.acceptsAtEnd) end = at
    const left = (steps[0] ?? 0) - (at - from) - 1
    steps[0] = left
    return left < 0 ? -2 : end
  }

  private move(state: State, byte: number): State {
    const targets: number[] = []
    for (const index of state.sets) {
      const instruction = this.code.instructions[index]
      if (instruction?.op === 'set' && instruction.set[byte]) targets.push(instruction.next)
    }
    if (this.states.size > maxStates) {
      this.states = new Map()
      this.begin = undefined
      this.middle = undefined
    }
    const next = this.stateOf(targets, false)
    state.next[byte] = next
    return next
  }

  /** The state of all that is reached from `roots` without a byte. `^` passes only at the beginning. */
  private stateOf(roots: number[], atBegin: boolean): State {
    const sets: number[] = []
    const accepts = this.close(roots, atBegin, false, sets)
    const acceptsAtEnd = accepts || this.close(roots, atBegin, true, [])
    sets.sort((a, b) => a - b)
    // What `$` leads to can only match at the end, so only the flag remembers it.
    const key = `${sets.join()};${accepts};${acceptsAtEnd}`
    let state = this.states.get(key)
    if (!state) {
      state = { sets, accepts, acceptsAtEnd, next: [] }
      this.states.set(key, state)
    }
    return state
  }

  private close(roots: number[], atBegin: boolean, atEnd: boolean, sets: number[]): boolean {
    const generation = ++this.generation
    const stack = [...roots]
    let accepts = false
    for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
      if (this.marks[index] === generation) continue
      this.marks[index] = generation
      const instruction = this.code.instructions[index]
      switch (instruction?.op) {
        case 'match':
          accepts = true
          break
        case 'set':
          sets.push(index)
          break
        case 'split':
          stack.push(instruction.next, instruction.other)
          break
        case 'save':
        case 'progress':
          stack.push(instruction.next)
          break
        case 'assert': {
          const begins = instruction.what === 'begin' || instruction.what === 'first'
          if (begins ? atBegin : atEnd) stack.push(instruction.next)
          break
        }
      }
    }
    return accepts
  }
}
