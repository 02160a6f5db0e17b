/** uniq: runs of equal lines. */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { Lines, openInput } from './lib/input.ts'
import { Out } from './lib/out.ts'

export const options = {
  count: '-c --count  with the number of repetitions',
  repeated: '-d --repeated  only lines that repeat',
  unique: '-u --unique  only lines that do not repeat',
  fields: '-f --skip-fields=N  pass over the first N fields',
  chars: '-s --skip-chars=N  pass over the first N characters',
  width: '-w --check-chars=N  compare at most N characters',
  ignoreCase: '-i --ignore-case  no difference between cases',
  zero: '-z --zero-terminated  lines end with NUL',
}

export const program = command(
  'uniq',
  options,
  function* ({ p, out: stdout, options: given, args, gnu }) {
    const number = (key: 'fields' | 'chars' | 'width', otherwise: number) => {
      const text = given.value(key)
      if (text === undefined) return otherwise
      if (!/^\d+$/.test(text)) {
        const what = { fields: 'fields to skip', chars: 'bytes to skip', width: 'bytes to compare' }[key]
        throw new Failure(gnu ? `${text}: invalid number of ${what}` : `invalid number '${text}'`)
      }
      return Number(text)
    }
    const [fields, chars, width] = [number('fields', 0), number('chars', 0), number('width', Number.POSITIVE_INFINITY)]
    const ignoreCase = given.has('ignoreCase')
    const keyOf = (line: string) => {
      let at = 0
      for (let n = 0; n < fields; n++) at += /^[ \t]*[^ \t]*/.exec(line.slice(at))?.[0].length ?? 0
      const key = fields + chars === 0 && width > line.length ? line : line.slice(at + chars, at + chars + width)
      return ignoreCase ? key.toLowerCase() : key
    }
    const delimiter = given.has('zero') ? '\0' : '\n'
    const [input = '-', output = '-'] = args
    let fd: number
    try {
      fd = yield* openInput(input)
    } catch (error) {
      if (!isErrno(error)) throw error
      throw new Failure(gnu ? `${input}: ${error.message}` : `can't open '${input}': ${error.message}`)
    }
    const out = output === '-' ? stdout : new Out(p.open(output, { write: true, create: true, truncate: true }, 0o666))
    const lines = new Lines(p, fd, delimiter)
    let held = yield* lines.next()
    while (held !== undefined) {
      const key = keyOf(held)
      let repeats = 1
      let line = lines.take() ?? (yield* lines.next())
      for (; line !== undefined && keyOf(line) === key; line = lines.take() ?? (yield* lines.next())) repeats++
      const wanted = (!given.has('repeated') || repeats > 1) && (!given.has('unique') || repeats === 1)
      if (wanted) out.put(`${given.has('count') ? `${String(repeats).padStart(7)} ` : ''}${held}${delimiter}`)
      if (out.full) yield* out.flush()
      held = line
    }
    yield* out.flush()
    return 0
  },
  { gnuOperands: [0, 2], rewrite: args => args.map(arg => (/^-\d+$/.test(arg) ? `-f${arg.slice(1)}` : arg)) },
)
