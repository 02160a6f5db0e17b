/** dos2unix and unix2dos: line ends with and without carriage returns. */
import { isErrno } from '../../vfs/errno.ts'
import { toBytes } from './lib/bytes.ts'
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { readAll, readFile } from './lib/input.ts'

export const options = {
  toUnix: '-u  take carriage returns away',
  toDos: '-d  put one before every line end',
}

export const program = command('dos2unix', options, function* ({ p, out, options: given, args }) {
  if (given.has('toUnix') && given.has('toDos')) throw new UsageError('')
  const toDos = given.has('toDos') || (p.name === 'unix2dos' && !given.has('toUnix'))
  const convert = (text: string): string => {
    const plain = text.replaceAll('\r', '')
    return toDos ? plain.replaceAll('\n', '\r\n') : plain
  }
  if (args.length === 0) {
    yield* out.write(convert(yield* readAll(p, 0)))
    return 0
  }
  for (const file of args) {
    try {
      const data = toBytes(convert(yield* readFile(p, file)))
      const fd = p.open(file, { write: true, truncate: true })
      yield { op: 'write', fd, data }
      p.close(fd)
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      throw new Failure(`can't open '${file}': ${thrown.message}`)
    }
  }
  return 0
})
