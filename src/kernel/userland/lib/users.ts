/** Names of users and groups, from the container's /etc/passwd and /etc/group. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Proc, Routine } from '../../program.ts'
import { readFile } from './input.ts'

export interface User {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly gecos: string
  readonly home: string
  readonly shell: string
}

export interface Group {
  readonly name: string
  readonly gid: number
  readonly members: readonly string[]
}

/** The two files, read once for each call of a command. */
export interface Accounts {
  readonly users: readonly User[]
  readonly groups: readonly Group[]
}

/** Reads both files; a missing one counts as empty. */
export function* readAccounts(p: Proc): Routine<Accounts> {
  return parseAccounts(yield* textOf(p, '/etc/passwd'), yield* textOf(p, '/etc/group'))
}

/** From the texts of both files; lines that are no entries are passed over. */
export function parseAccounts(passwd: string, group: string): Accounts {
  const users: User[] = []
  for (const fields of entries(passwd)) {
    const [name = '', , uid = '', gid = '', gecos = '', home = '', shell = ''] = fields
    if (isId(uid) && isId(gid)) users.push({ name, uid: Number(uid), gid: Number(gid), gecos, home, shell })
  }
  const groups: Group[] = []
  for (const [name = '', , gid = '', members = ''] of entries(group)) {
    if (isId(gid)) groups.push({ name, gid: Number(gid), members: members === '' ? [] : members.split(',') })
  }
  return { users, groups }
}

export function userName(accounts: Accounts, uid: number): string | undefined {
  return accounts.users.find(user => user.uid === uid)?.name
}

export function groupName(accounts: Accounts, gid: number): string | undefined {
  return accounts.groups.find(group => group.gid === gid)?.name
}

/** The uid of a name, or of a number that is no name. */
export function findUid(accounts: Accounts, text: string): number | undefined {
  return accounts.users.find(user => user.name === text)?.uid ?? id(text)
}

export function findGid(accounts: Accounts, text: string): number | undefined {
  return accounts.groups.find(group => group.name === text)?.gid ?? id(text)
}

function id(text: string): number | undefined {
  return isId(text) ? Number(text) : undefined
}

function isId(text: string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) <= 0xffff_ffff
}

function entries(text: string): string[][] {
  return text
    .split('\n')
    .filter(line => line.includes(':'))
    .map(line => line.split(':'))
}

function* textOf(p: Proc, path: string): Routine<string> {
  try {
    return yield* readFile(p, path)
  } catch (error) {
    if (isErrno(error)) return ''
    throw error
  }
}
