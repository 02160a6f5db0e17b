/** unlink and link: one system call each. */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'

export const options = {}

export const program = command('unlink', options, function* ({ p, out, args, gnu }) {
  yield* out.flush()
  const [first = '', second = ''] = args
  const linking = p.name === 'link'
  if (args.length !== (linking ? 2 : 1)) {
    const extra = args[linking ? 2 : 1]
    if (!gnu) throw new UsageError('')
    throw new UsageError(
      extra === undefined
        ? linking && args.length === 1
          ? `missing operand after '${first}'`
          : 'missing operand'
        : `extra operand '${extra}'`,
    )
  }
  try {
    if (linking) p.link(first, second)
    else p.unlink(first)
  } catch (error) {
    if (!isErrno(error)) throw error
    if (linking)
      throw new Failure(
        gnu
          ? `cannot create link '${second}' to '${first}': ${error.message}`
          : `can't create hardlink '${second}' to '${first}': ${error.message}`,
      )
    throw new Failure(
      gnu ? `cannot unlink '${first}': ${error.message}` : `can't remove file '${first}': ${error.message}`,
    )
  }
  return 0
})
