/** sed: the stream editor. */
import { isErrno } from '../../vfs/errno.ts'
import type { Routine } from '../program.ts'
import { type Call, command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { readFile } from './lib/input.ts'
import { SedInput } from './sed/input.ts'
import { parseScript } from './sed/parse.ts'
import { Machine } from './sed/run.ts'

export const options = {
  expression: '-e --expression=SCRIPT  add to the script',
  file: '-f --file=FILE  add the contents of FILE to the script',
  quiet: '-n --quiet --silent  print only what the script prints',
  inPlace: '-i --in-place[=SUFFIX]  change the files themselves',
  extended: '-E -r --regexp-extended  extended regular expressions',
  separate: 'gnu: -s --separate  each file on its own',
  zero: 'gnu: -z --null-data  lines end with NUL',
  unbuffered: 'gnu: -u --unbuffered  write after each line',
  posix: 'gnu: --posix  no extensions',
  sandbox: 'gnu: --sandbox  no e, r, w',
  debug: 'gnu: --debug  ignored',
  width: 'gnu: -l --line-length=N  width of l',
}

export const program = command('sed', options, function* (call) {
  const { p, out, options: given, gnu, error } = call
  const files = [...call.args]
  const script = yield* readScript(call, files)
  const quiet = given.has('quiet') || script.startsWith('#n\n')
  const commands = parseScript(script, { extended: given.has('extended'), gnu })
  const inPlace = given.has('inPlace')
  const separate = inPlace || given.has('separate')
  const input = new SedInput(
    p,
    files.length === 0 ? ['-'] : files,
    out,
    { separate, inPlace, suffix: given.value('inPlace') ?? '', delimiter: given.has('zero') ? '\0' : '\n', gnu },
    error,
  )
  const status = yield* new Machine(p, commands, input, { quiet, gnu, separate, posix: given.has('posix') }).run()
  yield* input.finish()
  return status !== 0 ? status : input.failed ? (gnu ? (input.directory ? 4 : 2) : 1) : 0
})

/** The pieces of -e and -f in order, or the first operand, which is taken away. */
function* readScript({ p, options: given, gnu }: Call<typeof options>, files: string[]): Routine<string> {
  const pieces: string[] = []
  for (const { key, value } of given.given) {
    if (key === 'expression') {
      // A piece that ends in a backslash goes on in the next (`-e 'a\' -e text`).
      pieces.push(value)
    } else if (key === 'file') {
      try {
        pieces.push((yield* readFile(p, value)).replace(/\n$/, '').replace(/^#![^\n]*/, ''))
      } catch (error) {
        if (!isErrno(error)) throw error
        throw new Failure(
          gnu ? `couldn't open file ${value}: ${error.message}` : `can't open '${value}': ${error.message}`,
        )
      }
    }
  }
  if (pieces.length > 0) return pieces.join('\n')
  const first = files.shift()
  if (first === undefined) throw new UsageError('')
  return first
}
