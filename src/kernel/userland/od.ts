/** od: files in octal and other forms. */
import type { Routine } from '../program.ts'
import { type Call, command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { eachInput } from './lib/files.ts'
import { readBytes } from './lib/input.ts'
import { type OdFormat, parseOdType, showBlock } from './lib/od-format.ts'

export const options = {
  address: '-A --address-radix=RADIX  offsets in d, o, x or none (n)',
  type: '-t --format=TYPE  how bytes are shown: a c d o u x f, with a size',
  count: '-N --read-bytes=N  at most N bytes',
  skip: '-j --skip-bytes=N  pass over N bytes',
  width: '-w --width[=N]  bytes a line',
  all: '-v --output-duplicates  repeated lines too',
  a: '-a  like -t a',
  b: '-b  like -t o1',
  c: '-c  like -t c',
  d: '-d  like -t u2',
  i: '-i  like -t d4',
  l: '-l  like -t d8',
  o: '-o  like -t o2',
  s: '-s  like -t d2',
  x: '-x  like -t x2',
  B: '-B  like -t o2',
  D: 'busybox: -D  like -t u4',
  H: 'busybox: -H -X  like -t x4',
  f: '-f  like -t f4',
  strings: '-S --strings[=N]  ignored',
}

const shortTypes: Readonly<Record<string, string>> = {
  a: 'a',
  b: 'o1',
  c: 'c',
  d: 'u2',
  i: 'd4',
  l: 'd8',
  o: 'o2',
  s: 'd2',
  x: 'x2',
  B: 'o2',
  D: 'u4',
  H: 'x4',
  f: 'f4',
}

export const program = command('od', options, function* (call) {
  const { args, options: given } = call
  const formats: OdFormat[] = []
  for (const { key, value } of given.given) {
    const type = key === 'type' ? value : Object.hasOwn(shortTypes, key) ? shortTypes[key] : undefined
    if (type !== undefined) formats.push(...parseOdType(type, call.gnu))
  }
  if (formats.length === 0) formats.push(...parseOdType('o2', call.gnu))
  const dump = new Dump(call, formats)
  const fine = yield* eachInput(call, args, function* (fd) {
    for (;;) {
      const data = yield* readBytes(fd)
      if (data.length === 0 || dump.done) return
      yield* dump.add(data)
    }
  })
  if (fine) yield* dump.finish()
  return fine ? 0 : 1
})

/** Gathers bytes to lines and prints them, runs of equal lines as `*`. */
class Dump {
  done = false
  private readonly call: Call<typeof options>
  private readonly formats: OdFormat[]
  private readonly width: number
  private offset = 0
  private skip: number
  private left: number
  private held: number[] = []
  private last = ''
  private starred = false

  constructor(call: Call<typeof options>, formats: OdFormat[]) {
    this.call = call
    this.formats = formats
    const number = (key: 'count' | 'skip' | 'width', otherwise: number) => {
      const text = call.options.value(key)
      if (text === undefined) return otherwise
      if (text === '' && key === 'width') return 32
      const match = /^(0[xX][0-9a-fA-F]+|\d+)([bkm]?)$/.exec(text)
      if (!match)
        throw new Failure(
          call.gnu
            ? `invalid -${key === 'count' ? 'N' : key === 'skip' ? 'j' : 'w'} argument '${text}'`
            : `invalid number '${text}'`,
        )
      return Number(match[1]) * ({ b: 512, k: 1024, m: 1024 ** 2 }[match[2] ?? ''] ?? 1)
    }
    this.width = Math.max(1, Math.min(number('width', 16), 65_536))
    this.skip = number('skip', 0)
    this.left = number('count', Number.POSITIVE_INFINITY)
    this.offset = this.skip
  }

  *add(data: Uint8Array): Routine<void> {
    for (const byte of data) {
      if (this.skip > 0) {
        this.skip--
        continue
      }
      if (this.left-- <= 0) {
        this.done = true
        return
      }
      this.held.push(byte)
      if (this.held.length === this.width) yield* this.line()
    }
    if (this.left <= 0) this.done = true
  }

  *finish(): Routine<void> {
    if (this.held.length > 0) yield* this.line()
    const end = this.address()
    if (end !== '') yield* this.call.out.write(`${end}\n`)
  }

  private address(): string {
    const radix = this.call.options.value('address') ?? 'o'
    if (radix === 'n') return ''
    if (radix === 'x') return this.offset.toString(16).padStart(6, '0')
    return radix === 'd' ? String(this.offset).padStart(7, '0') : this.offset.toString(8).padStart(7, '0')
  }

  private *line(): Routine<void> {
    const key = this.held.join()
    const repeated = key === this.last && this.held.length === this.width && !this.call.options.has('all')
    if (repeated) {
      if (!this.starred) yield* this.call.out.write('*\n')
      this.starred = true
    } else {
      this.starred = false
      let first = true
      for (const format of this.formats) {
        const address = this.address()
        const prefix = first ? address : ' '.repeat(address.length)
        yield* this.call.out.write(`${prefix}${showBlock(this.held, format, this.formats)}\n`)
        first = false
      }
    }
    this.last = key
    this.offset += this.held.length
    this.held = []
  }
}
