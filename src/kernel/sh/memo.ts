/** What an expansion has done already, so that it can be run again without doing it twice. */
import type { Json } from '../program.ts'

export interface Memo {
  memo: Json[]
  /** Position in the memo; starts at 0 with every run. */
  at: number
}

/** Does something once, however often the expansion runs. */
export function once<T extends Json>(context: Memo, act: () => T): T {
  if (context.at < context.memo.length) return context.memo[context.at++] as T
  const value = act()
  context.memo.push(value)
  context.at++
  return value
}

/**
 * Does a piece of work once in which other things are noted: when it is complete, only its outcome stays in the memo,
 * so that it is not repeated for what a later piece waits for.
 */
export function whole<T extends Json>(context: Memo, act: () => T): T {
  const { at } = context
  const known = context.memo[at]
  if (known !== null && typeof known === 'object' && !Array.isArray(known) && Object.hasOwn(known, 'whole')) {
    context.at++
    return known.whole as T
  }
  const value = act()
  context.memo.length = at
  context.memo.push({ whole: value })
  context.at = at + 1
  return value
}
