/** sync and fsync: everything is written already. */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'

export const options = {
  data: '-d --data  only the data',
  fileSystem: '-f --file-system  the whole file system',
}

// biome-ignore lint/correctness/useYield: nothing waits to be written
export const program = command('sync', options, function* ({ p, args, gnu }) {
  for (const path of args) {
    try {
      p.close(p.open(path, { read: true }))
    } catch (error) {
      if (!isErrno(error)) throw error
      throw new Failure(gnu ? `error opening '${path}': ${error.message}` : `can't open '${path}': ${error.message}`)
    }
  }
  return 0
})
