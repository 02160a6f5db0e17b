/** paste: lines of files side by side. */
import { isErrno } from '../../vfs/errno.ts'
import type { Routine } from '../program.ts'
import { command } from './lib/command.ts'
import { unescapeText } from './lib/escapes.ts'
import { Failure } from './lib/failure.ts'
import { Lines, openInput } from './lib/input.ts'
import type { Out } from './lib/out.ts'

export const options = {
  delimiters: '-d --delimiters=LIST  between columns, one after another',
  serial: '-s --serial  one file after another, each in a line',
  zero: 'gnu: -z --zero-terminated  lines end with NUL',
}

export const program = command('paste', options, function* ({ p, out, options: given, args, gnu, error }) {
  const text = given.value('delimiters') ?? '\t'
  const delimiters = text.replace(/\\0/g, '\u0100')
  const list = delimiters === '' ? [''] : [...unescapeText(delimiters)].map(char => (char === '\u0100' ? '' : char))
  const end = given.has('zero') ? '\0' : '\n'
  const files = args.length === 0 ? ['-'] : args
  const inputs: Lines[] = []
  const stdin = new Lines(p, 0, end)
  let status = 0
  for (const file of files) {
    try {
      inputs.push(file === '-' ? stdin : new Lines(p, yield* openInput(file), end))
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      if (!given.has('serial') || !gnu) throw new Failure(`${file}: ${thrown.message}`)
      yield* error(`${file}: ${thrown.message}`)
      status = 1
    }
  }
  if (given.has('serial')) {
    for (const lines of inputs) {
      let n = 0
      for (let line = yield* lines.next(); line !== undefined; line = yield* lines.next()) {
        yield* out.write((n === 0 ? '' : (list[(n - 1) % list.length] ?? '')) + line)
        n++
      }
      yield* out.write(end)
    }
    return status
  }
  if (!gnu) return yield* besideBusybox(inputs, list, out)
  for (;;) {
    const cells: (string | undefined)[] = []
    for (const lines of inputs) cells.push(yield* lines.next())
    if (cells.every(cell => cell === undefined)) return status
    cells.forEach((cell, n) => {
      out.put((n === 0 ? '' : (list[(n - 1) % list.length] ?? '')) + (cell ?? ''))
    })
    yield* out.write(end)
  }
})

/** Busybox leaves out the columns of files that have ended, delimiters included. */
function* besideBusybox(inputs: readonly Lines[], list: readonly string[], out: Out): Routine<number> {
  const active = new Set(inputs.keys())
  while (active.size > 0) {
    let next = 0
    for (const [index, lines] of inputs.entries()) {
      if (!active.has(index)) continue
      const line = yield* lines.next()
      if (line === undefined) {
        active.delete(index)
        continue
      }
      yield* out.write(line + (index === inputs.length - 1 ? '\n' : (list[next++ % list.length] ?? '')))
    }
  }
  return 0
}
