/** groupadd, groupdel, groupmod and userdel (the passwd package of Debian, shadow-utils elsewhere). */
import { has, nextId, readLines, writeLines } from './lib/account-files.ts'
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { removeTree } from './lib/skeleton.ts'

export const options = {
  gid: '-g=GID --gid=GID  number',
  system: '-r --system --remove  a system group (userdel: remove the home directory)',
  force: '-f --force  succeed when the group is there',
  nonUnique: '-o --non-unique  the number may be taken',
  name: '-n=NAME --new-name=NAME  new name (groupmod)',
  key: '-K=KEY=VALUE --key=KEY=VALUE  accepted',
}

export const program = command(
  'groupadd',
  options,
  function* ({ p, options: given, args, error }) {
    const name = args[0]
    if (name === undefined) throw new UsageError('', 2)
    const failed = (path: string, reason: string) => `${reason}.\n${p.name}: cannot lock ${path}; try again later.`
    if (p.cred.uid !== 0) {
      yield* error('Permission denied.')
      throw new Failure(
        `cannot lock /etc/${p.name === 'userdel' ? 'passwd' : 'group'}; try again later.`,
        p.name === 'userdel' ? 1 : 10,
      )
    }
    const groups = yield* readLines(p, 'group')
    const users = yield* readLines(p, 'passwd')
    const line = groups.find(([one]) => one === name)
    if (p.name === 'userdel') {
      const user = users.find(([one]) => one === name)
      if (!user) throw new Failure(`user '${name}' does not exist`, 6)
      yield* writeLines(
        p,
        'passwd',
        users.filter(one => one !== user),
        failed,
      )
      const shared = users.some(fields => fields !== user && fields[3] === line?.[2])
      for (const group of groups)
        group[3] = (group[3] ?? '')
          .split(',')
          .filter(one => one !== name)
          .join(',')
      yield* writeLines(
        p,
        'group',
        line && !shared && line[3] === '' ? groups.filter(one => one !== line) : groups,
        failed,
      )
      if (has(p, 'shadow'))
        yield* writeLines(
          p,
          'shadow',
          (yield* readLines(p, 'shadow')).filter(([one]) => one !== name),
          failed,
        )
      if (given.has('system') && user[5] !== undefined) {
        try {
          removeTree(p, user[5])
        } catch {
          yield* error(`${name} home directory (${user[5]}) not found`)
        }
      }
      return 0
    }
    if (p.name === 'groupdel' || p.name === 'groupmod') {
      if (!line) throw new Failure(`group '${name}' does not exist`, 6)
      const owner = users.find(fields => fields[3] === line[2])
      if (p.name === 'groupdel' && owner) throw new Failure(`cannot remove the primary group of user '${owner[0]}'`, 8)
      if (p.name === 'groupmod') {
        line[0] = given.value('name') ?? name
        line[2] = given.value('gid') ?? line[2] ?? ''
      }
      yield* writeLines(p, 'group', p.name === 'groupdel' ? groups.filter(one => one !== line) : groups, failed)
      return 0
    }
    if (!/^[a-z_][a-z0-9_.-]*\$?$/.test(name)) throw new Failure(`'${name}' is not a valid group name`, 3)
    if (line) {
      if (given.has('force')) return 0
      throw new Failure(`group '${name}' already exists`, 9)
    }
    const asked = given.value('gid')
    if (asked !== undefined && !/^\d+$/.test(asked)) throw new Failure(`invalid group ID '${asked}'`, 3)
    if (asked !== undefined && !given.has('nonUnique') && groups.some(fields => fields[2] === asked))
      throw new Failure(`GID '${asked}' already exists`, 4)
    const taken = new Set(groups.map(fields => Number(fields[2])))
    const fromTop = Array.from({ length: 900 }, (_, i) => 999 - i).find(id => !taken.has(id))
    const gid = asked ?? String((given.has('system') ? fromTop : nextId(groups, 1000, 60_000)) ?? 1000)
    yield* writeLines(p, 'group', [...groups, [name, 'x', gid, '']], failed)
    if (has(p, 'gshadow'))
      yield* writeLines(p, 'gshadow', [...(yield* readLines(p, 'gshadow')), [name, '!', '', '']], failed)
    return 0
  },
  { errorStatus: 2 },
)
