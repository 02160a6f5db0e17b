/** tee: standard input to standard output and to files. */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { readBytes } from './lib/input.ts'

export const options = {
  append: '-a --append  append to the files',
  ignore: '-i --ignore-interrupts  ignore SIGINT',
  pipe: 'gnu: -p  go on when a pipe closes',
}

export const program = command('tee', options, function* ({ p, options: given, args, saved, error }) {
  const before = saved as { fds: number[]; status: number } | undefined
  if (given.has('ignore') && !before) p.sigaction('INT', 'ignore')
  let status = before?.status ?? 0
  const fds = before?.fds ?? [1]
  if (!before) {
    for (const path of args) {
      try {
        const flags = { write: true, create: true, append: given.has('append'), truncate: !given.has('append') }
        fds.push(path === '-' ? 1 : ((yield { op: 'open', path, flags, mode: 0o666 }) as number))
      } catch (thrown) {
        if (!isErrno(thrown)) throw thrown
        yield* error(`${path}: ${thrown.message}`)
        status = 1
      }
    }
  }
  for (let data = yield* readBytes(0); data.length > 0; data = yield* readBytes(0)) {
    for (const fd of fds) yield { op: 'write', fd, data }
    p.checkpoint({ fds, status })
  }
  return status
})
