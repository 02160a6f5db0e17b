/** fallocate: makes a file at least so long. */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { busyboxSuffixes, parseSize } from './lib/human.ts'

export const options = {
  offset: '-o=OFS  where the space begins',
  length: '-l=LEN  how long it is',
}

export const program = command(
  'fallocate',
  options,
  function* ({ p, options: given, args: [file = ''] }) {
    const number = (text: string): number => {
      const value = parseSize(text, busyboxSuffixes)
      if (value === undefined) throw new Failure(`invalid number '${text}'`)
      return value
    }
    const length = given.value('length')
    if (length === undefined) throw new UsageError('')
    const end = number(given.value('offset') ?? '0') + number(length)
    try {
      const fd = p.open(file, { read: true, write: true, create: true }, 0o666)
      if (p.fstat(fd).size < end) p.ftruncate(fd, end)
      p.close(fd)
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      throw new Failure(`can't open '${file}': ${thrown.message}`)
    }
    return 0
  },
  { operands: [1, 1] },
)
