/** shred: overwrites files. */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { busyboxSuffixes, parseSize } from './lib/human.ts'

export const options = {
  force: '-f  make the file writable first',
  size: '-s=SIZE  how much to write',
  times: '-n=N  overwrite N times (default 3)',
  zero: '-z  with zeros in the end',
  remove: '-u  remove the file',
}

const piece = 65_536

export const program = command(
  'shred',
  options,
  function* ({ p, options: given, args, error }) {
    const number = (text: string): number => {
      const value = parseSize(text, busyboxSuffixes)
      if (value === undefined) throw new Failure(`invalid number '${text}'`)
      return value
    }
    // What an earlier round has written is not to be seen after the next: one round does.
    const random = number(given.value('times') ?? '3') > 0 && !given.has('zero')
    const size = given.value('size')
    const length = size === undefined ? undefined : number(size)
    let status = 0
    for (const file of args) {
      try {
        if (given.has('force') && !p.access(file, { write: true })) p.setattr(file, { mode: 0o666 })
        const fd = p.open(file, { write: true })
        if (random || given.has('zero'))
          for (let left = length ?? p.fstat(fd).size; left > 0; left -= piece) {
            const part = Math.min(piece, left)
            yield { op: 'write', fd, data: random ? p.random(part) : new Uint8Array(part) }
          }
        if (given.has('remove')) {
          p.ftruncate(fd, 0)
          p.unlink(file)
        }
        p.close(fd)
      } catch (thrown) {
        if (!isErrno(thrown)) throw thrown
        yield* error(`can't open '${file}': ${thrown.message}`)
        status = 1
      }
    }
    return status
  },
  { operands: [1, Number.POSITIVE_INFINITY] },
)
