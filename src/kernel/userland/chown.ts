/** chown: owner and group. */
import { changeOwners, type NewOwner, ownerOf, ownerOptions } from './lib/change-owner.ts'
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { type Accounts, findGid, findUid, readAccounts } from './lib/users.ts'

export const options = ownerOptions

export const program = command('chown', options, function* (call) {
  const { options: given, args, gnu } = call
  const accounts = yield* readAccounts(call.p)
  const reference = given.value('reference')
  if (reference !== undefined) {
    const stat = ownerOf(call, reference)
    if (typeof stat === 'string') throw new Failure(`failed to get attributes of '${reference}': ${stat}`)
    return yield* changeOwners(call, args, { uid: stat.uid, gid: stat.gid }, accounts, 'ownership')
  }
  const [text = '', ...files] = args
  if (args.length === 0) throw new UsageError(gnu ? 'missing operand' : '')
  if (files.length === 0) throw new UsageError(gnu ? `missing operand after '${text}'` : '')
  return yield* changeOwners(call, files, parseOwner(text, accounts, gnu), accounts, 'ownership')
})

/** `USER`, `USER:GROUP`, `USER:` (the user's login group), `:GROUP`, and the same with a period. */
function parseOwner(text: string, accounts: Accounts, gnu: boolean): NewOwner {
  const mark = text.includes(':') ? ':' : findUid(accounts, text) === undefined && text.includes('.') ? '.' : ''
  const [user = '', group] =
    mark === '' ? [text] : [text.slice(0, text.indexOf(mark)), text.slice(text.indexOf(mark) + 1)]
  const owner: NewOwner = {}
  if (user !== '') {
    const uid = findUid(accounts, user)
    if (uid === undefined)
      throw new Failure(
        gnu ? `invalid user: '${text}'` : mark === '' ? `unknown user ${user}` : `unknown user/group ${text}`,
      )
    owner.uid = uid
  }
  if (group === undefined) return owner
  if (group === '') {
    const login = accounts.users.find(one => one.name === user || String(one.uid) === user)?.gid
    if (user !== '' && login === undefined && gnu) throw new Failure(`invalid spec: '${text}'`)
    if (login !== undefined && user !== '') owner.gid = login
    return owner
  }
  const gid = findGid(accounts, group)
  if (gid === undefined)
    throw new Failure(
      gnu ? `invalid group: '${text}'` : user === '' ? `unknown group ${group}` : `unknown user/group ${text}`,
    )
  owner.gid = gid
  return owner
}
