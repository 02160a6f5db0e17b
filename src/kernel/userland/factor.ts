/** factor: prime factors. */
import type { Routine } from '../program.ts'
import { command } from './lib/command.ts'
import { UsageError } from './lib/failure.ts'
import { Lines } from './lib/input.ts'

export const options = {}

export const program = command('factor', options, function* ({ p, out, args, gnu, error }) {
  let status = 0
  const one = function* (word: string): Routine<void> {
    if (!/^\+?\d{1,19}$/.test(word)) {
      if (!gnu) throw new UsageError('')
      yield* error(`'${word}' is not a valid positive integer`)
      status = 1
      return
    }
    const factors = yield* factorsOf(BigInt(word))
    yield* out.write(`${BigInt(word)}:${factors.map(factor => ` ${factor}`).join('')}\n`)
  }
  for (const word of args) yield* one(word)
  if (args.length > 0) return status
  const lines = new Lines(p, 0)
  for (let line = yield* lines.next(); line !== undefined; line = yield* lines.next()) {
    for (const word of line.trim().split(/\s+/)) if (word !== '') yield* one(word)
  }
  return status
})

/** By trial division; large numbers use processor time in the model too. */
function* factorsOf(number: bigint): Routine<bigint[]> {
  const factors: bigint[] = []
  let rest = number
  let tries = 0
  for (let factor = 2n; factor * factor <= rest; factor += factor === 2n ? 1n : 2n) {
    while (rest % factor === 0n) {
      factors.push(factor)
      rest /= factor
    }
    if (++tries % 20_000 === 0) yield { op: 'cpu', ms: 1 }
  }
  if (rest > 1n) factors.push(rest)
  return factors
}
