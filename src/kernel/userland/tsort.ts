/** tsort: an order of the items in which each pair's first comes first. */
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { readFile } from './lib/input.ts'

export const options = {}

export const program = command(
  'tsort',
  options,
  function* ({ p, out, args, error }) {
    const file = args[0] ?? '-'
    const words = (yield* readFile(p, file)).split(/\s+/).filter(word => word !== '')
    if (words.length % 2 === 1) throw new Failure(`${file}: input contains an odd number of tokens`)
    const after = new Map<string, string[]>()
    const waiting = new Map<string, number>()
    for (let at = 0; at < words.length; at += 2) {
      const [first = '', second = ''] = words.slice(at, at + 2)
      for (const word of [first, second]) {
        if (!after.has(word)) after.set(word, [])
        if (!waiting.has(word)) waiting.set(word, 0)
      }
      if (first === second) continue
      after.get(first)?.push(second)
      waiting.set(second, (waiting.get(second) ?? 0) + 1)
    }
    let status = 0
    let ready = [...waiting.keys()].filter(word => waiting.get(word) === 0)
    while (waiting.size > 0) {
      if (ready.length === 0) {
        const [stuck = ''] = waiting.keys()
        yield* error(`${file}: input contains a loop:`)
        yield* error(stuck)
        status = 1
        ready = [stuck]
      }
      const next: string[] = []
      for (const word of ready) {
        waiting.delete(word)
        yield* out.write(`${word}\n`)
        for (const follower of after.get(word) ?? []) {
          const left = waiting.get(follower)
          if (left === undefined) continue
          waiting.set(follower, left - 1)
          if (left === 1) next.push(follower)
        }
      }
      ready = next
    }
    return status
  },
  { operands: [0, 1] },
)
