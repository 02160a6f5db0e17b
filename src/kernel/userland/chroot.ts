/** chroot: runs a program with another root directory. */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { becomeProgram } from './lib/run.ts'
import { findGid, findUid, readAccounts } from './lib/users.ts'

export const options = {
  userspec: 'gnu: --userspec=USER:GROUP  who to be',
  groups: 'gnu: --groups=LIST  supplementary groups',
  skipChdir: 'gnu: --skip-chdir  stay in the working directory (only for /)',
}

export const program = command(
  'chroot',
  options,
  function* ({ p, options: given, args, gnu }) {
    const [root = '', ...argv] = args
    try {
      p.chroot(root)
      if (!given.has('skipChdir')) p.chdir('/')
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      throw new Failure(
        gnu
          ? `cannot change root directory to '${root}': ${thrown.message}`
          : `can't change root directory to '${root}': ${thrown.message}`,
      )
    }
    const spec = given.value('userspec')
    if (spec !== undefined) {
      const accounts = yield* readAccounts(p)
      const [user = '', group = ''] = spec.split(':')
      const uid = findUid(accounts, user)
      const gid = group === '' ? accounts.users.find(u => u.uid === uid)?.gid : findGid(accounts, group)
      if (uid === undefined && user !== '') throw new Failure('invalid user')
      if (gid === undefined && group !== '') throw new Failure('invalid group')
      p.setCred({ ...(gid === undefined ? {} : { gid, groups: [gid] }), ...(uid === undefined ? {} : { uid }) })
    }
    if (argv.length === 0) argv.push(p.env.get('SHELL') ?? '/bin/sh', '-i')
    return yield* becomeProgram(p, argv)
  },
  { stopAtOperand: true, operands: [1, Number.POSITIVE_INFINITY], gnuErrorStatus: 125 },
)
