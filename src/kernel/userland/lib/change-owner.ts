/** chown and chgrp: what they have in common. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Stat } from '../../../vfs/filesystem.ts'
import type { Routine } from '../../program.ts'
import { changeTree } from './change-tree.ts'
import type { Call } from './command.ts'
import { type Accounts, groupName, userName } from './users.ts'

export const ownerOptions = {
  recursive: '-R --recursive  directories and all in them',
  noDereference: '-h --no-dereference  links themselves',
  changes: '-c --changes  say what is changed',
  verbose: '-v --verbose  say it for every file',
  quiet: '-f --silent --quiet  no errors',
  followAll: '-L  follow links to directories',
  followOperands: '-H  follow links that are operands',
  followNone: '-P  follow no links',
  reference: 'gnu: --reference=FILE  the owner of this file',
  from: 'gnu: --from=OWNER  only where this is the owner',
  dereference: 'gnu: --dereference  what links lead to',
  preserveRoot: 'gnu: --preserve-root  not on /',
}

export interface NewOwner {
  uid?: number
  gid?: number
}

/** Gives each file its new owner; returns the exit status. */
export function* changeOwners(
  call: Call<typeof ownerOptions>,
  files: readonly string[],
  owner: NewOwner,
  accounts: Accounts,
  what: 'ownership' | 'group',
): Routine<number> {
  const { p, out, options: given, gnu, error } = call
  const noFollow = given.has('noDereference')
  const recursive = given.has('recursive')
  let fine = true
  const change = function* (path: string, stat: Stat): Routine<void> {
    p.setattr(path, { ...owner }, { noFollow: noFollow || (recursive && stat.type === 'symlink') })
    const same = (owner.uid ?? stat.uid) === stat.uid && (owner.gid ?? stat.gid) === stat.gid
    if (!given.has('verbose') && (!given.has('changes') || same)) return
    const show = (uid: number, gid: number) => `${userName(accounts, uid) ?? uid}:${groupName(accounts, gid) ?? gid}`
    const uid = owner.uid ?? stat.uid
    const gid = owner.gid ?? stat.gid
    if (!gnu) yield* out.write(`changed ownership of '${path}' to ${uid}:${gid}\n`)
    else if (what === 'group') {
      const [before, after] = [groupName(accounts, stat.gid) ?? stat.gid, groupName(accounts, gid) ?? gid]
      yield* out.write(
        same ? `group of '${path}' retained as ${after}\n` : `changed group of '${path}' from ${before} to ${after}\n`,
      )
    } else {
      const after = owner.gid === undefined ? String(userName(accounts, uid) ?? uid) : show(uid, gid)
      const before =
        owner.gid === undefined ? String(userName(accounts, stat.uid) ?? stat.uid) : show(stat.uid, stat.gid)
      yield* out.write(
        same
          ? `ownership of '${path}' retained as ${after}\n`
          : `changed ownership of '${path}' from ${before} to ${after}\n`,
      )
    }
  }
  const say = function* (kind: 'access' | 'change' | 'read', path: string, reason: string): Routine<void> {
    if (given.has('quiet')) return
    if (!gnu) yield* error(kind === 'read' ? `can't open '${path}': ${reason}` : `${path}: ${reason}`)
    else if (kind === 'access') yield* error(`cannot access '${path}': ${reason}`)
    else if (kind === 'read') yield* error(`cannot read directory '${path}': ${reason}`)
    else yield* error(`changing ${what} of '${path}': ${reason}`)
  }
  const follow = !noFollow && (!recursive || given.has('followOperands') || given.has('followAll'))
  for (const path of files) {
    fine = (yield* changeTree(p, path, { recursive, links: true, follow }, change, say)) && fine
  }
  return fine ? 0 : 1
}

/** The owner of --reference. Throws Errno. */
export function ownerOf(call: Call<typeof ownerOptions>, path: string): Stat | string {
  try {
    return call.p.stat(path)
  } catch (error) {
    if (!isErrno(error)) throw error
    return error.message
  }
}
