/** chgrp: the group of files. */
import { changeOwners, ownerOf, ownerOptions } from './lib/change-owner.ts'
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { findGid, readAccounts } from './lib/users.ts'

export const options = ownerOptions

export const program = command('chgrp', options, function* (call) {
  const { options: given, args, gnu } = call
  const accounts = yield* readAccounts(call.p)
  const reference = given.value('reference')
  if (reference !== undefined) {
    const stat = ownerOf(call, reference)
    if (typeof stat === 'string') throw new Failure(`failed to get attributes of '${reference}': ${stat}`)
    return yield* changeOwners(call, args, { gid: stat.gid }, accounts, 'group')
  }
  const [text = '', ...files] = args
  if (args.length === 0) throw new UsageError(gnu ? 'missing operand' : '')
  if (files.length === 0) throw new UsageError(gnu ? `missing operand after '${text}'` : '')
  const gid = findGid(accounts, text)
  if (gid === undefined) throw new Failure(gnu ? `invalid group: '${text}'` : `unknown group ${text}`)
  return yield* changeOwners(call, files, { gid }, accounts, 'group')
})
