/** gosu and su-exec: become another user, then the program. Entrypoints of images drop root with them. */
import type { CoroutineProgram, Proc, Routine } from '../../kernel/program.ts'
import { execProgram } from '../../kernel/userland/lib/spawn.ts'
import { type Accounts, findGid, findUid, readAccounts } from '../../kernel/userland/lib/users.ts'
import { isErrno } from '../../vfs/errno.ts'

const usage = (name: string): string =>
  `Usage: ${name} user-spec command [args]\n   eg: ${name} tianon bash\n       ${name} nobody:root bash -c 'whoami && id'\n       ${name} 1000:1 id\n`

export const gosu: CoroutineProgram = {
  kind: 'coroutine',
  name: 'gosu',
  *main(p) {
    const [, spec, ...argv] = p.argv
    if (spec === '--version' || spec === '-v') {
      yield* say(1, `${p.marker['version'] ?? '1.17'} (go1.18.2 on linux/${p.marker['arch'] ?? 'amd64'}; gc)\n`)
      return 0
    }
    if (spec === undefined || argv.length === 0) {
      yield* say(2, usage(p.name))
      return 1
    }
    const failure = become(p, yield* readAccounts(p), spec)
    if (failure !== undefined) {
      yield* say(2, `error: failed switching to "${spec}": ${failure}\n`)
      return 1
    }
    try {
      return yield* execProgram(p, argv)
    } catch (error) {
      if (!isErrno(error)) throw error
      const missing = error.code === 'ENOENT' && !argv[0]?.includes('/')
      const reason = missing
        ? `"${argv[0]}": executable file not found in $PATH`
        : `${argv[0]}: ${error.message.toLowerCase()}`
      yield* say(2, `error: exec: ${reason}\n`)
      return 1
    }
  },
}

export const suExec: CoroutineProgram = {
  kind: 'coroutine',
  name: 'su-exec',
  *main(p) {
    const [, spec, ...argv] = p.argv
    if (spec === undefined || argv.length === 0) {
      yield* say(1, `Usage: ${p.name} user-spec command [args]\n`)
      return 0
    }
    if (become(p, yield* readAccounts(p), spec) !== undefined) {
      yield* say(2, `${p.name}: getpwnam(${spec.split(':')[0]}): Success\n`)
      return 1
    }
    try {
      return yield* execProgram(p, argv)
    } catch (error) {
      if (!isErrno(error)) throw error
      yield* say(2, `${p.name}: ${argv[0]}: ${error.message}\n`)
      return 1
    }
  },
}

/** Takes on a user, and the groups and home that come with it; the reason when there is no such user or group. */
function become(p: Proc, accounts: Accounts, spec: string): string | undefined {
  const [name = '', groupName] = spec.split(':')
  const uid = findUid(accounts, name)
  if (uid === undefined) return `unable to find user ${name}: no matching entries in passwd file`
  const user = accounts.users.find(one => one.uid === uid)
  const gid = groupName ? findGid(accounts, groupName) : (user?.gid ?? 0)
  if (gid === undefined) return `unable to find group ${groupName}: no matching entries in group file`
  const others = accounts.groups.filter(group => user && group.members.includes(user.name)).map(group => group.gid)
  const groups = groupName ? [gid] : [...new Set([gid, ...others])]
  try {
    p.setCred({ gid, groups })
    p.setCred({ uid })
  } catch (error) {
    if (!isErrno(error)) throw error
    return error.message.toLowerCase()
  }
  p.env.set('HOME', user?.home || '/')
  return undefined
}

function* say(fd: number, text: string): Routine<void> {
  yield { op: 'write', fd, data: Buffer.from(text) }
}
