/** The groups that a process or a user is in. */
import type { Cred } from '../../../vfs/cred.ts'
import type { Accounts, User } from './users.ts'

/** Groups of a user by the two files, its own first (getgrouplist(3)). */
export function groupsOfUser(accounts: Accounts, user: User): number[] {
  const others = accounts.groups.filter(g => g.gid !== user.gid && g.members.includes(user.name)).map(g => g.gid)
  return [user.gid, ...new Set(others)]
}

/** The same as setgroups(2) leaves them: in order. For the credentials of a process that becomes this user. */
export function credGroups(accounts: Accounts, user: User): number[] {
  return groupsOfUser(accounts, user).sort((a, b) => a - b)
}

/** Groups of a process: busybox shows them in the kernel's order; GNU puts the effective group first. */
export function groupsOfProcess(cred: Cred, gnu: boolean): number[] {
  const others = cred.groups.filter(gid => gid !== cred.gid)
  return gnu ? [cred.gid, ...others] : [cred.gid, ...others].sort((a, b) => a - b)
}
