/** useradd and usermod (the passwd package of Debian, shadow-utils elsewhere). */
import type { Routine } from '../program.ts'
import { has, nextId, readLines, today, writeLines } from './lib/account-files.ts'
import { type Call, command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { textOf } from './lib/interfaces.ts'
import { makeHome } from './lib/skeleton.ts'

export const options = {
  home: '-d=DIR --home-dir=DIR --home=DIR  home directory',
  base: '-b=DIR --base-dir=DIR  where home directories are',
  comment: '-c=TEXT --comment=TEXT  comment',
  makeHome: '-m --create-home --move-home  make (or move) the home directory',
  noMakeHome: '-M --no-create-home  do not make it',
  shell: '-s=SHELL --shell=SHELL  login shell',
  uid: '-u=UID --uid=UID  number',
  group: '-g=GROUP --gid=GROUP  primary group',
  groups: '-G=GROUPS --groups=GROUPS  further groups',
  append: '-a --append  add to the groups instead of setting them (usermod)',
  system: '-r --system  a system account',
  userGroup: '-U --user-group --unlock  a group of the same name (usermod: unlock the password)',
  noUserGroup: '-N --no-user-group  no such group',
  nonUnique: '-o --non-unique  the number may be taken',
  password: '-p=HASH --password=HASH  encrypted password',
  lock: '-L --lock  lock the password (usermod)',
  login: '-l=NAME --login=NAME  new name (usermod)',
  noLog: '--no-log-init  accepted',
  skeleton: '-k=DIR --skel=DIR  accepted',
  expire: '-e=DATE --expiredate=DATE  accepted',
  inactive: '-f=DAYS --inactive=DAYS  accepted',
  key: '-K=KEY=VALUE --key=KEY=VALUE  accepted',
}

export const program = command(
  'useradd',
  options,
  function* (call) {
    const { args } = call
    const name = args[0]
    if (name === undefined || args.length > 1) throw new UsageError('', 2)
    return call.p.name === 'usermod' ? yield* modify(call, name) : yield* add(call, name)
  },
  { errorStatus: 2 },
)

const locked = (path: string, reason: string) => `${reason}.\nuseradd: cannot lock ${path}; try again later.`

function* requireRoot(call: Call<typeof options>): Routine<void> {
  if (call.p.cred.uid === 0) return
  yield* call.error('Permission denied.')
  throw new Failure('cannot lock /etc/passwd; try again later.', 1)
}

function* add(call: Call<typeof options>, name: string): Routine<number> {
  const { p, options: given, error } = call
  if (!/^[a-z_][a-z0-9_.-]*\$?$/.test(name))
    throw new Failure(`invalid user name '${name}': use --badname to ignore`, 3)
  yield* requireRoot(call)
  const users = yield* readLines(p, 'passwd')
  const groups = yield* readLines(p, 'group')
  if (users.some(([one]) => one === name)) throw new Failure(`user '${name}' already exists`, 9)
  const uidText = given.value('uid')
  if (uidText !== undefined && !/^\d+$/.test(uidText)) throw new Failure(`invalid user ID '${uidText}'`, 3)
  if (uidText !== undefined && !given.has('nonUnique') && users.some(fields => fields[2] === uidText))
    throw new Failure(`UID ${uidText} is not unique`, 4)
  const system = given.has('system')
  // System numbers are given out from the top.
  const uid = uidText !== undefined ? Number(uidText) : system ? fromTop(users) : (nextId(users, 1000, 60_000) ?? 1000)
  let gid: number
  const groupText = given.value('group')
  if (groupText !== undefined) {
    const line = groups.find(fields => fields[0] === groupText || fields[2] === groupText)
    if (!line) throw new Failure(`group '${groupText}' does not exist`, 6)
    gid = Number(line[2])
  } else if (given.has('noUserGroup')) gid = 100
  else {
    if (groups.some(([one]) => one === name))
      throw new Failure(`group ${name} exists - if you want to add this user to that group, use -g.`, 9)
    gid = groups.some(fields => Number(fields[2]) === uid)
      ? system
        ? fromTop(groups)
        : (nextId(groups, 1000, 60_000) ?? uid)
      : uid
    groups.push([name, 'x', String(gid), ''])
  }
  join(groups, name, given.value('groups'))
  const home = given.value('home') ?? `${given.value('base') ?? '/home'}/${name}`
  const shell = given.value('shell') ?? /^SHELL=(.*)$/m.exec(yield* textOf(p, '/etc/default/useradd'))?.[1] ?? ''
  if (shell !== '' && !exists(call, shell)) yield* error(`Warning: missing or non-executable shell '${shell}'`)
  users.push([name, 'x', String(uid), String(gid), given.value('comment') ?? '', home, shell])
  yield* writeLines(p, 'passwd', users, locked)
  yield* writeLines(p, 'group', groups, locked)
  if (has(p, 'shadow')) {
    const age = system ? ['', '', ''] : ['0', '99999', '7']
    yield* writeLines(
      p,
      'shadow',
      [...(yield* readLines(p, 'shadow')), [name, given.value('password') ?? '!', today(p), ...age, '', '', '']],
      locked,
    )
  }
  if (has(p, 'gshadow') && groupText === undefined && !given.has('noUserGroup')) {
    yield* writeLines(p, 'gshadow', [...(yield* readLines(p, 'gshadow')), [name, '!', '', '']], locked)
  }
  if (given.has('makeHome') && !given.has('noMakeHome')) {
    if (!(yield* makeHome(p, home, uid, gid, 0o755))) {
      yield* error(`warning: the home directory ${home} already exists.`)
      yield* error('Not copying any file from skel directory into it.')
    }
  }
  return 0
}

function* modify(call: Call<typeof options>, name: string): Routine<number> {
  const { p, options: given } = call
  yield* requireRoot(call)
  const users = yield* readLines(p, 'passwd')
  const groups = yield* readLines(p, 'group')
  const user = users.find(([one]) => one === name)
  if (!user) throw new Failure(`user '${name}' does not exist`, 6)
  const group = given.value('group')
  if (group !== undefined) {
    const line = groups.find(fields => fields[0] === group || fields[2] === group)
    if (!line) throw new Failure(`group '${group}' does not exist`, 6)
    user[3] = line[2] ?? ''
  }
  user[2] = given.value('uid') ?? user[2] ?? ''
  user[4] = given.value('comment') ?? user[4] ?? ''
  user[5] = given.value('home') ?? user[5] ?? ''
  user[6] = given.value('shell') ?? user[6] ?? ''
  const login = given.value('login')
  if (given.has('groups')) {
    if (!given.has('append'))
      for (const line of groups)
        line[3] = (line[3] ?? '')
          .split(',')
          .filter(one => one !== name)
          .join(',')
    join(groups, name, given.value('groups'))
  }
  if (login !== undefined) {
    user[0] = login
    for (const line of groups)
      line[3] = (line[3] ?? '')
        .split(',')
        .map(one => (one === name ? login : one))
        .join(',')
  }
  yield* writeLines(p, 'passwd', users, locked)
  yield* writeLines(p, 'group', groups, locked)
  if (
    has(p, 'shadow') &&
    (given.has('password') || given.has('lock') || given.has('userGroup') || login !== undefined)
  ) {
    const shadow = yield* readLines(p, 'shadow')
    const line = shadow.find(([one]) => one === name)
    if (line) {
      line[0] = login ?? name
      line[1] = given.value('password') ?? line[1] ?? ''
      if (given.has('lock')) line[1] = `!${line[1].replace(/^!/, '')}`
      if (given.has('userGroup')) line[1] = line[1].replace(/^!/, '')
    }
    yield* writeLines(p, 'shadow', shadow, locked)
  }
  return 0
}

function fromTop(lines: readonly (readonly string[])[]): number {
  const taken = new Set(lines.map(fields => Number(fields[2])))
  for (let id = 999; id >= 100; id--) if (!taken.has(id)) return id
  return 100
}

function join(groups: string[][], user: string, list: string | undefined): void {
  for (const name of (list ?? '').split(',').filter(word => word !== '')) {
    const line = groups.find(fields => fields[0] === name || fields[2] === name)
    if (!line) throw new Failure(`group '${name}' does not exist`, 6)
    const members = (line[3] ?? '').split(',').filter(one => one !== '')
    if (!members.includes(user)) line[3] = [...members, user].join(',')
  }
}

function exists({ p }: Call<typeof options>, path: string): boolean {
  return p.access(path, { execute: true })
}
