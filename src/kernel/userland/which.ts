/** which: where commands are found (busybox and debianutils). */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'

export const options = { all: '-a  all matches, not the first only', silent: 'gnu: -s  only the exit status' }

export const program = command(
  'which',
  options,
  function* ({ p, out, options: given, args }) {
    const folders = (p.env.get('PATH') ?? '/sbin:/usr/sbin:/bin:/usr/bin').split(':')
    let status = 0
    for (const name of args) {
      const candidates = name.includes('/') ? [name] : folders.map(folder => `${folder === '' ? '.' : folder}/${name}`)
      const found = candidates.filter(isExecutable)
      if (found.length === 0) status = 1
      const shown = given.has('all') ? found : found.slice(0, 1)
      if (!given.has('silent')) yield* out.write(shown.map(path => `${path}\n`).join(''))
    }
    return status

    function isExecutable(path: string): boolean {
      try {
        return p.stat(path).type === 'file' && p.access(path, { execute: true })
      } catch (error) {
        if (isErrno(error)) return false
        throw error
      }
    }
  },
  { operands: [1, Number.POSITIVE_INFINITY], gnuOperands: [0, Number.POSITIVE_INFINITY] },
)
