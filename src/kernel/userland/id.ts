/** id: who a process or a user is. */
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { groupsOfProcess, groupsOfUser } from './lib/group-list.ts'
import { groupName, readAccounts, userName } from './lib/users.ts'

export const options = {
  user: '-u --user  the user number only',
  group: '-g --group  the group number only',
  groups: '-G --groups  all group numbers',
  name: '-n --name  names instead of numbers',
  real: '-r --real  real instead of effective ids',
  zero: 'gnu: -z --zero  end with NUL, not newline',
  ignored: 'gnu: -a  ignored',
}

export const program = command(
  'id',
  options,
  function* ({ p, out, options: given, args, gnu, error }) {
    const picked = (['user', 'group', 'groups'] as const).filter(key => given.has(key))
    if (picked.length > 1) throw gnu ? new Failure('cannot print "only" of more than one choice') : new UsageError('')
    if (picked.length === 0 && (given.has('name') || given.has('real'))) {
      throw gnu ? new Failure('cannot print only names or real IDs in default format') : new UsageError('')
    }
    const all = yield* readAccounts(p)
    let status = 0
    for (const arg of args.length === 0 ? [undefined] : args) {
      const user = arg === undefined ? undefined : all.users.find(u => u.name === arg || (gnu && arg === String(u.uid)))
      if (arg !== undefined && !user) {
        if (!gnu) throw new Failure(`unknown user ${arg}`)
        yield* error(`'${arg}': no such user`)
        status = 1
        continue
      }
      const uid = user?.uid ?? p.cred.uid
      const gid = user?.gid ?? p.cred.gid
      const groups = user ? groupsOfUser(all, user) : groupsOfProcess(p.cred, gnu)
      const named = (id: number, name: string | undefined) => (name === undefined ? String(id) : `${id}(${name})`)
      const end = given.has('zero') ? '\0' : '\n'
      if (picked.length === 0) {
        const list = groups.map(g => named(g, groupName(all, g))).join(',')
        const real = user ? { uid, gid } : p.realIds()
        const other =
          (real.uid === uid ? '' : ` euid=${named(uid, userName(all, uid))}`) +
          (real.gid === gid ? '' : ` egid=${named(gid, groupName(all, gid))}`)
        yield* out.write(
          `uid=${named(real.uid, userName(all, real.uid))} gid=${named(real.gid, groupName(all, real.gid))}${other} groups=${list}\n`,
        )
        continue
      }
      const ids = picked[0] === 'user' ? [uid] : picked[0] === 'group' ? [gid] : [gid, ...groups.filter(g => g !== gid)]
      const words: string[] = []
      for (const one of ids) {
        const name = picked[0] === 'user' ? userName(all, one) : groupName(all, one)
        if (given.has('name') && name === undefined) {
          status = 1
          const kind = picked[0] === 'user' ? 'user' : 'group'
          yield* error(gnu ? `cannot find name for ${kind} ID ${one}` : `unknown ID ${one}`)
        }
        words.push(given.has('name') ? (name ?? String(one)) : String(one))
      }
      yield* out.write(words.join(given.has('zero') ? '\0' : ' ') + end)
    }
    return status
  },
  { operands: [0, Number.POSITIVE_INFINITY] },
)
