/** Matching with back references, which no automaton can do: by trying, within a budget of steps. */
import type { Code } from './compile.ts'
import { RegexError } from './parse.ts'
import { type Context, holds } from './threads.ts'

/** Steps that one search may take before it is given up as glibc gives up one that needs too much memory. */
const budget = 4_000_000

/** The first match from `from` on: its slots, or undefined. Throws RegexError ("Memory exhausted") over budget. */
export function searchBacktracking(
  code: Code,
  text: string,
  from: number,
  context: Context,
  ignoreCase: boolean,
): number[] | undefined {
  const steps = { left: budget }
  for (let start = from; start <= text.length; start++) {
    const slots = matchAt(code, text, start, context, ignoreCase, steps)
    if (slots) return slots
  }
  return undefined
}

interface Choice {
  at: number
  position: number
  slots: number[]
}

function matchAt(
  code: Code,
  text: string,
  start: number,
  context: Context,
  ignoreCase: boolean,
  steps: { left: number },
): number[] | undefined {
  const stack: Choice[] = [{ at: code.start, position: start, slots: new Array<number>(code.slots).fill(-1) }]
  let longest: number[] | undefined
  for (let choice = stack.pop(); choice; choice = stack.pop()) {
    let { at, position, slots } = choice
    walk: for (;;) {
      if (steps.left-- <= 0) {
        if (longest) return longest
        throw new RegexError('Memory exhausted')
      }
      const instruction = code.instructions[at]
      if (!instruction) break
      switch (instruction.op) {
        case 'match': {
          if (!longest || position > (longest[1] ?? 0)) {
            longest = slots.slice(0, code.captureSlots)
            longest[0] = start
            longest[1] = position
            if (position === text.length) return longest
          }
          break walk
        }
        case 'set':
          if (position >= text.length || !instruction.set[text.charCodeAt(position) & 255]) break walk
          position++
          break
        case 'split':
          stack.push({ at: instruction.other, position, slots })
          break
        case 'save':
          slots = slots.slice()
          slots[instruction.slot] = position
          break
        case 'progress':
          if (slots[instruction.slot] === position) break walk
          break
        case 'assert':
          if (!holds(instruction.what, text, position, context)) break walk
          break
        case 'backref': {
          const from = slots[instruction.index * 2] ?? -1
          const to = slots[instruction.index * 2 + 1] ?? -1
          if (from < 0 || to < from) break walk
          const wanted = text.slice(from, to)
          const found = text.slice(position, position + wanted.length)
          if (ignoreCase ? wanted.toLowerCase() !== found.toLowerCase() : wanted !== found) break walk
          position += wanted.length
          break
        }
      }
      at = instruction.next
    }
  }
  return longest
}
