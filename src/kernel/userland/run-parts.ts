/** run-parts: runs the programs of a directory in order (busybox and debianutils). */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { exitCode, waitFor } from './lib/spawn.ts'

export const options = {
  arg: '-a=ARG --arg=ARG  an argument for each of them',
  umask: '-u=UMASK --umask=UMASK  umask for them',
  reverse: '--reverse  in reverse order',
  test: '--test  only print the names',
  exitOnError: '--exit-on-error  stop at the first that fails',
  list: 'gnu: --list  print the names of all files',
  verbose: 'gnu: -v --verbose  say what is run',
  regex: 'gnu: --regex=RE  accepted',
  report: 'gnu: --report  accepted',
  newSession: 'gnu: --new-session  accepted',
}

export const program = command(
  'run-parts',
  options,
  function* ({ p, out, options: given, args, gnu, error }) {
    const dir = (args[0] ?? '').replace(/(?<=.)\/$/, '')
    const mask = given.value('umask')
    if (mask !== undefined) p.umask(Number.parseInt(mask, 8))
    let names: string[]
    try {
      names = p
        .readdir(dir)
        .map(entry => entry.name)
        .sort()
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      throw new Failure(
        gnu ? `failed to open directory ${dir}: ${thrown.message}` : `${dir}: ${thrown.message}`,
        gnu ? 1 : 0,
      )
    }
    if (given.has('reverse')) names.reverse()
    let status = 0
    for (const name of names) {
      if (!/^[A-Za-z0-9_-]+$/.test(name)) continue
      const path = `${dir}/${name}`
      if (p.stat(path).type !== 'file') continue
      if (given.has('list')) {
        yield* out.write(`${path}\n`)
        continue
      }
      if (!p.access(path, { execute: true })) continue
      if (given.has('test')) {
        yield* out.write(`${path}\n`)
        continue
      }
      yield* out.flush()
      if (given.has('verbose')) yield* error(`executing ${path}`)
      try {
        const code = exitCode(yield* waitFor(p.spawn({ path, argv: [path, ...given.values('arg')] })))
        if (code === 0) continue
        status = 1
        yield* error(gnu ? `${path} exited with return code ${code}` : `${path}: exit status ${code}`)
      } catch (thrown) {
        if (!isErrno(thrown)) throw thrown
        status = 1
        yield* error(gnu ? `failed to exec ${path}: ${thrown.message}` : `can't execute '${path}': ${thrown.message}`)
      }
      if (given.has('exitOnError')) return 1
    }
    return status
  },
  { operands: [1, 1] },
)
