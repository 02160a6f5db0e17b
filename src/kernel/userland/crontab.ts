/** crontab: shows, replaces or deletes a user's table (busybox). */
import { isErrno } from '../../vfs/errno.ts'
import { toBytes } from './lib/bytes.ts'
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { readAll, readFile } from './lib/input.ts'
import { readAccounts, userName } from './lib/users.ts'

export const options = {
  dir: '-c=DIR  directory of the tables',
  user: '-u=USER  whose table',
  list: '-l  show it',
  edit: '-e  edit it with $EDITOR',
  remove: '-r  delete it',
}

export const program = command('crontab', options, function* ({ p, out, options: given, args, gnu }) {
  const standard =
    gnu || isDir('/etc/crontabs') ? (gnu ? '/var/spool/cron/crontabs' : '/etc/crontabs') : '/var/spool/cron/crontabs'
  const dir = given.value('dir') ?? standard
  const accounts = yield* readAccounts(p)
  const user = given.value('user') ?? userName(accounts, p.cred.uid) ?? String(p.cred.uid)
  if (given.has('user') && p.cred.uid !== 0) throw new Failure(gnu ? 'must be privileged to use -u' : 'must be root')
  const file = args[0]
  if (file === undefined && !given.has('list') && !given.has('remove') && !given.has('edit') && gnu) {
    // Without anything, the table comes from standard input.
  } else if (file === undefined && !given.has('list') && !given.has('remove') && !given.has('edit'))
    throw new UsageError('')
  if (!gnu) {
    try {
      p.chdir(dir)
    } catch (error) {
      if (!isErrno(error)) throw error
      throw new Failure(`can't change directory to '${dir}': ${error.message}`)
    }
  }
  const path = `${dir}/${user}`
  if (given.has('list')) {
    try {
      yield* out.write(yield* readFile(p, path))
      return 0
    } catch (error) {
      if (!isErrno(error)) throw error
      if (!gnu) throw new Failure(`can't open '${user}': ${error.message}`)
      yield { op: 'write', fd: 2, data: toBytes(`no crontab for ${user}\n`) }
      return 1
    }
  }
  if (given.has('remove')) {
    try {
      p.unlink(path)
    } catch (error) {
      if (!isErrno(error)) throw error
      if (gnu) {
        yield { op: 'write', fd: 2, data: toBytes(`no crontab for ${user}\n`) }
        return 1
      }
    }
    return 0
  }
  if (given.has('edit'))
    throw new Failure('editing is not modelled by minidock: give the table as a file, or - for standard input')
  const text = file === undefined || file === '-' ? yield* readAll(p, 0) : yield* readFile(p, file)
  const fd = p.open(path, { write: true, create: true, truncate: true }, 0o600)
  yield { op: 'write', fd, data: toBytes(text) }
  p.close(fd)
  return 0

  function isDir(name: string): boolean {
    try {
      return p.stat(name).type === 'dir'
    } catch (error) {
      if (isErrno(error)) return false
      throw error
    }
  }
})
