/** crc32: CRC-32 sums of files. */
import { crc32 } from 'node:zlib'
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { openInput, readBytes } from './lib/input.ts'

export const options = {}

export const program = command('crc32', options, function* ({ p, out, args, error }) {
  let status = 0
  for (const file of args.length === 0 ? ['-'] : args) {
    try {
      const fd = yield* openInput(file)
      let sum = 0
      for (let data = yield* readBytes(fd); data.length > 0; data = yield* readBytes(fd)) sum = crc32(data, sum)
      if (fd !== 0) p.close(fd)
      yield* out.write(`${sum.toString(16).padStart(8, '0')}${args.length === 0 ? '' : ` ${file}`}\n`)
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      yield* error(`can't open '${file}': ${thrown.message}`)
      status = 1
    }
  }
  return status
})
