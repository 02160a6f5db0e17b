/** getcap: the capabilities of files (libcap). Files of the model carry none that programs can read. */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'

export const options = {
  recursive: '-r  directories too',
  verbose: '-v  files without capabilities too',
  namespaces: '-n  accepted',
}

export const program = command('getcap', options, function* ({ p, out, options: given, args }) {
  let status = 0
  for (const arg of args) {
    try {
      p.lstat(arg)
      if (given.has('verbose')) yield* out.write(`${arg}\n`)
    } catch (error) {
      if (!isErrno(error)) throw error
      yield* out.flush()
      yield { op: 'write', fd: 2, data: Buffer.from(`${arg} (${error.message})\n`, 'latin1') }
      status = 1
    }
  }
  return status
})
