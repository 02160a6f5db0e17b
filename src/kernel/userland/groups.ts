/** groups: names of the groups that the process or some users are in. */
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { groupsOfProcess, groupsOfUser } from './lib/group-list.ts'
import { groupName, readAccounts } from './lib/users.ts'

export const options = {}

export const program = command('groups', options, function* ({ p, out, args, gnu, error }) {
  const all = yield* readAccounts(p)
  let status = 0
  function* names(gids: readonly number[]) {
    const words: string[] = []
    for (const gid of gids) {
      const name = groupName(all, gid)
      if (name === undefined) {
        status = 1
        yield* error(gnu ? `cannot find name for group ID ${gid}` : `unknown ID ${gid}`)
      }
      words.push(name ?? String(gid))
    }
    return words.join(' ')
  }
  if (args.length === 0) {
    yield* out.write(`${yield* names(groupsOfProcess(p.cred, true))}\n`)
    return status
  }
  for (const arg of gnu ? args : args.slice(0, 1)) {
    const user = all.users.find(u => u.name === arg)
    if (!user && !gnu) throw new Failure(`unknown user ${arg}`)
    if (!user) {
      yield* error(`'${arg}': no such user`)
      status = 1
      continue
    }
    yield* out.write(`${gnu ? `${arg} : ` : ''}${yield* names(groupsOfUser(all, user))}\n`)
  }
  return status
})
