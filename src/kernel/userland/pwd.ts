/** pwd: the working directory. */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'

export const options = {
  logical: '-L --logical  PWD of the environment, if it is right',
  physical: '-P --physical  without symbolic links',
}

export const program = command('pwd', options, function* ({ p, out, options: given, gnu }) {
  const logical = given.last('logical', 'physical') === 'logical' || (!gnu && !given.has('physical'))
  const pwd = p.env.get('PWD')
  yield* out.write(`${logical && pwd !== undefined && isHere(pwd) ? pwd : p.cwd()}\n`)
  return 0

  function isHere(path: string): boolean {
    if (!path.startsWith('/') || /(^|\/)\.\.?(\/|$)/.test(path)) return false
    try {
      return p.stat(path).ino === p.stat('.').ino && p.device(path) === p.device('.')
    } catch (error) {
      if (!isErrno(error)) throw error
      return false
    }
  }
})
