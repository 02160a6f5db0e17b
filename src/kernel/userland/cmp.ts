/** cmp: compares two files byte by byte. */
import { isErrno } from '../../vfs/errno.ts'
import type { Routine } from '../program.ts'
import { type Call, command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { openInput, readChunk } from './lib/input.ts'

export const options = {
  list: '-l --verbose  every difference',
  silent: '-s --silent --quiet  say nothing',
  limit: '-n --bytes=N  at most N bytes',
  skip: 'gnu: -i --ignore-initial=SKIP  pass over the first bytes',
  print: 'gnu: -b --print-bytes  show the bytes',
}

export const program = command(
  'cmp',
  options,
  function* (call) {
    const { args, options: given, gnu } = call
    if (args.length === 0 || args.length > 4)
      throw new UsageError(
        gnu ? (args.length === 0 ? `missing operand after 'cmp'` : `extra operand '${args[4] ?? ''}'`) : '',
      )
    const [first = '-', second = '-', skip1 = '0', skip2 = '0'] = args
    const inputs: number[] = []
    for (const file of [first, second]) {
      try {
        inputs.push(yield* openInput(file))
      } catch (thrown) {
        if (!isErrno(thrown)) throw thrown
        if (given.has('silent')) return 2
        throw new Failure(`${file}: ${thrown.message}`)
      }
    }
    const [a = 0, b = 0] = inputs
    const skips = (given.value('skip') ?? `${skip1}:${skip2}`).split(':').map(Number)
    yield* skipBytes(a, skips[0] || 0)
    yield* skipBytes(b, (skips.length > 1 ? skips[1] : skips[0]) || 0)
    const sizes = [a, b].map(fd => call.p.fstat(fd)).map(stat => (stat.type === 'file' ? stat.size : 2 ** 53))
    return yield* compare(call, a, b, first, second, String(Math.min(...sizes)).length)
  },
  { errorStatus: 2, usageStatus: 1, gnuTryNamed: true },
)

function* skipBytes(fd: number, count: number): Routine<void> {
  for (let left = count; left > 0; ) {
    const part = yield* readChunk(fd, Math.min(left, 65_536))
    if (part === '') return
    left -= part.length
  }
}

function* compare(
  { out, options: given, gnu, error }: Call<typeof options>,
  a: number,
  b: number,
  first: string,
  second: string,
  width: number,
): Routine<number> {
  const limit = Number(given.value('limit') ?? Number.POSITIVE_INFINITY)
  let [left, right] = ['', '']
  let [leftEnded, rightEnded] = [false, false]
  let [at, line, status] = [0, 1, 0]
  let before = ''
  for (; at < limit; at++) {
    if (left === '' && !leftEnded) {
      left = yield* readChunk(a)
      leftEnded = left === ''
    }
    if (right === '' && !rightEnded) {
      right = yield* readChunk(b)
      rightEnded = right === ''
    }
    if (leftEnded || rightEnded) break
    // What is the same is passed over in one step.
    const size = Math.min(left.length, right.length)
    if (left.slice(0, size) === right.slice(0, size) && at + size < limit) {
      for (const char of left.slice(0, size)) if (char === '\n') line++
      before = left.charAt(size - 1)
      at += size - 1
      left = left.slice(size)
      right = right.slice(size)
      continue
    }
    const [x, y] = [left.charCodeAt(0), right.charCodeAt(0)]
    if (x !== y) {
      status = 1
      if (given.has('silent')) return 1
      const octal = (code: number) => code.toString(8).padStart(3)
      if (!given.has('list')) {
        const bytes = given.has('print')
          ? ` is ${octal(x)} ${String.fromCharCode(x)} ${octal(y)} ${String.fromCharCode(y)}`
          : ''
        yield* out.write(`${first} ${second} differ: char ${at + 1}, line ${line}${bytes}\n`)
        return 1
      }
      yield* out.write(`${gnu ? String(at + 1).padStart(width) : at + 1} ${octal(x)} ${octal(y)}\n`)
    }
    if (x === 10) line++
    before = left.charAt(0)
    left = left.slice(1)
    right = right.slice(1)
  }
  if (leftEnded === rightEnded || at >= limit) return status
  if (given.has('silent')) return 1
  const name = leftEnded ? first : second
  if (!gnu) yield* error(`EOF on ${name}`)
  else if (at === 0) yield* error(`EOF on ${name} which is empty`)
  else if (given.has('list')) yield* error(`EOF on ${name} after byte ${at}`)
  else yield* error(`EOF on ${name} after byte ${at}, ${before === '\n' ? `line ${line - 1}` : `in line ${line}`}`)
  return 1
}
