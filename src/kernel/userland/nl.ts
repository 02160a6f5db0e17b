/** nl: numbered lines. */
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { eachInput } from './lib/files.ts'
import { Lines } from './lib/input.ts'
import { Regex } from './lib/regex/regex.ts'

export const options = {
  style: '-b --body-numbering=STYLE  which lines: a all, t not empty, n none, pREGEX matching',
  increment: '-i --line-increment=N  step',
  separator: '-s --number-separator=STRING  after the number (default: tab)',
  start: '-v --starting-line-number=N  first number',
  width: '-w --number-width=N  width of numbers (default: 6)',
  format: 'gnu: -n --number-format=FORMAT  ln, rn or rz',
  header: 'gnu: -h --header-numbering=STYLE  ignored',
  footer: 'gnu: -f --footer-numbering=STYLE  ignored',
  noReset: '-p --no-renumber  do not start again at sections',
  delimiter: 'gnu: -d --section-delimiter=CC  ignored',
  join: 'gnu: -l --join-blank-lines=N  ignored',
}

export const program = command('nl', options, function* (call) {
  const { p, out, options: given, args, gnu } = call
  const number = (key: 'increment' | 'start' | 'width', otherwise: number) => {
    const text = given.value(key) ?? String(otherwise)
    if (!/^-?\d+$/.test(text))
      throw new Failure(
        gnu
          ? `invalid ${key === 'width' ? 'line number field width' : key === 'start' ? 'starting line number' : 'line number increment'}: '${text}'`
          : `invalid number '${text}'`,
      )
    return Number(text)
  }
  const [step, width] = [number('increment', 1), number('width', 6)]
  let next = number('start', 1)
  const style = given.value('style') ?? 't'
  if (!/^(a|t|n|p.*)$/s.test(style))
    throw new Failure(gnu ? `invalid body numbering style: '${style}'` : `invalid number '${style}'`)
  const regex = style.startsWith('p') ? new Regex(style.slice(1)) : undefined
  const separator = given.value('separator') ?? '\t'
  const format = given.value('format') ?? 'rn'
  const fine = yield* eachInput(call, args, function* (fd) {
    const lines = new Lines(p, fd)
    for (let line = yield* lines.next(); line !== undefined; line = yield* lines.next()) {
      const counted = style === 'a' || (style === 't' && line !== '') || (regex?.test(line) ?? false)
      if (!counted) {
        yield* out.write(`${' '.repeat(width + separator.length)}${line}\n`)
        continue
      }
      const digits = String(next)
      const text = format === 'ln' ? digits.padEnd(width) : digits.padStart(width, format === 'rz' ? '0' : ' ')
      yield* out.write(`${text}${separator}${line}\n`)
      next += step
    }
  })
  return fine ? 0 : 1
})
