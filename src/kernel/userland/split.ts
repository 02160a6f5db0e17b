/** split: a file in pieces. */
import { isErrno } from '../../vfs/errno.ts'
import type { Proc, Routine } from '../program.ts'
import { toBytes } from './lib/bytes.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { busyboxSuffixes, gnuSuffixes, parseSize } from './lib/human.ts'
import { openInput, readChunk } from './lib/input.ts'

export const options = {
  lines: '-l --lines=N  lines a piece (default: 1000)',
  bytes: '-b --bytes=N  bytes a piece',
  suffix: '-a --suffix-length=N  letters of the suffix (default: 2)',
  digits: 'gnu: -d --numeric-suffixes  digits as suffixes',
  chunks: 'gnu: -n --number=N  N pieces of equal size',
  additional: 'gnu: --additional-suffix=SUFFIX  end of the names',
  verbose: 'gnu: --verbose  say what is made',
}

export const program = command(
  'split',
  options,
  function* ({ p, out, options: given, args, gnu }) {
    const [file = '-', prefix = 'x'] = args
    const sizes = gnu ? gnuSuffixes : busyboxSuffixes
    const number = (text: string, what: string) => {
      const value = parseSize(text, sizes)
      if (value === undefined || value === 0)
        throw new Failure(gnu ? `invalid number of ${what}: '${text}'` : `invalid number '${text}'`)
      return value
    }
    let fd: number
    try {
      fd = yield* openInput(file)
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      throw new Failure(
        gnu ? `cannot open '${file}' for reading: ${thrown.message}` : `can't open '${file}': ${thrown.message}`,
      )
    }
    const pieces = given.value('chunks')
    const bytes = given.value('bytes')
    const limit =
      pieces !== undefined
        ? Math.ceil(p.fstat(fd).size / number(pieces, 'chunks'))
        : bytes !== undefined
          ? number(bytes, 'bytes')
          : undefined
    const lines = number(given.value('lines') ?? '1000', 'lines')
    const length = number(given.value('suffix') ?? '2', 'suffix length')
    const writer = new Pieces(
      p,
      index => prefix + suffixOf(index, length, given.has('digits')) + (given.value('additional') ?? ''),
    )
    for (let part = yield* readChunk(fd); part !== ''; part = yield* readChunk(fd)) {
      for (let at = 0; at < part.length; ) {
        const end = limit === undefined ? lineEnd(part, at) : Math.min(part.length, at + limit - writer.used)
        const piece = part.slice(at, end)
        const name = yield* writer.write(piece)
        if (name !== undefined && given.has('verbose')) yield* out.write(`creating file '${name}'\n`)
        writer.used += limit === undefined ? (piece.endsWith('\n') ? 1 : 0) : piece.length
        if (writer.used >= (limit ?? lines)) writer.finish()
        at = end
      }
    }
    writer.finish()
    return 0
  },
  { digits: 'lines' },
)

function lineEnd(text: string, from: number): number {
  const at = text.indexOf('\n', from)
  return at === -1 ? text.length : at + 1
}

class Pieces {
  /** Lines or bytes in the current piece. */
  used = 0
  private readonly p: Proc
  private readonly name: (index: number) => string
  private fd = -1
  private count = 0

  constructor(p: Proc, name: (index: number) => string) {
    this.p = p
    this.name = name
  }

  /** Adds to the current piece; gives the name of one that is new. */
  *write(text: string): Routine<string | undefined> {
    let name: string | undefined
    if (this.fd < 0) {
      name = this.name(this.count++)
      this.fd = this.p.open(name, { write: true, create: true, truncate: true }, 0o666)
    }
    yield { op: 'write', fd: this.fd, data: toBytes(text) }
    return name
  }

  finish(): void {
    if (this.fd >= 0) this.p.close(this.fd)
    this.fd = -1
    this.used = 0
  }
}

function suffixOf(index: number, length: number, digits: boolean): string {
  const letters = digits ? '0123456789' : 'abcdefghijklmnopqrstuvwxyz'
  let suffix = ''
  let rest = index
  for (let n = 0; n < length; n++) {
    suffix = letters.charAt(rest % letters.length) + suffix
    rest = Math.floor(rest / letters.length)
  }
  if (rest > 0) throw new Failure(digits ? 'output file suffixes exhausted' : 'suffixes exhausted')
  return suffix
}
