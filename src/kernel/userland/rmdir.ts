/** rmdir: removes empty directories. */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { dirName } from './lib/walk.ts'

export const options = {
  parents: '-p --parents  parent directories too',
  ignore: '--ignore-fail-on-non-empty  no error for a directory that is not empty',
  verbose: 'gnu: -v --verbose  say what is removed',
}

export const program = command(
  'rmdir',
  options,
  function* ({ p, out, options: given, args, gnu, error }) {
    let status = 0
    for (const operand of args) {
      for (let path = operand; ; path = dirName(path)) {
        try {
          if (given.has('verbose')) yield* out.write(`${p.name}: removing directory, '${path}'\n`)
          p.rmdir(path)
        } catch (thrown) {
          if (!isErrno(thrown)) throw thrown
          if (thrown.code === 'ENOTEMPTY' && given.has('ignore')) break
          yield* error(gnu ? `failed to remove '${path}': ${thrown.message}` : `'${path}': ${thrown.message}`)
          status = 1
          break
        }
        const parent = dirName(path)
        if (!given.has('parents') || parent === '.' || parent === path) break
        // Busybox goes on to the root, which is in use.
        if (gnu && parent === '/') break
      }
    }
    return status
  },
  { operands: [1, Number.POSITIVE_INFINITY] },
)
