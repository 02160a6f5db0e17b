/** /etc/passwd and /etc/group, as getpwent(3) and getgrent(3) read them. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Proc, Routine } from '../../program.ts'
import { readFile } from './input.ts'

/** A line of /etc/passwd. */
export interface Account {
  readonly name: string
  readonly password: string
  readonly uid: number
  readonly gid: number
  readonly gecos: string
  readonly home: string
  readonly shell: string
}

/** A line of /etc/group. */
export interface Group {
  readonly name: string
  readonly password: string
  readonly gid: number
  readonly members: readonly string[]
}

/** The file's text, '' when it is not there or may not be read: libc then knows nobody. */
export function* readIfThere(p: Proc, path: string): Routine<string> {
  try {
    return yield* readFile(p, path)
  } catch (error) {
    if (isErrno(error)) return ''
    throw error
  }
}

/** Everybody in /etc/passwd, malformed lines left out. */
export function* accounts(p: Proc): Routine<Account[]> {
  return parsePasswd(yield* readIfThere(p, '/etc/passwd'))
}

/** Every group in /etc/group. */
export function* groups(p: Proc): Routine<Group[]> {
  return parseGroup(yield* readIfThere(p, '/etc/group'))
}

export function parsePasswd(text: string): Account[] {
  return fields(text, 7).map(([name = '', password = '', uid, gid, gecos = '', home = '', shell = '']) => ({
    name,
    password,
    uid: Number(uid),
    gid: Number(gid),
    gecos,
    home,
    shell,
  }))
}

export function parseGroup(text: string): Group[] {
  return fields(text, 3).map(([name = '', password = '', gid, members = '']) => ({
    name,
    password,
    gid: Number(gid),
    members: members === '' ? [] : members.split(','),
  }))
}

/** The line of /etc/passwd for a user. */
export function passwdLine(a: Account): string {
  return `${a.name}:${a.password}:${a.uid}:${a.gid}:${a.gecos}:${a.home}:${a.shell}`
}

export function groupLine(g: Group): string {
  return `${g.name}:${g.password}:${g.gid}:${g.members.join(',')}`
}

/** Group numbers of a user: its own first, then those of /etc/group that name it, as getgrouplist(3) orders them. */
export function groupsOf(account: Account, all: readonly Group[]): number[] {
  const extra = all.filter(g => g.gid !== account.gid && g.members.includes(account.name)).map(g => g.gid)
  return [account.gid, ...new Set(extra)]
}

function fields(text: string, least: number): string[][] {
  return text
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => line.split(':'))
    .filter(parts => parts.length >= least && parts[0] !== '' && /^\d+$/.test(parts[2] ?? ''))
}
