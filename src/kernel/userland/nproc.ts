/** nproc: the number of processors that may be used. */
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { readFile } from './lib/input.ts'

export const options = {
  all: '--all  installed processors',
  ignore: '--ignore=N  leave out N of them',
}

export const program = command(
  'nproc',
  options,
  function* ({ p, out, options: given, gnu }) {
    const ignore = given.value('ignore') ?? '0'
    if (!/^\d+$/.test(ignore)) throw new Failure(gnu ? `invalid number: '${ignore}'` : `invalid number '${ignore}'`)
    const count = given.has('all') ? yield* installed() : yield* allowed()
    yield* out.write(`${Math.max(1, count - Number(ignore))}\n`)
    return 0

    function* installed() {
      return (yield* readFile(p, '/proc/cpuinfo')).split('\n').filter(line => line.startsWith('processor')).length
    }

    /** A cpuset makes it fewer: Cpus_allowed_list of /proc/self/status, such as `0-1,4`. */
    function* allowed() {
      const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(yield* readFile(p, '/proc/self/status'))?.[1]
      if (list === undefined) return yield* installed()
      return list.split(',').reduce((sum, range) => {
        const [from = 0, to = from] = range.split('-').map(Number)
        return sum + to - from + 1
      }, 0)
    }
  },
  { gnuOperands: [0, 0] },
)
