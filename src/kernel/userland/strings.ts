/** strings: runs of printable characters in files. */
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { eachInput } from './lib/files.ts'
import { readChunk } from './lib/input.ts'

export const options = {
  all: '-a --all  the whole file',
  name: '-f --print-file-name  file name before each',
  offset: '-o  octal offset before each',
  least: '-n --bytes=LEN  at least LEN characters (default: 4)',
  radix: '-t --radix=RADIX  offset in o, d or x',
}

export const program = command(
  'strings',
  options,
  function* (call) {
    const { out, options: given, args, gnu } = call
    const text = given.value('least') ?? '4'
    if (!/^\d+$/.test(text) || Number(text) === 0)
      throw new Failure(gnu ? `invalid minimum string length ${text}` : `invalid number '${text}'`)
    const radix = given.has('offset') ? 'o' : given.value('radix')
    const fine = yield* eachInput(call, args, function* (fd, file) {
      let run = ''
      let [offset, start] = [0, 0]
      const print = function* () {
        if (run.length >= Number(text)) {
          const base = radix === 'x' ? 16 : radix === 'd' ? 10 : 8
          const place = radix === undefined ? '' : `${start.toString(base).padStart(7)} `
          yield* out.write(`${given.has('name') ? `${file}: ` : ''}${place}${run}\n`)
        }
        run = ''
      }
      for (let part = yield* readChunk(fd); part !== ''; part = yield* readChunk(fd)) {
        for (const char of part) {
          if (/[ -~\t]/.test(char)) {
            if (run === '') start = offset
            run += char
          } else if (run !== '') yield* print()
          offset++
        }
      }
      yield* print()
    })
    return fine ? 0 : 1
  },
  { digits: 'least' },
)
