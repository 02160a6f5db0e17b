/** What chmod, chown and utimes may do and what comes with them (chmod(2), chown(2), utimensat(2)). */
import { CAP_CHOWN, CAP_FSETID, type Cred, hasCap } from './cred.ts'
import { Errno } from './errno.ts'
import type { Attributes, NodeInit, Stat } from './filesystem.ts'
import { inGroup, owns, permits, WRITE } from './permission.ts'

const SETUID = 0o4000
const SETGID = 0o2000

/** The attributes to set when `cred` asks for `wanted`. Throws EPERM, EACCES, EOPNOTSUPP. */
export function allowedAttributes(stat: Stat, wanted: Attributes, cred: Cred, now: number): Attributes {
  const result: Attributes = { ...wanted }
  if (wanted.uid !== undefined || wanted.gid !== undefined) {
    demandChown(stat, wanted, cred)
    if (stat.type === 'file') result.mode = withoutSetId(stat.mode)
  }
  if (wanted.mode !== undefined) {
    if (stat.type === 'symlink') throw new Errno('EOPNOTSUPP')
    if (!owns(stat, cred)) throw new Errno('EPERM')
    const gid = wanted.gid ?? stat.gid
    const keepsSetgid = stat.type === 'dir' || inGroup(cred, gid) || hasCap(cred, CAP_FSETID)
    result.mode = keepsSetgid ? wanted.mode : wanted.mode & ~SETGID
  }
  if (wanted.mtime !== undefined || wanted.atime !== undefined) demandTimes(stat, wanted, cred, now)
  return result
}

/** The mode that a file has after someone without CAP_FSETID wrote to it or it got another owner. */
export function withoutSetId(mode: number): number {
  const executableByGroup = (mode & 0o010) !== 0
  return mode & ~(SETUID | (executableByGroup ? SETGID : 0))
}

/** A new node's owner and mode in a directory: a set-group-ID directory passes its group on. */
export function initIn(dir: Stat, init: NodeInit): NodeInit {
  if ((dir.mode & SETGID) === 0) return init
  return { ...init, gid: dir.gid, mode: init.type === 'dir' ? init.mode | SETGID : init.mode }
}

function demandChown(stat: Stat, { uid, gid }: Attributes, cred: Cred): void {
  if (hasCap(cred, CAP_CHOWN)) return
  const owner = stat.uid === cred.uid
  const sameUser = uid === undefined || (owner && uid === stat.uid)
  const ownGroup = gid === undefined || (owner && (gid === stat.gid || inGroup(cred, gid)))
  if (!sameUser || !ownGroup) throw new Errno('EPERM')
}

function demandTimes(stat: Stat, { mtime, atime }: Attributes, cred: Cred, now: number): void {
  if (owns(stat, cred)) return
  const toNow = mtime === now && atime === now
  if (!toNow) throw new Errno('EPERM')
  if (!permits(stat, cred, WRITE)) throw new Errno('EACCES')
}
