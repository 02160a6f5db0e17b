/** truncate: sets the size of files. */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { busyboxSuffixes, gnuSuffixes, parseSize } from './lib/human.ts'

export const options = {
  noCreate: '-c --no-create  make no files',
  size: '-s --size=SIZE  the size; +N and -N change it by N',
  reference: 'gnu: -r --reference=FILE  the size of this file',
  blocks: 'gnu: -o --io-blocks  SIZE counts blocks',
}

export const program = command('truncate', options, function* ({ p, options: given, args, gnu, error }) {
  const text = given.value('size')
  const reference = given.value('reference')
  if (text === undefined && reference === undefined) {
    throw new UsageError(gnu ? "you must specify either '--size' or '--reference'" : '')
  }
  if (args.length === 0) throw new UsageError(gnu ? 'missing file operand' : '')
  const match = /^([-+<>/%]?)(.*)$/.exec((text ?? '0').trim())
  const sign = match?.[1] ?? ''
  const amount = parseSize(match?.[2] ?? '', gnu ? gnuSuffixes : busyboxSuffixes)
  if (amount === undefined || (!gnu && sign !== '')) {
    throw new Failure(gnu ? `Invalid number: '${text ?? ''}'` : `invalid number '${text ?? ''}'`)
  }
  let status = 0
  for (const path of args) {
    try {
      const fd = p.open(path, { write: true, create: !given.has('noCreate') }, 0o666)
      const now = p.fstat(fd).size
      const size = reference === undefined ? newSize(sign, amount, now) : p.stat(reference).size
      p.ftruncate(fd, Math.max(0, size))
      p.close(fd)
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      if (thrown.code === 'ENOENT' && given.has('noCreate')) continue
      yield* error(gnu ? `cannot open '${path}' for writing: ${thrown.message}` : `${path}: ${thrown.message}`)
      status = 1
    }
  }
  return status
})

function newSize(sign: string, amount: number, now: number): number {
  if (sign === '+') return now + amount
  if (sign === '-') return now - amount
  if (sign === '<') return Math.min(now, amount)
  if (sign === '>') return Math.max(now, amount)
  if (sign === '/') return amount === 0 ? now : Math.floor(now / amount) * amount
  if (sign === '%') return amount === 0 ? now : Math.ceil(now / amount) * amount
  return amount
}
