/** mkfifo: named pipes. */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { applyMode } from './lib/mode.ts'

export const options = {
  mode: '-m --mode=MODE  permissions',
  context: '-Z  ignored',
}

export const program = command(
  'mkfifo',
  options,
  function* ({ p, options: given, args, gnu, error }) {
    const text = given.value('mode')
    const mode = text === undefined ? undefined : applyMode(text, 0o666, false, p.umask())
    if (text !== undefined && mode === undefined) throw new Failure(gnu ? 'invalid mode' : `invalid mode '${text}'`)
    let status = 0
    for (const path of args) {
      try {
        p.mknod(path, 'fifo', 0o666)
        if (mode !== undefined) p.setattr(path, { mode })
      } catch (thrown) {
        if (!isErrno(thrown)) throw thrown
        yield* error(gnu ? `cannot create fifo '${path}': ${thrown.message}` : `${path}: ${thrown.message}`)
        status = 1
      }
    }
    return status
  },
  { operands: [1, Number.POSITIVE_INFINITY] },
)
