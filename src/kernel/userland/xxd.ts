/** xxd: hexadecimal, there (-p -u -c -g -l -s) and back (-r). */
import { isErrno } from '../../vfs/errno.ts'
import type { Routine } from '../program.ts'
import { type Call, command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { openInput, readAll, readBytes } from './lib/input.ts'

export const options = {
  plain: '-p --postscript  only hexadecimal digits',
  include: 'busybox: -i  C include file style',
  group: '-g=N  bytes a group (default: 2)',
  columns: '-c=N  bytes a line (default: 16)',
  length: '-l=N  at most N bytes',
  skip: '-s=N  pass over N bytes',
  offset: '-o=N  add to the offsets shown',
  upper: 'gnu: -u  upper case digits',
  reverse: '-r  back to bytes',
  bits: 'gnu: -b  bits',
}

export const program = command('xxd', options, function* (call) {
  const { p, out, args, options: given, gnu } = call
  const number = (key: 'group' | 'columns' | 'length' | 'skip' | 'offset', otherwise: number) => {
    const text = given.value(key)
    if (text === undefined) return otherwise
    if (!/^(0[xX][0-9a-fA-F]+|\d+)$/.test(text)) throw new Failure(`invalid number '${text}'`)
    return Number(text)
  }
  let fd: number
  try {
    fd = yield* openInput(args[0] ?? '-')
  } catch (thrown) {
    if (!isErrno(thrown)) throw thrown
    throw new Failure(gnu ? `${args[0] ?? ''}: ${thrown.message}` : `${args[0] ?? ''}: ${thrown.message}`)
  }
  if (given.has('reverse')) {
    yield* out.write(fromHex(yield* readAll(p, fd), given.has('plain')))
    return 0
  }
  const plain = given.has('plain')
  const columns = Math.max(1, Math.min(number('columns', plain ? 30 : 16), 256))
  const group = number('group', 2) || columns
  yield* dump(call, fd, {
    columns,
    group,
    plain,
    length: number('length', Number.POSITIVE_INFINITY),
    skip: number('skip', 0),
    base: number('offset', 0),
  })
  return 0
})

interface Shape {
  columns: number
  group: number
  plain: boolean
  length: number
  skip: number
  base: number
}

function* dump({ out, options: given }: Call<typeof options>, fd: number, shape: Shape): Routine<void> {
  let { skip, length } = shape
  let offset = skip
  let held: number[] = []
  const digits = (byte: number) => {
    const text = byte.toString(16).padStart(2, '0')
    return given.has('upper') ? text.toUpperCase() : text
  }
  const line = function* (): Routine<void> {
    if (shape.plain) yield* out.write(`${held.map(digits).join('')}\n`)
    else {
      let hex = ''
      for (let n = 0; n < shape.columns; n++) {
        const byte = held[n]
        hex += byte === undefined ? '  ' : digits(byte)
        if ((n + 1) % shape.group === 0) hex += ' '
      }
      const text = held.map(code => (code >= 32 && code < 127 ? String.fromCharCode(code) : '.')).join('')
      const gap = shape.columns % shape.group === 0 ? ' ' : '  '
      yield* out.write(`${(offset + shape.base).toString(16).padStart(8, '0')}: ${hex}${gap}${text}\n`)
    }
    offset += held.length
    held = []
  }
  for (let data = yield* readBytes(fd); data.length > 0 && length > 0; data = yield* readBytes(fd)) {
    for (const byte of data) {
      if (skip > 0) skip--
      else if (length-- > 0) {
        held.push(byte)
        if (held.length === shape.columns) yield* line()
      }
    }
  }
  if (held.length > 0) yield* line()
}

function fromHex(text: string, plain: boolean): string {
  let result = ''
  for (const line of text.split('\n')) {
    const hex = plain ? line : (/^[0-9a-fA-F]+: ?((?:[0-9a-fA-F]+ ?)*)/.exec(line)?.[1] ?? '')
    for (const pair of hex.replace(/\s/g, '').match(/[0-9a-fA-F]{2}/g) ?? [])
      result += String.fromCharCode(Number.parseInt(pair, 16))
  }
  return result
}
