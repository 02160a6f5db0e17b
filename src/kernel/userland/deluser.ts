/** deluser and delgroup (busybox and Debian). */
import { has, readLines, writeLines } from './lib/account-files.ts'
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { removeTree } from './lib/skeleton.ts'

export const options = {
  removeHome: '--remove-home  the home directory as well',
  system: 'gnu: --system  only system users',
  quiet: 'gnu: --quiet -q  no messages',
  group: 'gnu: --group  a group',
}

const cannot = (path: string, reason: string) => `${path}: ${reason}`

export const program = command('deluser', options, function* ({ p, options: given, args, gnu, out }) {
  if (p.cred.uid !== 0)
    throw new Failure(
      gnu ? 'Only root may remove a user or group from the system.' : 'permission denied (are you root?)',
    )
  const [name, group] = args
  if (name === undefined) throw gnu ? new Failure('Only one or two names allowed.') : new UsageError('')
  const loud = gnu && !given.has('quiet')
  const groups = yield* readLines(p, 'group')
  if (group !== undefined) {
    const line = groups.find(([one]) => one === group)
    if (!line) throw new Failure(gnu ? `The group \`${group}' does not exist.` : `unknown group ${group}`, gnu ? 3 : 1)
    const members = (line[3] ?? '').split(',')
    if (!members.includes(name))
      throw new Failure(
        gnu ? `The user \`${name}' is not a member of group \`${group}'.` : `can't find ${name} in /etc/group`,
        gnu ? 6 : 1,
      )
    if (loud) yield* out.write(`Removing user \`${name}' from group \`${group}' ...\n`)
    line[3] = members.filter(one => one !== name).join(',')
    yield* writeLines(p, 'group', groups, cannot)
    if (loud) yield* out.write('Done.\n')
    return 0
  }
  const users = yield* readLines(p, 'passwd')
  if (p.name === 'delgroup' || given.has('group')) {
    const line = groups.find(([one]) => one === name)
    if (!line) throw new Failure(gnu ? `The group \`${name}' does not exist.` : `unknown group ${name}`, gnu ? 3 : 1)
    const owner = users.find(fields => fields[3] === line[2])
    if (owner)
      throw new Failure(
        gnu
          ? `\`${owner[0]}' still has \`${name}' as their primary group!`
          : `'${owner[0]}' still has '${name}' as their primary group!`,
        gnu ? 7 : 1,
      )
    if (loud) yield* out.write(`Removing group \`${name}' ...\n`)
    yield* writeLines(
      p,
      'group',
      groups.filter(one => one !== line),
      cannot,
    )
    if (loud) yield* out.write('Done.\n')
    return 0
  }
  const user = users.find(([one]) => one === name)
  if (!user) throw new Failure(gnu ? `The user \`${name}' does not exist.` : `unknown user ${name}`, gnu ? 2 : 1)
  if (loud) yield* out.write(`Removing user \`${name}' ...\n`)
  yield* writeLines(
    p,
    'passwd',
    users.filter(one => one !== user),
    cannot,
  )
  if (has(p, 'shadow'))
    yield* writeLines(
      p,
      'shadow',
      (yield* readLines(p, 'shadow')).filter(([one]) => one !== name),
      cannot,
    )
  const own = groups.find(fields => fields[0] === name && fields[2] === user[3])
  const used = users.some(fields => fields !== user && fields[3] === own?.[2])
  for (const line of groups)
    line[3] = (line[3] ?? '')
      .split(',')
      .filter(one => one !== name)
      .join(',')
  if (own && loud && !used) yield* out.write(`Warning: group \`${name}' has no more members.\n`)
  yield* writeLines(p, 'group', own && !used ? groups.filter(line => line !== own) : groups, cannot)
  if (given.has('removeHome') && user[5] !== undefined) removeTree(p, user[5])
  if (loud) yield* out.write('Done.\n')
  return 0
})
