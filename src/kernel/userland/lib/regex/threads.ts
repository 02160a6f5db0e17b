/** Matching by following all ways through the instructions at once: linear in the text, with groups and every assertion. */
import type { Code } from './compile.ts'
import type { Assertion } from './parse.ts'

/** Where the text stands among lines: whether `^` holds at its beginning, and next to newlines. */
export interface Context {
  notBegin: boolean
  multiline: boolean
}

interface Thread {
  at: number
  slots: number[]
}

/**
 * Leftmost-longest search from `from`: the match's slots, or undefined. Among ways to the same match the one
 * is taken that prefers earlier alternatives and longer repetitions from left to right, as glibc does.
 */
export function searchThreads(code: Code, text: string, from: number, context: Context): number[] | undefined {
  const whole = run(code, text, from, text.length, context, true)
  if (!whole) return undefined
  return matchExactly(code, text, whole[0] ?? 0, whole[1] ?? 0, context)
}

/** The slots of the match that spans exactly `start` to `end`. */
export function matchExactly(
  code: Code,
  text: string,
  start: number,
  end: number,
  context: Context,
): number[] | undefined {
  return run(code, text, start, end, context, false)
}

function run(
  code: Code,
  text: string,
  from: number,
  stop: number,
  context: Context,
  search: boolean,
): number[] | undefined {
  const { instructions } = code
  const marks = new Int32Array(instructions.length).fill(-1)
  const empty = new Array<number>(search ? 2 : code.captureSlots).fill(-1)
  let best: number[] | undefined
  let threads: Thread[] = []

  const add = (list: Thread[], root: number, rootSlots: number[], position: number): boolean => {
    const stack: Thread[] = [{ at: root, slots: rootSlots }]
    for (let thread = stack.pop(); thread; thread = stack.pop()) {
      if (marks[thread.at] === position) continue
      marks[thread.at] = position
      const instruction = instructions[thread.at]
      switch (instruction?.op) {
        case 'set':
          list.push(thread)
          break
        case 'split':
          stack.push({ at: instruction.other, slots: thread.slots }, { at: instruction.next, slots: thread.slots })
          break
        case 'progress':
          stack.push({ at: instruction.next, slots: thread.slots })
          break
        case 'save': {
          let slots = thread.slots
          if (instruction.slot < slots.length && !search) {
            slots = slots.slice()
            slots[instruction.slot] = position
          }
          stack.push({ at: instruction.next, slots })
          break
        }
        case 'assert':
          if (holds(instruction.what, text, position, context))
            stack.push({ at: instruction.next, slots: thread.slots })
          break
        case 'match':
          if (search) {
            const start = thread.slots[0] ?? 0
            if (!best || start < (best[0] ?? 0) || (start === best[0] && position > (best[1] ?? 0))) {
              best = [start, position]
            }
          } else if (position === stop) {
            best = thread.slots.slice()
            best[0] = from
            best[1] = position
            return true
          }
          break
      }
    }
    return false
  }

  for (let position = from; position <= stop; position++) {
    const next: Thread[] = []
    const byte = position > from ? text.charCodeAt(position - 1) & 255 : 0
    for (const thread of threads) {
      // A match that starts further left wins, however long others get.
      if (search && best && (thread.slots[0] ?? 0) > (best[0] ?? 0)) continue
      const instruction = instructions[thread.at]
      if (instruction?.op !== 'set' || !instruction.set[byte]) continue
      if (add(next, instruction.next, thread.slots, position)) return best
    }
    if (position === from || (search && !best)) {
      const slots = empty.slice()
      slots[0] = position
      if (add(next, code.start, slots, position)) return best
    }
    threads = next
    if (threads.length === 0 && (best || !search)) break
  }
  return best
}

/** Whether an assertion holds between two characters. */
export function holds(what: Assertion, text: string, at: number, context: Context): boolean {
  switch (what) {
    case 'begin':
      return (at === 0 && !context.notBegin) || (context.multiline && text[at - 1] === '\n')
    case 'end':
      return at === text.length || (context.multiline && text[at] === '\n')
    case 'first':
      return at === 0 && !context.notBegin
    case 'last':
      return at === text.length
  }
  const before = at > 0 && isWord(text.charCodeAt(at - 1))
  const after = at < text.length && isWord(text.charCodeAt(at))
  if (what === 'wordStart') return !before && after
  if (what === 'wordEnd') return before && !after
  return (what === 'wordEdge') === (before !== after)
}

function isWord(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122)
}
