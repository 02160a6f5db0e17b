/** mkdir: makes directories (-p parents, -m mode). */
import { isErrno } from '../../vfs/errno.ts'
import type { Proc } from '../program.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { applyMode } from './lib/mode.ts'

export const options = {
  mode: '-m --mode=MODE  permissions',
  parents: '-p --parents  parent directories as needed, no error for one that is there',
  verbose: '-v --verbose  say what is made',
  context: 'gnu: -Z  ignored',
}

export const program = command(
  'mkdir',
  options,
  function* ({ p, out, options: given, args, gnu, error }) {
    const modeText = given.value('mode')
    const mode = modeText === undefined ? undefined : applyMode(modeText, 0o777, true, p.umask())
    if (modeText !== undefined && mode === undefined)
      throw new Failure(`invalid mode ${gnu ? `'${modeText}'` : `'${modeText}'`}`)
    let status = 0
    for (const path of args) {
      try {
        for (const made of given.has('parents') ? makeParents(p, path) : makeOne(p, path)) {
          if (given.has('verbose'))
            yield* out.write(`${gnu ? `${p.name}: ` : ''}created directory${gnu ? '' : ':'} '${made}'\n`)
        }
        if (mode !== undefined) p.setattr(path, { mode })
      } catch (thrown) {
        if (!isErrno(thrown)) throw thrown
        yield* error(
          gnu
            ? `cannot create directory '${path}': ${thrown.message}`
            : `can't create directory '${path}': ${thrown.message}`,
        )
        status = 1
      }
    }
    return status
  },
  { operands: [1, Number.POSITIVE_INFINITY] },
)

function makeOne(p: Proc, path: string): string[] {
  p.mkdir(path, 0o777)
  return [path]
}

/** Makes what is missing of a path; parents get u+wx besides the umask (POSIX). Throws Errno. */
export function makeParents(p: Proc, path: string): string[] {
  const made: string[] = []
  const parts = path.split('/')
  for (let n = 1; n <= parts.length; n++) {
    const part = parts.slice(0, n).join('/')
    if (part === '' || parts[n - 1] === '') continue
    try {
      p.mkdir(part, 0o777)
      if (n < parts.length && (p.umask() & 0o300) !== 0) p.setattr(part, { mode: 0o777 & ~(p.umask() & ~0o300) })
      made.push(part)
    } catch (error) {
      if (!isErrno(error)) throw error
      if (error.code !== 'EEXIST' && error.code !== 'EROFS' && error.code !== 'EACCES') throw error
      // Something is there: fine if it is a directory.
      let isDir = false
      try {
        isDir = p.stat(part).type === 'dir'
      } catch (missing) {
        if (!isErrno(missing)) throw missing
      }
      if (!isDir) throw error
    }
  }
  return made
}
