/** Who a process runs as: `--user` against the container's own /etc/passwd and /etc/group (moby libcontainer/user). */
import { type EngineError, invalid } from '../errors.ts'

export interface ProcessUser {
  uid: number
  gid: number
  /** Supplementary groups. */
  groups: number[]
  home: string
}

interface PasswdRow {
  name: string
  uid: number
  gid: number
  home: string
}

interface GroupRow {
  name: string
  gid: number
  members: string[]
}

const largestId = 2 ** 31 - 1

/**
 * @param spec      '', 'name', 'uid', 'name:group', 'uid:gid', ':group'
 * @param groupAdd  further groups, by name or number
 * @throws EngineError in Docker's words for an unknown name or a number out of range
 */
export function resolveUser(
  spec: string,
  passwd: string,
  group: string,
  groupAdd: readonly string[] = [],
): ProcessUser {
  const users = parsePasswd(passwd)
  const groups = parseGroup(group)
  const colon = spec.indexOf(':')
  const [userPart, groupPart] = colon < 0 ? [spec, ''] : [spec.slice(0, colon), spec.slice(colon + 1)]
  const id = toId(userPart)
  const user =
    userPart === ''
      ? users.find(row => row.uid === 0)
      : (users.find(row => row.name === userPart) ?? users.find(row => row.uid === id))
  if (!user && userPart !== '' && id === undefined) throw missing('user', userPart, 'passwd')
  checkRange(id)
  const out: ProcessUser = { uid: user?.uid ?? id ?? 0, gid: user?.gid ?? 0, groups: [], home: user?.home || '/' }
  if (groupPart !== '') out.gid = groupId(groupPart, groups)
  else if (user) out.groups = groups.filter(row => row.members.includes(user.name)).map(row => row.gid)
  // Docker counts the first group among the others (CVE-2022-36109).
  if (!out.groups.includes(out.gid)) out.groups.unshift(out.gid)
  for (const name of groupAdd) {
    const extra = groupId(name, groups)
    if (!out.groups.includes(extra)) out.groups.push(extra)
  }
  return out
}

function groupId(name: string, groups: readonly GroupRow[]): number {
  const id = toId(name)
  const row = groups.find(candidate => candidate.name === name) ?? groups.find(candidate => candidate.gid === id)
  checkRange(id)
  if (row) return row.gid
  if (id === undefined) throw missing('group', name, 'group')
  return id
}

const missing = (what: string, name: string, file: string): EngineError =>
  invalid(`unable to find ${what} ${name}: no matching entries in ${file} file`)

const toId = (text: string): number | undefined => (/^-?\d+$/.test(text) ? Number(text) : undefined)

function checkRange(id: number | undefined): void {
  if (id !== undefined && (id < 0 || id > largestId)) throw invalid(`uids and gids must be in range 0-${largestId}`)
}

function parsePasswd(text: string): PasswdRow[] {
  return text.split('\n').flatMap(line => {
    const [name = '', , uid = '', gid = '', , home = ''] = line.split(':')
    return name === '' || !/^\d+$/.test(uid) ? [] : [{ name, uid: Number(uid), gid: Number(gid) || 0, home }]
  })
}

function parseGroup(text: string): GroupRow[] {
  return text.split('\n').flatMap(line => {
    const [name = '', , gid = '', members = ''] = line.split(':')
    return name === '' || !/^\d+$/.test(gid)
      ? []
      : [{ name, gid: Number(gid), members: members.split(',').filter(Boolean) }]
  })
}
