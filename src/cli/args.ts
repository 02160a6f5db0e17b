/** Docker's messages for a wrong number of arguments (docker/cli `cli/required.go`; cobra's own in compose). */
import type { Arity } from './spec.ts'

const plural = (n: number): string => (n === 1 ? `${n} argument` : `${n} arguments`)

/** What is wrong with `count` arguments, and the word before the hint at `--help`; undefined when nothing is. */
export function complaint(arity: Arity, count: number): { problem: string; hint: string } | undefined {
  switch (arity.rule) {
    case 'none':
      return count === 0 ? undefined : { problem: 'accepts no arguments', hint: 'Run' }
    case 'exactly':
      return count === arity.n ? undefined : { problem: `requires ${plural(arity.n)}`, hint: 'Run' }
    case 'atLeast':
      return count >= arity.n ? undefined : { problem: `requires at least ${plural(arity.n)}`, hint: 'See' }
    case 'atMost':
      // "SRun" is what Docker 28.5 prints.
      return count <= arity.n ? undefined : { problem: `requires at most ${plural(arity.n)}`, hint: 'SRun' }
    case 'between':
      if (count >= arity.min && count <= arity.max) return undefined
      return { problem: `requires at least ${arity.min} and at most ${plural(arity.max)}`, hint: 'Run' }
    case 'any':
      return undefined
  }
}

/** Cobra's own words for the same, which compose mostly uses. */
export function cobraComplaint(arity: Arity, args: readonly string[], call: string): string | undefined {
  const count = args.length
  if (arity.rule === 'none') return `unknown command "${args[0]}" for "${call}"`
  if (arity.rule === 'atLeast') return `requires at least ${arity.n} arg(s), only received ${count}`
  if (arity.rule === 'atMost') return `accepts at most ${arity.n} arg(s), received ${count}`
  if (arity.rule === 'between') return `accepts between ${arity.min} and ${arity.max} arg(s), received ${count}`
  return arity.rule === 'exactly' ? `accepts ${arity.n} arg(s), received ${count}` : undefined
}
