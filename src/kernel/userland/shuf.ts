/** shuf: lines in random order. */

import type { Proc } from '../program.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { readFile } from './lib/input.ts'

export const options = {
  echo: '-e --echo  the operands are the lines',
  range: '-i --input-range=LO-HI  the numbers from LO to HI',
  count: '-n --head-count=N  at most N lines',
  output: '-o --output=FILE  write to FILE',
  repeat: 'gnu: -r --repeat  lines can come again',
  zero: '-z --zero-terminated  lines end with NUL',
  source: 'gnu: --random-source=FILE  ignored',
}

export const program = command('shuf', options, function* ({ p, out, options: given, args, gnu }) {
  const end = given.has('zero') ? '\0' : '\n'
  let lines: string[]
  const range = given.value('range')
  if (given.has('echo')) lines = [...args]
  else if (range !== undefined) {
    const match = /^(\d+)-(\d+)$/.exec(range)
    const [low, high] = [Number(match?.[1]), Number(match?.[2])]
    if (!match || low > high + 1) throw new Failure(gnu ? `invalid input range: '${range}'` : 'bad range')
    if (high - low > 10_000_000) throw new Failure('memory exhausted')
    lines = Array.from({ length: high - low + 1 }, (_, n) => String(low + n))
  } else {
    const text = yield* readFile(p, args[0] ?? '-')
    lines = text.split(end)
    if (lines.at(-1) === '') lines.pop()
  }
  const countText = given.value('count')
  if (countText !== undefined && !/^\d+$/.test(countText))
    throw new Failure(gnu ? `invalid line count: '${countText}'` : `invalid number '${countText}'`)
  const count = Math.min(
    Number(countText ?? (given.has('repeat') ? 1000 : lines.length)),
    given.has('repeat') ? Number.POSITIVE_INFINITY : lines.length,
  )
  for (let n = 0; n < count; n++) {
    if (given.has('repeat')) {
      yield* out.write((lines[below(p, lines.length)] ?? '') + end)
      continue
    }
    const other = n + below(p, lines.length - n)
    ;[lines[n], lines[other]] = [lines[other] ?? '', lines[n] ?? '']
    yield* out.write((lines[n] ?? '') + end)
  }
  return 0
})

function below(p: Proc, limit: number): number {
  return p.random(6).reduce((value, byte) => value * 256 + byte, 0) % limit
}
