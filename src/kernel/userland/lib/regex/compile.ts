/** A parsed expression to instructions for the matchers. */
import type { ByteSet } from './byte-set.ts'
import { type Assertion, type Node, RegexError } from './parse.ts'

export type Instruction =
  | { op: 'set'; set: ByteSet; next: number }
  /** Goes on at both; `next` is preferred. */
  | { op: 'split'; next: number; other: number }
  /** Notes the position in a slot: 2n and 2n+1 are the ends of group n. */
  | { op: 'save'; slot: number; next: number }
  | { op: 'assert'; what: Assertion; next: number }
  | { op: 'backref'; index: number; next: number }
  /** Fails when nothing was consumed since slot `slot` was noted: an empty turn of a loop. */
  | { op: 'progress'; slot: number; next: number }
  | { op: 'match' }

export interface Code {
  instructions: Instruction[]
  start: number
  /** Slots of groups, without those of loops. */
  captureSlots: number
  slots: number
}

const maxInstructions = 40_000

/** Compiles back to front: each piece is given where to go on. Throws RegexError when it grows too big. */
export function compile(node: Node, groups: number): Code {
  const instructions: Instruction[] = []
  const captureSlots = (groups + 1) * 2
  let slots = captureSlots
  const add = (instruction: Instruction): number => {
    if (instructions.length >= maxInstructions) throw new RegexError('Regular expression too big')
    return instructions.push(instruction) - 1
  }

  const emit = (part: Node, next: number): number => {
    switch (part.kind) {
      case 'empty':
        return next
      case 'set':
        return add({ op: 'set', set: part.set, next })
      case 'cat':
        return part.parts.reduceRight((after, one) => emit(one, after), next)
      case 'alt':
        return part.parts
          .map(one => emit(one, next))
          .reduceRight((other, one) => add({ op: 'split', next: one, other }))
      case 'group':
        return add({
          op: 'save',
          slot: part.index * 2,
          next: emit(part.node, add({ op: 'save', slot: part.index * 2 + 1, next })),
        })
      case 'backref':
        return add({ op: 'backref', index: part.index, next })
      case 'assert':
        return add({ op: 'assert', what: part.what, next })
      case 'repeat':
        return emitRepeat(part.node, part.min, part.max, next)
    }
  }

  const emitRepeat = (inner: Node, min: number, max: number, next: number): number => {
    let after = next
    if (max === Number.POSITIVE_INFINITY) {
      const split: Instruction = { op: 'split', next: 0, other: next }
      after = add(split)
      if (canBeEmpty(inner)) {
        const slot = slots++
        split.next = add({ op: 'save', slot, next: emit(inner, add({ op: 'progress', slot, next: after })) })
      } else split.next = emit(inner, after)
    } else {
      for (let n = min; n < max; n++) after = add({ op: 'split', next: emit(inner, after), other: next })
    }
    for (let n = 0; n < min; n++) after = emit(inner, after)
    return after
  }

  const end = add({ op: 'match' })
  const start = emit(node, end)
  return { instructions, start, captureSlots, slots }
}

function canBeEmpty(node: Node): boolean {
  switch (node.kind) {
    case 'set':
      return false
    case 'cat':
      return node.parts.every(canBeEmpty)
    case 'alt':
      return node.parts.some(canBeEmpty)
    case 'group':
      return canBeEmpty(node.node)
    case 'repeat':
      return node.min === 0 || canBeEmpty(node.node)
    default:
      return true
  }
}
