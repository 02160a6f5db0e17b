/** hexdump and hd: files in hexadecimal. */
import type { Routine } from '../program.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { eachInput } from './lib/files.ts'
import { readBytes } from './lib/input.ts'
import { parseOdType, showBlock } from './lib/od-format.ts'

export const options = {
  bytes: '-b  octal bytes',
  chars: '-c  characters',
  canonical: '-C --canonical  hexadecimal bytes and text',
  decimal: '-d  decimal words',
  octal: '-o  octal words',
  hex: '-x  hexadecimal words',
  all: '-v --no-squeezing  repeated lines too',
  count: '-n --length=N  at most N bytes',
  skip: '-s --skip=N  pass over N bytes',
  format: '-e=FORMAT  not modelled',
  file: '-f=FILE  not modelled',
  reverse: 'busybox: -R  not modelled',
}

export const program = command('hexdump', options, function* (call) {
  const { p, out, args, options: given } = call
  for (const key of ['format', 'file', 'reverse'] as const) {
    if (given.has(key)) throw new Failure('this option is not modelled by minidock')
  }
  const number = (key: 'count' | 'skip', otherwise: number) => {
    const text = given.value(key)
    if (text === undefined) return otherwise
    const match = /^(0[xX][0-9a-fA-F]+|\d+)([bkm]?)$/.exec(text)
    if (!match) throw new Failure(`invalid number '${text}'`)
    return Number(match[1]) * ({ b: 512, k: 1024, m: 1024 ** 2 }[match[2] ?? ''] ?? 1)
  }
  const kind =
    p.name === 'hd' ? 'canonical' : (given.last('bytes', 'chars', 'canonical', 'decimal', 'octal', 'hex') ?? 'plain')
  let skip = number('skip', 0)
  let left = number('count', Number.POSITIVE_INFINITY)
  let offset = skip
  let held: number[] = []
  let last = ''
  let starred = false
  const address = () => offset.toString(16).padStart(kind === 'canonical' ? 8 : 7, '0')
  const line = function* (): Routine<void> {
    const key = held.join()
    if (key === last && held.length === 16 && !given.has('all')) {
      if (!starred) yield* out.write('*\n')
      starred = true
    } else {
      starred = false
      yield* out.write(`${address()}${shape(held, kind)}\n`)
    }
    last = key
    offset += held.length
    held = []
  }
  const fine = yield* eachInput(call, args, function* (fd) {
    for (let data = yield* readBytes(fd); data.length > 0; data = yield* readBytes(fd)) {
      for (const byte of data) {
        if (skip > 0) skip--
        else if (left-- > 0) {
          held.push(byte)
          if (held.length === 16) yield* line()
        }
      }
      if (left <= 0) return
    }
  })
  if (held.length > 0) yield* line()
  if (offset > 0) yield* out.write(`${address()}\n`)
  return fine ? 0 : 1
})

function shape(bytes: readonly number[], kind: string): string {
  if (kind === 'canonical') {
    const cells = Array.from({ length: 16 }, (_, n) => {
      const byte = bytes[n]
      return `${n === 8 ? '  ' : ' '}${byte === undefined ? '  ' : byte.toString(16).padStart(2, '0')}`
    })
    const text = bytes.map(code => (code >= 32 && code < 127 ? String.fromCharCode(code) : '.')).join('')
    return ` ${cells.join('')}  |${text}|`
  }
  const types: Record<string, string> = { bytes: 'o1', chars: 'c', decimal: 'u2', octal: 'o2', hex: 'x2', plain: 'x2' }
  const [format] = parseOdType(types[kind] ?? 'x2', true)
  if (!format) return ''
  if (kind === 'plain') return showBlock(bytes, format, [format]).padEnd(40)
  const wide = { bytes: 4, chars: 4, decimal: 8, octal: 8, hex: 8 }[kind] ?? 8
  const cells: string[] = []
  for (let at = 0; at < bytes.length; at += format.size) {
    const text = showBlock(bytes.slice(at, at + format.size), format, [format]).trim()
    cells.push((kind === 'decimal' ? text.padStart(5, '0') : text).padStart(wide))
  }
  return cells.join('').padEnd((16 / format.size) * wide)
}
