/** nohup: runs a program that a hangup does not end, with output to nohup.out when it would go to a terminal. */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { becomeProgram } from './lib/run.ts'

export const options = {}

export const program = command(
  'nohup',
  options,
  function* ({ p, args, gnu, error }) {
    const [inTty, outTty, errTty] = [p.isatty(0), p.isatty(1), p.isatty(2)]
    if (inTty) p.dup2(p.open('/dev/null', { read: true }), 0)
    if (outTty) {
      const file = openOutput('nohup.out', `${p.env.get('HOME') ?? ''}/nohup.out`)
      p.dup2(file.fd, 1)
      yield* error(
        gnu
          ? `${inTty ? 'ignoring input and ' : ''}appending output to '${file.path}'`
          : `appending output to ${file.path}`,
      )
    } else if (inTty && gnu) yield* error('ignoring input')
    if (errTty) p.dup2(1, 2)
    p.sigaction('HUP', 'ignore')
    return yield* becomeProgram(p, args)

    function openOutput(...paths: string[]): { fd: number; path: string } {
      let last: unknown
      for (const path of paths) {
        try {
          return { fd: p.open(path, { write: true, create: true, append: true }, 0o600), path }
        } catch (thrown) {
          if (!isErrno(thrown)) throw thrown
          last = thrown
        }
      }
      throw last
    }
  },
  { stopAtOperand: true, operands: [1, Number.POSITIVE_INFINITY], errorStatus: 127, gnuErrorStatus: 125 },
)
